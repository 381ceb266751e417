"""The database probe against a real PostgreSQL, in every state an ops-service has met."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from probes import database
from probes.model import (
    ConnectionSeen,
    DatabaseSeen,
    EnvReference,
    Failure,
    FailureKind,
    IndexSeen,
    ProbeError,
    TableSeen,
)
from probes.profile import Profile
from probes.reach import open_reach
from sandbox.keeper import Keeper
from sandbox.postgres import Postgres, start_postgres
from tests.probes.cluster import beside
from tests.probes.seen import config, workload
from tests.waiting import LIMIT_S

pytestmark = [pytest.mark.needs_postgres, pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "s3cret-of-the-admin"

HAND_MADE_USERS = """
create table portal_users (
    id uuid primary key default gen_random_uuid(), created_at timestamptz, updated_at timestamptz,
    deleted_at timestamptz, email varchar(255) not null unique, name text not null, picture text,
    role varchar(20) not null default 'viewer', is_active boolean default true,
    last_login_at timestamptz, invited_by uuid);
"""
MIGRATED_USERS = """
create table portal_users (
    id uuid primary key default gen_random_uuid(), created_at timestamptz, updated_at timestamptz,
    deleted_at timestamptz, email text not null, name text not null, picture text,
    role varchar(20) not null default 'viewer', is_active boolean default true,
    last_login_at timestamptz, invited_by uuid);
create index idx_portal_users_deleted_at on portal_users (deleted_at);
"""
UNIQUE_EMAIL = "create unique index idx_portal_users_email on portal_users (email);"
LOGS_AND_CONFIGS = """
create table audit_logs (
    id uuid primary key default gen_random_uuid(), user_id uuid not null, user_email text not null,
    action varchar(20) not null, resource_type varchar(50) not null, resource_id text not null,
    details text, ip_address varchar(45), user_agent text, created_at timestamptz);
create index idx_audit_logs_user_id on audit_logs (user_id);
create index idx_audit_logs_created_at on audit_logs (created_at);
create table app_configs (
    id uuid primary key default gen_random_uuid(), created_at timestamptz, updated_at timestamptz,
    deleted_at timestamptz, key text not null, value text not null, description text,
    is_active boolean default true, updated_by uuid);
create index idx_app_configs_deleted_at on app_configs (deleted_at);
"""
UNIQUE_KEY = "create unique index idx_app_configs_key on app_configs (key);"
HEALTHY = MIGRATED_USERS + UNIQUE_EMAIL + LOGS_AND_CONFIGS + UNIQUE_KEY

DUPLICATE_EMAILS = """
insert into portal_users (email, name, deleted_at) values
    ('a@example.com', 'a', now()), ('a@example.com', 'a', null),
    ('b@example.com', 'b', null), ('b@example.com', 'b', null), ('c@example.com', 'c', null);
"""

Fill = Callable[[str], Awaitable[str]]


@asynccontextmanager
async def running(*, tls: bool = False) -> AsyncIterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="opsportal-test-"))
    try:
        keeper = await Keeper.start(folder)
        try:
            yield await start_postgres(folder, keeper, password=PASSWORD, tls=tls)
        finally:
            await keeper.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def postgres() -> AsyncIterator[Postgres]:
    async with running() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def fill(postgres: Postgres) -> AsyncIterator[Fill]:
    """Makes a database of its own with that SQL in it; gives its name."""
    async with AsyncExitStack() as stack:
        count = 0

        async def make(sql: str) -> str:
            nonlocal count
            count += 1
            name = f"state_{count}"
            await postgres.execute(f"create database {name}", database="postgres")
            stack.push_async_callback(
                postgres.execute, f"drop database {name} with (force)", database="postgres"
            )
            if sql:
                await postgres.execute(sql, database=name)
            return name

        yield make


def variables(server: Postgres, name: str = "ops_db", **changes: str) -> dict[str, str]:
    return {
        "DB_HOST": server.host,
        "DB_PORT": str(server.port),
        "DB_USER": server.user,
        "DB_PASSWORD": PASSWORD,
        "DB_NAME": name,
        "DB_SSLMODE": "disable",
        **changes,
    }


async def look(
    values: Mapping[str, str],
    timeout_s: float = 5.0,
    names: Mapping[str, str] | None = None,
) -> DatabaseSeen:
    """One look; `names` are hosts that are reached elsewhere, as through a tunnel."""
    profile = Profile()
    async with open_reach(profile) as reach:
        return await database.observe(
            beside(reach, {}, names), profile, config(values), workload(values), timeout_s=timeout_s
        )


def table(seen: DatabaseSeen, name: str) -> TableSeen:
    found = seen.table(name)
    assert found is not None, seen
    return found


async def test_a_migrated_database_is_seen_whole(postgres: Postgres, fill: Fill) -> None:
    seen = await look(variables(postgres, await fill(HEALTHY)))
    assert isinstance(seen.connection, ConnectionSeen)
    assert seen.connection.user == postgres.user
    assert seen.connection.tls == ""
    assert seen.connection.may_create
    assert isinstance(seen.tables, tuple)
    assert [one.name for one in seen.tables] == ["portal_users", "audit_logs", "app_configs"]
    users = table(seen, "portal_users")
    assert users.index("idx_portal_users_email") == IndexSeen(
        "idx_portal_users_email", ("email",), unique=True
    )
    assert [one.type for one in users.constraints] == ["p"]
    assert users.owned
    assert users.duplicates is None
    role = next(one for one in users.columns if one.name == "role")
    assert (role.type, role.not_null) == ("character varying(20)", True)
    assert table(seen, "app_configs").index("idx_app_configs_key") is not None


async def test_a_hand_made_table_shows_its_own_constraint(postgres: Postgres, fill: Fill) -> None:
    seen = await look(variables(postgres, await fill(HAND_MADE_USERS)))
    users = table(seen, "portal_users")
    named = users.constraint("portal_users_email_key")
    assert named is not None
    assert (named.type, named.columns) == ("u", ("email",))
    assert users.index("idx_portal_users_email") is None
    assert users.duplicates is None, "the constraint keeps duplicates out: nothing to count"
    assert seen.table("audit_logs") is None


async def test_the_renamed_constraint_is_seen(postgres: Postgres, fill: Fill) -> None:
    renamed = "alter index portal_users_email_key rename to uni_portal_users_email;"
    seen = await look(variables(postgres, await fill(HAND_MADE_USERS + renamed)))
    users = table(seen, "portal_users")
    assert users.constraint("uni_portal_users_email") is not None
    assert users.constraint("portal_users_email_key") is None


async def test_the_dropped_constraint_leaves_rows_to_count(postgres: Postgres, fill: Fill) -> None:
    dropped = "alter table portal_users drop constraint portal_users_email_key;"
    seen = await look(variables(postgres, await fill(HAND_MADE_USERS + dropped)))
    assert table(seen, "portal_users").duplicates == 0


async def test_hand_made_app_configs(postgres: Postgres, fill: Fill) -> None:
    made = HEALTHY.replace("key text not null,", "key text not null unique,")
    made = made.replace(UNIQUE_KEY, "")
    seen = await look(variables(postgres, await fill(made)))
    assert table(seen, "app_configs").constraint("app_configs_key_key") is not None


async def test_duplicates_count_soft_deleted_rows_too(postgres: Postgres, fill: Fill) -> None:
    seen = await look(variables(postgres, await fill(MIGRATED_USERS + DUPLICATE_EMAILS)))
    assert table(seen, "portal_users").duplicates == 2


async def test_a_partial_or_invalid_index_keeps_no_duplicates_out(
    postgres: Postgres, fill: Fill
) -> None:
    partial = (
        "create unique index odd on portal_users (lower(id::text), email) include (name);"
        "create unique index live_emails on portal_users (email) where deleted_at is null "
        "and email not like 'b%';"
    )
    seen = await look(variables(postgres, await fill(MIGRATED_USERS + partial + DUPLICATE_EMAILS)))
    users = table(seen, "portal_users")
    index = users.index("live_emails")
    assert index is not None
    assert index.partial
    odd = users.index("odd")
    assert odd is not None
    assert odd.columns == ("(expression)", "email")
    assert users.duplicates == 2


async def test_no_tables_and_no_right_to_make_them(postgres: Postgres, fill: Fill) -> None:
    name = await fill(
        "revoke create on schema public from public;"
        "drop role if exists guest; create role guest login password 'guest-password';"
    )
    seen = await look(variables(postgres, name, DB_USER="guest", DB_PASSWORD="guest-password"))
    assert isinstance(seen.connection, ConnectionSeen)
    assert (seen.connection.user, seen.connection.may_create) == ("guest", False)
    assert seen.tables == ()


async def test_the_tables_are_those_of_the_schema_that_the_migration_works_in(
    postgres: Postgres, fill: Fill
) -> None:
    """GORM asks for CURRENT_SCHEMA(): the first of the role's search_path, whatever that is."""
    name = await fill(
        "drop role if exists guest; create role guest login password 'guest-password';"
        "create schema ops authorization guest; alter role guest set search_path = ops, public;"
        "revoke create on schema public from public; create table portal_users (old int);"
        "set search_path = ops;" + MIGRATED_USERS + DUPLICATE_EMAILS + LOGS_AND_CONFIGS
    )
    await postgres.execute("grant select on all tables in schema ops to guest", database=name)
    seen = await look(variables(postgres, name, DB_USER="guest", DB_PASSWORD="guest-password"))
    gone = "drop schema ops cascade; drop owned by guest; drop role guest"
    await postgres.execute(gone, database=name)
    assert isinstance(seen.connection, ConnectionSeen)
    assert seen.connection.may_create
    assert isinstance(seen.tables, tuple)
    assert [one.name for one in seen.tables] == ["portal_users", "audit_logs", "app_configs"]
    assert "email" in [one.name for one in table(seen, "portal_users").columns]
    assert table(seen, "portal_users").duplicates == 2


async def test_a_table_of_somebody_else_is_read_but_not_counted(
    postgres: Postgres, fill: Fill
) -> None:
    name = await fill(
        MIGRATED_USERS + LOGS_AND_CONFIGS + "drop role if exists reader;"
        "create role reader login password 'reader-password';"
        "grant select on app_configs to reader;"
        "insert into app_configs (key, value) values ('k', '1'), ('k', '2');"
    )
    seen = await look(variables(postgres, name, DB_USER="reader", DB_PASSWORD="reader-password"))
    users = table(seen, "portal_users")
    assert (users.owned, users.owner) == (False, postgres.user)
    assert len(users.indexes) == 2
    assert isinstance(users.duplicates, Failure)
    assert (users.duplicates.kind, users.duplicates.code) == (FailureKind.FORBIDDEN, "42501")
    assert table(seen, "app_configs").duplicates == 1, "one denied count does not end the look"
    await postgres.execute("drop owned by reader", database=name)


async def test_a_locked_table_is_not_waited_for(postgres: Postgres, fill: Fill) -> None:
    name = await fill(MIGRATED_USERS + LOGS_AND_CONFIGS)
    holder = await asyncpg.connect(**postgres.dsn(name))
    try:
        await holder.execute("begin; lock table portal_users in access exclusive mode")
        async with asyncio.timeout(LIMIT_S):
            seen = await look(variables(postgres, name))
    finally:
        await holder.close()
    users = table(seen, "portal_users")
    assert isinstance(users.duplicates, Failure)
    assert (users.duplicates.kind, users.duplicates.code) == (FailureKind.TIMEOUT, "55P03")
    assert table(seen, "app_configs").duplicates == 0


async def test_nothing_is_left_behind(postgres: Postgres) -> None:
    await postgres.execute("create database visited", database="postgres")
    await look(variables(postgres, "visited"))
    # The server refuses this while a session of ours is still there.
    await postgres.execute("drop database visited", database="postgres")


@pytest.mark.parametrize(
    ("changes", "kind", "code", "told"),
    [
        ({"DB_PASSWORD": "wrong-pass"}, FailureKind.UNAUTHORIZED, "28P01", "authentication failed"),
        ({"DB_NAME": "nowhere"}, FailureKind.NOT_FOUND, "3D000", "does not exist"),
        ({"DB_USER": "nobody"}, FailureKind.UNAUTHORIZED, "28P01", "authentication failed"),
        ({"DB_SSLMODE": "require"}, FailureKind.TLS, "", "refused the TLS connection"),
        ({"DB_SSLMODE": "verify-full"}, FailureKind.TLS, "", "refused the TLS connection"),
        ({"DB_HOST": "db.no-such-host.invalid"}, FailureKind.DNS, "", ""),
        ({"DB_PASSWORD": ""}, FailureKind.UNAUTHORIZED, "28P01", "authentication failed"),
    ],
)
async def test_a_refused_login_says_why(
    postgres: Postgres, changes: dict[str, str], kind: FailureKind, code: str, told: str
) -> None:
    seen = await look(variables(postgres, **changes))
    failure = seen.connection
    assert isinstance(failure, Failure)
    assert (failure.kind, failure.code) == (kind, code)
    assert told in failure.sentence
    assert PASSWORD not in repr(seen)
    assert "wrong-pass" not in repr(seen)


async def test_an_address_with_a_terminal_sequence_in_it_is_shown_without(
    postgres: Postgres,
) -> None:
    seen = await look(variables(postgres, DB_USER="no\x1b]52;c;aGk=\x07body"))
    assert isinstance(seen.connection, Failure)
    assert (seen.dsn.user, seen.connection.sentence.isprintable()) == ("nobody", True)


@pytest.mark.parametrize("mode", ["prefer", "allow", "disable"])
async def test_plain_text_is_what_these_modes_end_with(postgres: Postgres, mode: str) -> None:
    seen = await look(variables(postgres, DB_SSLMODE=mode))
    assert isinstance(seen.connection, ConnectionSeen)
    assert seen.connection.tls == ""


async def test_no_free_connection(postgres: Postgres, fill: Fill) -> None:
    name = await fill(
        "drop role if exists single; create role single login password 'one' connection limit 0;"
    )
    seen = await look(variables(postgres, name, DB_USER="single", DB_PASSWORD="one"))
    assert isinstance(seen.connection, Failure)
    assert (seen.connection.kind, seen.connection.code) == (FailureKind.REFUSED, "53300")


async def test_no_right_to_connect(postgres: Postgres, fill: Fill) -> None:
    name = await fill("drop role if exists outsider; create role outsider login password 'out';")
    await postgres.execute(f"revoke connect on database {name} from public", database=name)
    seen = await look(variables(postgres, name, DB_USER="outsider", DB_PASSWORD="out"))
    assert isinstance(seen.connection, Failure)
    assert (seen.connection.kind, seen.connection.code) == (FailureKind.FORBIDDEN, "42501")


@pytest.mark.slow
async def test_a_server_that_wants_tls() -> None:
    async with running(tls=True) as server:
        plain = await look(variables(server))
        assert isinstance(plain.connection, Failure)
        assert (plain.connection.kind, plain.connection.code) == (FailureKind.TLS, "28000")
        for mode in ("require", "prefer", "allow"):
            seen = await look(variables(server, DB_SSLMODE=mode))
            assert isinstance(seen.connection, ConnectionSeen), (mode, seen)
            assert seen.connection.tls.startswith("TLSv1.")
        strict = await look(variables(server, DB_SSLMODE="verify-full"))
        assert isinstance(strict.connection, Failure)
        assert strict.connection.kind is FailureKind.TLS
        assert "certificate" in strict.connection.sentence
        missing = await look(variables(server, DB_SSLMODE="prefer", DB_NAME="nowhere"))
        assert isinstance(missing.connection, Failure)
        assert missing.connection.code == "3D000"


@pytest.mark.slow
async def test_a_certificate_is_held_against_the_servers_name_through_a_tunnel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = {"localhost": "127.0.0.1", "db.example.internal": "127.0.0.1"}
    async with running(tls=True) as server:
        authority = tmp_path / "ca.pem"
        authority.write_text(server.tls_ca or "")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        for host, mode, fits in (
            ("localhost", "verify-full", True),
            ("db.example.internal", "verify-full", False),
            ("db.example.internal", "verify-ca", True),
        ):
            values = variables(server, DB_HOST=host, DB_SSLMODE=mode)
            seen = await look(values, names=names)
            assert isinstance(seen.connection, ConnectionSeen) == fits, (host, mode, seen)


async def _answering(reply: bytes, *, close: bool) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(reply)
        await writer.drain()
        if not close:
            await reader.read()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


@pytest.mark.parametrize("mode", ["disable", "require", "prefer"])
@pytest.mark.parametrize(
    ("reply", "close", "kinds"),
    [
        (b"", False, {FailureKind.HUNG}),
        (b"", True, {FailureKind.RESET}),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            True,
            {FailureKind.MALFORMED, FailureKind.RESET, FailureKind.TLS},
        ),
    ],
)
async def test_what_is_no_postgres_is_told_in_time(
    mode: str, reply: bytes, close: bool, kinds: set[FailureKind]
) -> None:
    server = await _answering(reply, close=close)
    port = str(server.sockets[0].getsockname()[1])
    values = {
        "DB_HOST": "127.0.0.1",
        "DB_PORT": port,
        "DB_PASSWORD": PASSWORD,
        "DB_SSLMODE": mode,
    }
    async with server, asyncio.timeout(LIMIT_S):
        seen = await look(values, timeout_s=1.0)
    assert isinstance(seen.connection, Failure)
    assert seen.connection.kind in kinds, seen.connection
    assert seen.connection.sentence
    assert PASSWORD not in repr(seen)


async def test_a_closed_port_is_refused(postgres: Postgres) -> None:
    async with await _answering(b"", close=True) as server:
        port = str(server.sockets[0].getsockname()[1])
    seen = await look(variables(postgres, DB_PORT=port))
    assert isinstance(seen.connection, Failure)
    assert seen.connection.kind is FailureKind.REFUSED


async def test_an_address_that_is_hidden_is_not_guessed() -> None:
    hidden = Failure(FailureKind.FORBIDDEN, "may not get Secret wealist-shared-secret")
    references = (EnvReference("Secret", "wealist-shared-secret", False, hidden),)
    values = {"DB_NAME": "ops_db"}
    profile = Profile()
    async with open_reach(profile) as reach:
        with pytest.raises(ProbeError) as caught:
            await database.observe(
                reach, profile, config(values), workload(values, references), timeout_s=1.0
            )
    assert caught.value.failure.kind is FailureKind.UNAVAILABLE
    assert "wealist-shared-secret" in caught.value.failure.sentence

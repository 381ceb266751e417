"""The migration leaves what the real one left, in every state the database was found in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from sandbox.network import Network
from sandbox.opsservice.config import DatabaseConfig
from sandbox.opsservice.database import Database as Client
from sandbox.opsservice.migrate import migrate
from sandbox.opsservice.pgtext import DatabaseError
from tests.sandbox.opsservice.worlds import PASSWORD, Database

pytestmark = pytest.mark.needs_postgres

BY_HAND = """
CREATE TABLE portal_users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at timestamptz, updated_at timestamptz, deleted_at timestamptz,
  email varchar(255) NOT NULL UNIQUE, name text NOT NULL, picture text,
  role varchar(20) NOT NULL DEFAULT 'viewer', is_active boolean DEFAULT true,
  last_login_at timestamptz, invited_by uuid)"""
RENAME = "ALTER INDEX portal_users_email_key RENAME TO uni_portal_users_email"
NO_CONSTRAINT = (
    'ERROR: constraint "uni_portal_users_email" of relation "portal_users" does not exist'
    " (SQLSTATE 42704)"
)
ALL = ["app_configs", "audit_logs", "portal_users"]

TABLES = """
SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"""
INDEXES = "SELECT indexname, indexdef LIKE '%UNIQUE%' FROM pg_indexes WHERE schemaname = 'public'"
CONSTRAINTS = """
SELECT conname FROM pg_constraint
WHERE contype IN ('u', 'f') AND connamespace = 'public'::regnamespace"""
COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = '{}'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    config = DatabaseConfig(
        database.server.host,
        str(database.server.port),
        database.server.user,
        PASSWORD,
        database.name,
    )
    connected = await Client.connect(config.dsn(), Network())
    yield connected
    await connected.close()


async def tables(database: Database) -> list[str]:
    return [name for (name,) in await database.rows(TABLES)]


async def assert_healthy(database: Database) -> None:
    """The end state of facts: three tables, these indexes, no UNIQUE constraint, no FK."""
    assert await tables(database) == ALL
    assert dict(await database.rows(INDEXES)) == {
        "portal_users_pkey": True,
        "idx_portal_users_deleted_at": False,
        "idx_portal_users_email": True,
        "audit_logs_pkey": True,
        "idx_audit_logs_user_id": False,
        "idx_audit_logs_created_at": False,
        "app_configs_pkey": True,
        "idx_app_configs_deleted_at": False,
        "idx_app_configs_key": True,
    }
    assert await database.rows(CONSTRAINTS) == []


async def test_an_empty_database_gets_all_three_tables(database: Database, client: Client) -> None:
    await migrate(client)
    await assert_healthy(database)
    stamp = "timestamp with time zone"
    assert await database.rows(COLUMNS.format("portal_users")) == [
        ("id", "uuid", True, "gen_random_uuid()"),
        ("created_at", stamp, False, None),
        ("updated_at", stamp, False, None),
        ("deleted_at", stamp, False, None),
        ("email", "text", True, None),
        ("name", "text", True, None),
        ("picture", "text", False, None),
        ("role", "character varying(20)", True, "'viewer'::character varying"),
        ("is_active", "boolean", False, "true"),
        ("last_login_at", stamp, False, None),
        ("invited_by", "uuid", False, None),
    ]
    assert await database.rows(COLUMNS.format("audit_logs")) == [
        ("id", "uuid", True, "gen_random_uuid()"),
        ("user_id", "uuid", True, None),
        ("user_email", "text", True, None),
        ("action", "character varying(20)", True, None),
        ("resource_type", "character varying(50)", True, None),
        ("resource_id", "text", True, None),
        ("details", "text", False, None),
        ("ip_address", "character varying(45)", False, None),
        ("user_agent", "text", False, None),
        ("created_at", stamp, False, None),
    ]


async def test_the_second_run_changes_nothing(database: Database, client: Client) -> None:
    everything = "SELECT oid, relname, relfilenode, xmin FROM pg_class ORDER BY 1"
    await migrate(client)
    before = await database.rows(everything)
    await migrate(client)
    assert await database.rows(everything) == before


async def test_a_table_made_by_hand_stops_it_at_the_first_model(
    database: Database, client: Client
) -> None:
    await database.execute(BY_HAND)
    with pytest.raises(DatabaseError) as caught:
        await migrate(client)
    assert str(caught.value) == NO_CONSTRAINT
    assert await tables(database) == ["portal_users"]
    columns = {row[0]: row[1] for row in await database.rows(COLUMNS.format("portal_users"))}
    assert columns["email"] == "text"


@pytest.mark.parametrize(
    "repair",
    [
        RENAME,
        "ALTER TABLE portal_users DROP CONSTRAINT portal_users_email_key",
        f"CREATE UNIQUE INDEX idx_portal_users_email ON portal_users (email); {RENAME}",
    ],
)
async def test_each_repair_lets_the_next_run_pass(
    database: Database, client: Client, repair: str
) -> None:
    await database.execute(BY_HAND)
    with pytest.raises(DatabaseError):
        await migrate(client)
    await database.execute(repair)
    await migrate(client)
    await assert_healthy(database)


async def test_the_index_alone_does_not_help(database: Database, client: Client) -> None:
    await database.execute(BY_HAND)
    await database.execute("CREATE UNIQUE INDEX idx_portal_users_email ON portal_users (email)")
    with pytest.raises(DatabaseError, match="uni_portal_users_email"):
        await migrate(client)


async def test_renaming_twice_fails_like_a_person_sees_it(
    database: Database, client: Client
) -> None:
    await database.execute(BY_HAND)
    await database.execute(RENAME)
    await migrate(client)
    with pytest.raises(Exception, match='relation "portal_users_email_key" does not exist'):
        await database.execute(RENAME)


async def test_a_unique_index_is_no_constraint(database: Database, client: Client) -> None:
    await database.execute(BY_HAND.replace(" UNIQUE", ""))
    await database.execute("CREATE UNIQUE INDEX portal_users_email_key ON portal_users (email)")
    await migrate(client)
    assert await tables(database) == ALL


async def test_a_constraint_over_two_columns_makes_neither_unique(
    database: Database, client: Client
) -> None:
    await database.execute(BY_HAND.replace(" UNIQUE", ""))
    await database.execute("ALTER TABLE portal_users ADD UNIQUE (email, role)")
    await migrate(client)
    assert await tables(database) == ALL


async def test_app_configs_made_by_hand_leave_the_other_two_fine(
    database: Database, client: Client
) -> None:
    await database.execute("CREATE TABLE app_configs (key text NOT NULL UNIQUE, value text)")
    with pytest.raises(DatabaseError) as caught:
        await migrate(client)
    assert str(caught.value) == (
        'ERROR: constraint "uni_app_configs_key" of relation "app_configs" does not exist'
        " (SQLSTATE 42704)"
    )
    assert await tables(database) == ALL


async def test_duplicates_count_even_when_deleted(database: Database, client: Client) -> None:
    await database.execute(BY_HAND.replace(" UNIQUE", ""))
    await database.execute(
        "INSERT INTO portal_users (email, name, deleted_at)"
        " VALUES ('a@b.c', 'A', now()), ('a@b.c', 'A', NULL)"
    )
    with pytest.raises(DatabaseError) as caught:
        await migrate(client)
    assert str(caught.value) == (
        'ERROR: could not create unique index "idx_portal_users_email" (SQLSTATE 23505)'
    )
    assert await tables(database) == ["portal_users"]


async def test_a_role_without_create_is_told_so(database: Database, client: Client) -> None:
    await database.execute("CREATE ROLE limited LOGIN PASSWORD 'x'")
    limited = await Client.connect(
        f"host={database.server.host} port={database.server.port} user=limited password=x"
        f" dbname={database.name} sslmode=disable",
        Network(),
    )
    try:
        with pytest.raises(DatabaseError) as caught:
            await migrate(limited)
    finally:
        await limited.close()
        await database.execute("DROP ROLE limited")
    assert str(caught.value) == "ERROR: permission denied for schema public (SQLSTATE 42501)"


async def test_missing_columns_wrong_types_and_defaults_are_mended(
    database: Database, client: Client
) -> None:
    await database.execute(
        "CREATE TABLE portal_users (id uuid PRIMARY KEY, email text, name varchar NOT NULL,"
        " role varchar(50) NOT NULL DEFAULT 'guest', is_active boolean, created_at timestamptz"
        " DEFAULT now())"
    )
    await migrate(client)
    columns = {row[0]: row[1:] for row in await database.rows(COLUMNS.format("portal_users"))}
    assert columns["email"] == ("text", True, None)
    assert columns["name"] == ("text", True, None)
    assert columns["role"] == ("character varying(20)", True, "'viewer'::character varying")
    assert columns["is_active"] == ("boolean", False, "true")
    assert columns["created_at"] == ("timestamp with time zone", False, "now()")
    assert columns["invited_by"] == ("uuid", False, None)

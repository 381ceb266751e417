"""rename-constraint against a real PostgreSQL: what stands in the catalog, and what is said."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from probes.model import ProbeError
from remedies.database import reading
from remedies.history import how_to_find_out, open_ends, records
from remedies.model import (
    Outcome,
    OutcomeKind,
    Plan,
    Refusal,
    RefusedError,
    StepState,
)
from remedies.planning import new_id
from remedies.undo import chosen, undo_plan
from sandbox.network import Network
from sandbox.opsservice.database import Database
from sandbox.opsservice.migrate import migrate
from sandbox.postgres import DATABASE
from sandbox.scenario import FOLDER
from tests.remedies.argoworld import Fault
from tests.remedies.databench import PASSWORD, Bench, Databench, impatient, servers
from tests.remedies.killing import killed_at
from tests.remedies.relay import Relay
from tests.waiting import until

pytestmark = [pytest.mark.needs_postgres, pytest.mark.asyncio(loop_scope="module")]


def sql(name: str) -> str:
    return (FOLDER / "sql" / f"{name}.sql").read_text()


BY_HAND = sql("portal-users-by-hand")
REST = sql("migrated")
KEY_BY_HAND = REST.replace("key         text NOT NULL,", "key text NOT NULL UNIQUE,").replace(
    "CREATE UNIQUE INDEX idx_app_configs_key ON app_configs (key);", ""
)
THE_INDEX = "create unique index idx_portal_users_email on portal_users (email);"
MIGRATED_USERS = sql("portal-users-gorm")

BEFORE = "constraint portal_users_email_key"
AFTER = "constraint uni_portal_users_email, index idx_portal_users_email"
END = "index idx_app_configs_key, index idx_portal_users_email"

Make = Callable[..., Awaitable[Databench]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Bench]:
    async with servers() as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def make(bench: Bench, tmp_path: Path) -> AsyncIterator[Make]:
    """Makes a database with that SQL in it."""
    async with AsyncExitStack() as stack:

        async def made(text: str = BY_HAND, **settings: str) -> Databench:
            return await stack.enter_async_context(bench.database(text, tmp_path, **settings))

        yield made


async def refused(made: Databench, **options: str) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        await made.plan(**options)
    return error.value


def only(outcome: Outcome) -> str:
    (step,) = outcome.steps
    return f"{step.state.value}: {step.text}"


async def undone(made: Databench) -> Plan:
    found = chosen(records(made.journal.entries()))
    return undo_plan(found, new_id(), datetime.now(UTC))


# the plan


async def test_a_plan_makes_the_index_first_and_says_what_becomes_of_the_name(make: Make) -> None:
    made = await make()
    plan = await made.plan()
    (step,) = plan.steps
    assert step.title == (
        "Create unique index idx_portal_users_email, then rename portal_users_email_key to "
        "uni_portal_users_email, in one transaction"
    )
    assert "-unique constraint portal_users_email_key (email)" in step.diff
    assert "+unique index idx_portal_users_email (email)" in step.diff
    end, switch = plan.warnings
    assert "drops uni_portal_users_email again, and keeps idx_portal_users_email" in end
    assert "DB_AUTO_MIGRATE is `false`" in switch
    assert "enable-auto-migrate must follow" in switch
    assert await made.catalog() == BEFORE


async def test_where_the_next_start_migrates_the_plan_restarts(make: Make) -> None:
    plan = await (await make(DB_AUTO_MIGRATE="true")).plan()
    assert [one.id for one in plan.steps] == ["rename-portal_users", "restart", "await-rollout"]
    assert not any("enable-auto-migrate" in one for one in plan.warnings)
    assert [one.value for one in plan.checks] == ["db.constraints", "db.migration"]


@pytest.mark.parametrize("value", ["TRUE", "1", "yes"])
async def test_only_the_exact_word_is_worth_a_restart(make: Make, value: str) -> None:
    plan = await (await make(DB_AUTO_MIGRATE=value)).plan()
    assert [one.id for one in plan.steps] == ["rename-portal_users"]
    assert f"DB_AUTO_MIGRATE is `{value}`" in plan.warnings[1]


async def test_the_shell_commands_do_the_same_and_take_it_back(make: Make) -> None:
    made = await make()
    (step,) = (await made.plan()).steps
    await pasted(step.shell)
    assert await made.catalog() == AFTER
    await pasted(step.undo_words)
    assert await made.catalog() == BEFORE
    shown = await pasted(step.look)
    assert "portal_users_email_key" in shown


async def pasted(command: str) -> str:
    """What a shell prints; the password comes as psql takes it from a person's environment."""
    done = await asyncio.to_thread(
        subprocess.run,
        ["/bin/sh", "-c", command],
        env={"PGPASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# what refuses


async def test_duplicate_rows_are_listed_and_never_deleted(make: Make) -> None:
    made = await make(
        MIGRATED_USERS.replace("CREATE UNIQUE INDEX", "CREATE INDEX")
        + KEY_BY_HAND
        + "insert into portal_users (email, name, deleted_at) values "
        "('a@example.com', 'a', now()), ('a@example.com', 'a', null), "
        "(E'b\\x1b]52;c;aGk=\\x07@example.com', 'b', null),"
        "(E'b\\x1b]52;c;aGk=\\x07@example.com', 'b', null);"
        "drop index idx_portal_users_email;"
    )
    error = await refused(made)
    assert error.refusal is Refusal.GUARD
    told = str(error)
    assert "portal_users.email has a@example.com (rows " in told
    assert " (deleted)" in told
    assert "b@example.com" in told
    assert told.isprintable()
    assert "select * from public.portal_users where email in" in told
    connection = await made.connect()
    assert await connection.fetchval("select count(*) from portal_users") == 4
    await connection.close()


async def test_of_many_duplicates_twenty_are_listed(make: Make) -> None:
    made = await make(
        MIGRATED_USERS
        + KEY_BY_HAND
        + "drop index idx_portal_users_email; insert into portal_users (email, name) "
        "select 'u' || lpad(n::text, 2, '0'), 'u' from generate_series(1, 30) n, "
        "generate_series(1, 9)"
    )
    told = str(await refused(made))
    assert "u20 (rows" in told
    assert "u21" not in told
    assert ", and more: the migration" in told
    assert " and 4 more)" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MIGRATED_USERS + REST, "no unique constraint has a name that the migration does not know"),
        ("", "no unique constraint"),
        (
            BY_HAND + "alter index portal_users_email_key rename to uni_portal_users_email;",
            "uni_portal_users_email waits for the next start, which drops it (restart-workload)",
        ),
    ],
)
async def test_without_a_mismatch_there_is_nothing_to_do(make: Make, text: str, told: str) -> None:
    error = await refused(await make(text))
    assert error.refusal is Refusal.NOTHING_TO_DO
    assert told in str(error)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "alter table portal_users add constraint again unique (email);",
            "several unique constraints (portal_users_email_key, again)",
        ),
        (
            "create table tokens (owner varchar(255) references portal_users (email));",
            "tokens_owner_fkey refers to portal_users_email_key",
        ),
        (
            "create index idx_portal_users_email on portal_users (email);",
            "is none that keeps duplicates of email out",
        ),
        (
            "create unique index idx_portal_users_email on portal_users (email) "
            "where deleted_at is null;",
            "is none that keeps duplicates of email out",
        ),
    ],
)
async def test_what_a_rename_alone_would_not_mend_is_told(make: Make, text: str, told: str) -> None:
    error = await refused(await make(BY_HAND + text))
    assert error.refusal is Refusal.GUARD
    assert told in str(error)


async def test_an_order_that_is_none_is_refused(make: Make) -> None:
    assert "rename-only" in str(await refused(await make(), order="fast"))


async def test_read_only_is_refused_and_journaled(make: Make) -> None:
    made = await make()
    plan = await made.plan()
    with pytest.raises(RefusedError, match="read-only") as error:
        await made.apply(plan, lambda: "read-only: nothing was changed")
    assert error.value.refusal is Refusal.READ_ONLY
    assert [one.state for one in made.journal.entries()] == ["read-only"]
    assert await made.catalog() == BEFORE


async def test_who_does_not_own_the_table_is_told_so_before_anything_is_done(make: Make) -> None:
    made = await make(
        BY_HAND + "drop role if exists guest; create role guest login password 'guest-password';"
    )
    made.configure(DB_USER="guest", DB_PASSWORD="guest-password")
    plan = await made.plan()
    with pytest.raises(RefusedError) as error:
        await made.apply(plan)
    assert error.value.refusal is Refusal.DENIED
    assert "own table public.portal_users, create schema public" in str(error.value)
    assert await made.catalog() == BEFORE
    (step,) = plan.steps
    owner = made.postgres.user
    assert f"guest may not do this; by hand it is done as {owner}" in plan.warnings[0]
    await pasted(step.shell)
    assert await made.catalog() == AFTER
    await pasted(step.undo_words)
    assert await made.catalog() == BEFORE


async def test_by_hand_it_is_done_as_a_member_of_an_owner_that_cannot_log_in(make: Make) -> None:
    made = await make(
        BY_HAND + "drop role if exists guest; create role guest login password 'guest-password';"
        "drop role if exists owners; create role owners; alter table portal_users owner to owners;"
        "grant create on schema public to owners;"
        f"drop role if exists dba; create role dba login password '{PASSWORD}'; "
        "grant owners to dba;"
    )
    made.configure(DB_USER="guest", DB_PASSWORD="guest-password")
    (step,) = (await made.plan()).steps
    assert "user=dba" in step.shell
    await pasted(step.shell)
    assert await made.catalog() == AFTER
    await made.run("drop owned by owners; drop role owners; drop role dba")


@pytest.mark.parametrize("order", ["safer", "rename-only"])
async def test_a_member_of_the_owners_role_may_and_a_new_name_wants_the_schema_too(
    make: Make, order: str
) -> None:
    made = await make(
        BY_HAND + "drop role if exists guest; create role guest login password 'guest-password';"
        "drop role if exists owners; create role owners; grant owners to guest;"
        "alter table portal_users owner to owners;"
    )
    made.configure(DB_USER="guest", DB_PASSWORD="guest-password")
    with pytest.raises(RefusedError) as error:
        await made.apply(await made.plan(order=order))
    assert str(error.value) == "not permitted: create schema public"
    await made.run("grant create on schema public to owners")
    assert (await made.apply(await made.plan(order=order))).kind is OutcomeKind.VERIFIED
    await made.run("drop owned by owners; drop role owners")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "alter table portal_users drop constraint portal_users_email_key",
            "the constraint on portal_users(email) is another now",
        ),
        (
            "alter index portal_users_email_key rename to other_name",
            "/constraint is 'other_name', it was 'portal_users_email_key'",
        ),
        (
            "create index idx_portal_users_email on portal_users (name)",
            "/index is 'of another kind', it was absent",
        ),
    ],
)
async def test_a_plan_that_the_world_has_left_behind_is_refused(
    make: Make, change: str, told: str
) -> None:
    made = await make()
    plan = await made.plan()
    await made.run(change)
    left = await made.catalog()
    with pytest.raises(RefusedError) as error:
        await made.apply(plan)
    assert error.value.refusal is Refusal.STALE
    assert told in str(error.value)
    assert await made.catalog() == left


async def test_a_plan_is_for_the_database_it_was_made_for(make: Make) -> None:
    made = await make()
    plan = await made.plan()
    made.configure(DB_NAME="postgres")
    with pytest.raises(RefusedError, match="/postgres now, and the plan is for") as error:
        await made.apply(plan)
    assert error.value.refusal is Refusal.STALE


async def test_whoever_only_reads_is_held_to_it_by_the_server(make: Make) -> None:
    made = await make()
    async with reading(made.world()) as database:
        with pytest.raises(ProbeError, match="read-only transaction"):
            await database.row("insert into portal_users (email, name) values ('a', 'a')")


# what is done


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (BY_HAND, AFTER),
        (
            MIGRATED_USERS + KEY_BY_HAND,
            "constraint uni_app_configs_key, index idx_app_configs_key, "
            "index idx_portal_users_email",
        ),
        (
            BY_HAND + KEY_BY_HAND,
            "constraint uni_app_configs_key, constraint uni_portal_users_email, "
            "index idx_app_configs_key, index idx_portal_users_email",
        ),
        (BY_HAND + THE_INDEX, AFTER),
        (
            BY_HAND.replace(
                "email         varchar(255) NOT NULL UNIQUE",
                'email text not null constraint "By ""hand""" unique',
            ),
            AFTER,
        ),
    ],
    ids=["users", "configs", "both", "with-the-index-there", "with-an-odd-name"],
)
async def test_a_rename_is_verified_leads_the_migration_through_and_is_done_once(
    make: Make, text: str, left: str
) -> None:
    made = await make(text)
    outcome = await made.apply(await made.plan())
    assert outcome.kind is OutcomeKind.VERIFIED, outcome
    assert await made.catalog() == left
    assert (await refused(made)).refusal is Refusal.NOTHING_TO_DO
    await gorm(made)
    assert await made.catalog() == END
    await gorm(made)
    assert await made.catalog() == END
    assert PASSWORD not in made.written()


async def gorm(made: Databench) -> None:
    """ops-service's own migration."""
    server = made.postgres
    dsn = (
        f"host={server.host} port={server.port} user={server.user} password={PASSWORD} "
        f"dbname={DATABASE} sslmode=disable"
    )
    database = await Database.connect(dsn, Network())
    try:
        await migrate(database)
    finally:
        await database.close()


async def test_the_rename_alone_is_for_who_asks_for_it(make: Make) -> None:
    made = await make()
    plan = await made.plan(order="rename-only")
    assert "between the two nothing keeps duplicates out" in plan.warnings[0]
    assert (await made.apply(plan)).kind is OutcomeKind.VERIFIED
    assert await made.catalog() == "constraint uni_portal_users_email"


# a lock that somebody holds


async def test_a_lock_is_not_waited_for_past_its_limit_and_its_holder_is_named(make: Make) -> None:
    made = await make()
    plan = impatient(await made.plan(), lock_timeout_s=0.2)
    holder = await made.connect()
    await holder.execute("begin; insert into portal_users (email, name) values ('x', 'long work')")
    pid = await holder.fetchval("select pg_backend_pid()")
    loop = asyncio.get_running_loop()
    began = loop.time()
    outcome = await made.apply(plan)
    assert loop.time() - began < 3
    assert outcome.kind is OutcomeKind.FAILED
    assert "did not get its lock within 0.2 s, and nothing was changed" in only(outcome)
    assert f"pid {pid} (wealist_admin) holds it in a transaction of" in only(outcome)
    assert "idle in transaction: select pg_backend_pid()" in only(outcome)
    assert outcome.left_behind == "nothing was changed"
    await holder.execute("commit")
    await holder.close()
    assert (await made.apply(plan)).kind is OutcomeKind.VERIFIED


async def test_a_query_that_our_role_may_not_see_is_left_out(make: Make) -> None:
    made = await make(
        BY_HAND
        + "drop role if exists owner_only; create role owner_only login password 'owner-pw';"
        "alter table portal_users owner to owner_only; grant create on schema public to owner_only"
    )
    made.configure(DB_USER="owner_only", DB_PASSWORD="owner-pw")
    plan = impatient(await made.plan(), lock_timeout_s=0.2)
    holder = await made.connect()
    await holder.execute("begin; lock table portal_users in access exclusive mode")
    outcome = await made.apply(plan)
    await holder.close()
    assert "(wealist_admin) holds it" in only(outcome)
    assert "lock table portal_users in access" not in only(outcome)
    await made.run("alter table portal_users owner to wealist_admin; drop owned by owner_only")


async def test_a_lock_that_comes_between_look_and_lock_is_not_waited_for_either(
    make: Make,
) -> None:
    made = await make()
    holder = await made.connect()
    held = "begin; insert into portal_users (email, name) values ('x', 'x')"
    async with Relay.to(made.postgres) as relay:
        made.configure(DB_PORT=str(relay.port))
        plan = impatient(await made.plan(), lock_timeout_s=0.2)
        relay.at, relay.before = b"lock table", lambda: holder.execute(held)
        outcome = await made.apply(plan)
    pid = await holder.fetchval("select pg_backend_pid()")
    await holder.close()
    assert "did not get its lock within 0.2 s, and nothing was changed" in only(outcome)
    assert f"pid {pid} (wealist_admin) holds it" in only(outcome)
    assert await made.catalog() == BEFORE


async def test_what_comes_between_look_and_lock_is_seen_and_nothing_is_changed(make: Make) -> None:
    made = await make()
    other = await made.connect()
    quicker = "alter index portal_users_email_key rename to another_name"
    async with Relay.to(made.postgres) as relay:
        made.configure(DB_PORT=str(relay.port))
        plan = await made.plan()
        relay.at, relay.before = b"lock table", lambda: other.execute(quicker)
        outcome = await made.apply(plan)
    await other.close()
    assert "the constraint on portal_users(email) is another now" in only(outcome)
    assert outcome.left_behind == "nothing was changed"
    assert await made.catalog() == "constraint another_name"


# other databases than the usual one


async def test_a_partitioned_table_is_mended_like_any_other(make: Make) -> None:
    """What is unique in every partition is so by the column they are parted by."""
    made = await make(
        "create table portal_users (email varchar(255) not null, name varchar(255), "
        "constraint portal_users_email_key unique (email)) partition by hash (email);"
        "create table portal_users_0 partition of portal_users "
        "for values with (modulus 1, remainder 0);"
    )
    plan = await made.plan()
    assert (await made.apply(plan)).kind is OutcomeKind.VERIFIED
    assert AFTER in await made.catalog()
    assert (await made.apply(await undone(made))).kind is OutcomeKind.VERIFIED
    assert BEFORE in await made.catalog()


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        (True, "its migration works in schema ops, and this changes tables of public only"),
        (False, "no unique constraint has a name that the migration does not know"),
    ],
)
async def test_a_table_of_another_schema_than_the_migrations_is_left_alone(
    make: Make, ours: bool, told: str
) -> None:
    """The migration works in the first schema of its search_path; what `public` has is not its."""
    path = "set search_path = ops;" if ours else ""
    made = await make(
        "drop role if exists guest; create role guest login password 'guest-password';"
        "create schema ops authorization guest; alter role guest set search_path = ops, public;"
        f"{path}{BY_HAND} alter table portal_users owner to guest"
    )
    made.configure(DB_USER="guest", DB_PASSWORD="guest-password")
    try:
        error = await refused(made)
    finally:
        await made.run("drop schema ops cascade; drop owned by guest; drop role guest")
    assert told in str(error)


# failures in the middle


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("create table t (x int); create index uni_portal_users_email on t (x);", "42P07"),
        ("create table t (x int); create index idx_portal_users_email on t (x);", "42P07"),
    ],
)
async def test_a_statement_that_fails_leaves_nothing_of_those_before_it(
    make: Make, text: str, told: str
) -> None:
    made = await make(BY_HAND + text)
    outcome = await made.apply(await made.plan())
    assert (outcome.kind, outcome.left_behind) == (OutcomeKind.FAILED, "nothing was changed")
    assert told in only(outcome)
    assert await made.catalog() == BEFORE


@pytest.mark.parametrize(
    ("cut", "passes", "closes", "state", "left"),
    [
        (b"begin; set local lock_timeout", False, False, StepState.FAILED, BEFORE),
        (b"create unique index", False, False, StepState.FAILED, BEFORE),
        (b"alter index", True, False, StepState.FAILED, BEFORE),
        (b"commit", False, False, StepState.FAILED, BEFORE),
        (b"commit", True, False, StepState.DONE, AFTER),
        (b"commit", True, True, StepState.UNKNOWN, AFTER),
    ],
)
async def test_after_a_cut_line_the_catalog_decides(
    make: Make, cut: bytes, passes: bool, closes: bool, state: StepState, left: str
) -> None:
    made = await make()
    async with Relay.to(made.postgres) as relay:
        made.configure(DB_PORT=str(relay.port))
        plan = await made.plan()
        relay.cut, relay.passes, relay.closes = cut, passes, closes
        outcome = await made.apply(plan)
    assert [one.state for one in outcome.steps] == [state], outcome
    assert await made.catalog() == left
    if state is StepState.UNKNOWN:
        assert outcome.left_behind == (
            "unknown: whether step rename-portal_users was done; "
            "`opsportal-tui fix rename-constraint --plan --profile prod` tells"
        )


async def test_a_session_that_is_ended_by_the_server_leaves_nothing(make: Make) -> None:
    made = await make()
    plan = await made.plan()
    holder = await made.connect()
    await holder.execute("begin; lock table portal_users in share row exclusive mode")
    applying = asyncio.create_task(made.apply(plan))
    other = await made.connect()
    await seen(other, "wait_event_type = 'Lock'")
    ending = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'"
    await other.execute(ending)
    await other.close()
    outcome = await applying
    await holder.close()
    assert only(outcome).startswith("failed: ")
    assert await made.catalog() == BEFORE


async def test_whoever_interrupts_it_leaves_nothing_and_the_journal_says_so(make: Make) -> None:
    made = await make()
    plan = await made.plan()
    holder = await made.connect()
    await holder.execute("begin; lock table portal_users in share row exclusive mode")
    applying = asyncio.create_task(made.apply(plan))
    await until(lambda: any("lock table" in one.text for one in made.told))
    applying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await applying
    await holder.close()
    assert await made.catalog() == BEFORE
    (left,) = open_ends(records(made.journal.entries()))
    assert left.under_way == "rename-portal_users"


@pytest.mark.slow
async def test_killed_in_the_middle_it_leaves_nothing_and_the_next_start_names_the_step(
    make: Make,
) -> None:
    made = await make()
    plan = impatient(await made.plan(), lock_timeout_s=30)
    holder = await made.connect()
    await holder.execute("begin; lock table portal_users in share row exclusive mode")
    other, waiting = await made.connect(), Fault("", "", "hang")
    watching = asyncio.create_task(seen(other, "wait_event_type = 'Lock'", waiting.reached))
    await killed_at(made, plan, "rename-portal_users", waiting)
    await watching
    await holder.close()
    await seen(other, "application_name = 'opsportal-tui' having count(*) = 0")
    await other.close()
    assert await made.catalog() == BEFORE
    (end,) = open_ends(records(made.journal.entries()))
    assert (end.under_way, end.steps) == ("rename-portal_users", ())
    assert how_to_find_out(end)[0].startswith("psql 'host=")
    assert (await made.apply(await made.plan())).kind is OutcomeKind.VERIFIED


async def seen(connection: Any, condition: str, event: asyncio.Event | None = None) -> None:
    """Once the server's sessions are such; within a transaction they would stay as they were."""
    for _ in range(2000):
        if await connection.fetch(f"select 1 from pg_stat_activity where {condition}"):
            if event:
                event.set()
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"never {condition}")


# the way back


@pytest.mark.parametrize(
    "text",
    [BY_HAND, BY_HAND + "create unique index idx_portal_users_email on portal_users (email)"],
)
async def test_undo_puts_back_what_was_there(make: Make, text: str) -> None:
    made = await make(text)
    before = await made.catalog()
    await made.apply(await made.plan())
    back = await undone(made)
    waiting = "new writes" if "create unique index" in text else "reads and writes"
    assert f"; {waiting} of the table wait meanwhile, at most 3 s" in back.steps[0].risk_words
    assert "-unique constraint uni_portal_users_email (email)" in back.steps[0].diff
    outcome = await made.apply(back)
    assert outcome.kind is OutcomeKind.VERIFIED
    assert outcome.sentence.startswith("taken back; db.migration fails again, as before: ")
    assert await made.catalog() == before


async def test_once_the_migration_has_run_there_is_no_way_back(make: Make) -> None:
    made = await make()
    await made.apply(await made.plan())
    back = await undone(made)
    await gorm(made)
    with pytest.raises(RefusedError) as error:
        await made.apply(back)
    assert error.value.refusal is Refusal.STALE
    assert "migration has run meanwhile and dropped uni_portal_users_email" in str(error.value)
    assert await made.catalog() == END


async def test_the_limit_of_the_step_holds_whatever_the_server_allows(make: Make) -> None:
    made = await make()
    plan = await made.plan()
    plan = replace(plan, steps=(replace(plan.steps[0], limit_s=0.5),))
    holder = await made.connect()
    await holder.execute("begin; lock table portal_users in share row exclusive mode")
    outcome = await made.apply(plan)
    await holder.close()
    assert "no end within 0.5 s" in only(outcome)
    assert await made.catalog() == BEFORE

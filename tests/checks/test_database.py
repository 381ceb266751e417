"""Given the database in each of its states, then this is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.checks.schema import WANTED
from probes.model import (
    CheckId,
    ConnectionSeen,
    ConstraintSeen,
    FailureKind,
    Status,
)
from tests.checks import worlds as w
from tests.checks.judging import Causes, causes, result, settings


def off(value: str = "false") -> object:
    return w.workload(
        environment=w.environment(settings(DB_AUTO_MIGRATE=value)),
        startup=w.startup(migration="disabled"),
    )


def tables(*names: str) -> tuple[object, ...]:
    return tuple(w.table(name) for name in names)


CASES_DATABASE = [
    (off(), w.database(tables=()), {"db.migration-disabled"}),
    (off("TRUE"), w.database(tables=tables("portal_users")), {"db.migration-disabled"}),
    (off(), w.database(), set()),
    (w.workload(), w.database(tables=(w.hand_made_users(),)), {"db.constraint-mismatch"}),
    (w.workload(), w.database(tables=tables("portal_users")), {"db.schema-incomplete"}),
    (
        w.workload(),
        w.database(tables=(replace(w.table("portal_users"), indexes=(), duplicates=2),)),
        {"db.duplicate-rows"},
    ),
    (
        w.workload(),
        w.database(tables=(), connection=ConnectionSeen("17", "u", "ops_db", "", False)),
        {"db.permission-denied"},
    ),
    (w.workload(), w.database(connection=w.failure(FailureKind.UNAUTHORIZED)), {"db.auth-failed"}),
    (
        w.workload(),
        w.database(connection=w.failure(FailureKind.NOT_FOUND, code="3D000")),
        {"db.database-missing"},
    ),
    (w.workload(), w.database(connection=w.failure(FailureKind.TLS)), {"db.tls-mismatch"}),
]


@pytest.mark.parametrize(("workload", "seen", "expected"), CASES_DATABASE)
def test_database_causes(workload: object, seen: object, expected: Causes) -> None:
    assert causes(w.world(workload=workload, database=seen)) == expected


def test_a_database_that_only_we_cannot_reach_is_unknown() -> None:
    seen = w.database(connection=w.failure(FailureKind.TIMEOUT))
    snapshot = w.world(database=seen)
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.DB_CONNECTION).status is Status.UNKNOWN
    both = w.world(database=seen, portal=w.portal(health=w.reply(503)))
    assert "db.unreachable" in causes(both)


def test_the_renamed_constraint_waits_for_the_next_start() -> None:
    users = w.hand_made_users()
    renamed = replace(
        users, constraints=(ConstraintSeen("uni_portal_users_email", "u", ("email",)),)
    )
    snapshot = w.world(database=w.database(tables=(renamed,)))
    assert causes(snapshot) == {"db.schema-incomplete"}
    assert "renamed" in result(snapshot, CheckId.DB_MIGRATION).summary
    assert result(snapshot, CheckId.DB_CONSTRAINTS).status is Status.WARN


def test_a_hand_made_app_configs_is_a_mismatch_too() -> None:
    configs = replace(
        w.table("app_configs"), constraints=(ConstraintSeen("app_configs_key_key", "u", ("key",)),)
    )
    seen = w.database(tables=(w.table("portal_users"), w.table("audit_logs"), configs))
    assert causes(w.world(database=seen)) == {"db.constraint-mismatch"}


def test_every_wanted_index_belongs_to_its_table() -> None:
    for name, wanted in WANTED.items():
        assert all(index.startswith(f"idx_{name}_") for index in wanted.indexes)

"""The database panel: the connection, the tables against those wanted, the next migration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from probes.checks.schema import WANTED
from probes.model import (
    ConnectionSeen,
    ConstraintSeen,
    FailureKind,
    IndexSeen,
    Snapshot,
    Status,
    TableSeen,
)
from tests.checks import worlds as w
from tests.tui.dashboards import healthy, incident, unseen
from tests.widgets.panels import WIDTHS, lines, styles_of, text
from widgets.database_panel import DatabasePanel
from widgets.status import style_of

PANEL = DatabasePanel(3, WANTED)


def with_users(users: TableSeen) -> Snapshot:
    others = tuple(w.table(name) for name in ("audit_logs", "app_configs"))
    return w.world(database=w.database(tables=(users, *others)))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("world", [incident, healthy, unseen], ids=lambda world: world.__name__)
def test_it_is_readable_at_every_width(world: Callable[[], Snapshot], width: int) -> None:
    assert lines(PANEL, world(), width)


def test_the_connection_and_complete_tables() -> None:
    assert lines(PANEL, healthy()) == [
        "wealist_admin@db:5432/ops_db",
        "✓ pass  PostgreSQL 17.7, TLSv1.3",
        "portal_users  ✓ complete: 11 columns, 2 indexes",
        "audit_logs    ✓ complete: 10 columns, 2 indexes",
        "app_configs   ✓ complete: 9 columns, 2 indexes",
        "",
        "next migration  DB_AUTO_MIGRATE is `true`",
        "✓ pass  yes: names, rows and privileges are as the migration",
        "  expects",
        "→ change nothing",
        "",
        "✓ as expected  idx_portal_users_deleted_at,",
        "  idx_portal_users_email (unique), idx_audit_logs_user_id,",
        "  idx_audit_logs_created_at, idx_app_configs_deleted_at,",
        "  idx_app_configs_key (unique)",
    ]


def test_the_incident_names_what_is_there_instead() -> None:
    told = lines(PANEL, incident())
    assert told[2:7] == [
        "portal_users  ✗ 4 of 11 columns, 0 of 2 indexes",
        "  ✗ portal_users_email_key not idx_portal_users_email",
        "  ✗ missing  idx_portal_users_deleted_at",
        "audit_logs    ✗ missing",
        "app_configs   ✗ missing",
    ]
    assert styles_of(PANEL, incident(), "✗ portal_users_email_key") == [style_of(Status.FAIL)]


def test_the_next_migration_of_the_incident() -> None:
    told = text(PANEL, incident(), 96)
    assert (
        "next migration DB_AUTO_MIGRATE is `false` ✗ fail no: portal_users has "
        "portal_users_email_key where the migration drops uni_portal_users_email "
        "→ add 7 columns to portal_users → drop constraint uni_portal_users_email "
        "→ create index idx_portal_users_deleted_at → create unique index idx_portal_users_email "
        "→ create audit_logs, app_configs"
    ) in told
    assert "as expected" not in told


def test_where_it_is_narrow_the_shorter_words_are_used() -> None:
    assert "portal_users  ✗ 4/11 columns" in lines(PANEL, incident(), 30)
    assert "audit_logs    ✓ complete" in lines(PANEL, healthy(), 30)
    assert "DB_AUTO_MIGRATE is `false`" in lines(PANEL, incident(), 30)


def test_a_renamed_constraint_waits_for_the_next_migration() -> None:
    users = replace(
        w.table("portal_users"),
        constraints=(ConstraintSeen("uni_portal_users_email", "u", ("email",)),),
    )
    told = lines(PANEL, with_users(users))
    assert told[2:4] == [
        "portal_users  ! 11 columns, 2 indexes, not migrated yet",
        "  ! uni_portal_users_email is dropped next",
    ]
    assert "→ drop constraint uni_portal_users_email" in told


def test_an_index_alone_does_not_mend_the_name() -> None:
    users = replace(
        w.table("portal_users"),
        constraints=(ConstraintSeen("portal_users_email_key", "u", ("email",)),),
    )
    assert lines(PANEL, with_users(users))[2:4] == [
        "portal_users  ✗ 11 columns, 2 indexes, a name differs",
        "  ✗ portal_users_email_key not uni_portal_users_email",
    ]


def test_an_index_that_is_missing_and_one_that_is_right() -> None:
    users = replace(
        w.table("portal_users"),
        indexes=(IndexSeen("idx_portal_users_deleted_at", ("deleted_at",), unique=False),),
    )
    told = lines(PANEL, with_users(users))
    assert told[2:4] == [
        "portal_users  ✗ 11 columns, 1 of 2 indexes",
        "  ✗ missing  idx_portal_users_email",
    ]
    assert "✓ as expected idx_portal_users_deleted_at, idx_audit" in " ".join(
        " ".join(told).split()
    )


def test_no_tls_and_a_dsn_that_means_something_else_are_told() -> None:
    database = w.database(
        dsn=replace(w.database().dsn, quirk="DB_PASSWORD is empty"),
        connection=ConnectionSeen("15.2", "u", "d", tls="", may_create=True),
    )
    told = text(PANEL, w.world(database=database))
    assert "! warn DB_PASSWORD is empty ✓ pass PostgreSQL 15.2, no TLS" in told


@pytest.mark.parametrize("part", ["connection", "tables"])
def test_what_could_not_be_seen_says_why(part: str) -> None:
    failure = w.failure(FailureKind.REFUSED, "db:5432 refuses the connection")
    told = text(PANEL, w.world(database=w.database(**{part: failure})))
    assert "wealist_admin@db:5432/ops_db" in told
    assert "? unknown db:5432 refuses the connection" in told
    assert "missing" not in told, "what was not seen is not missing"

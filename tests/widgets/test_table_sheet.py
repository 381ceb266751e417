"""The table sheet: what is there against what the migration makes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.checks.schema import WANTED
from probes.model import ColumnSeen, ConstraintSeen, FailureKind, IndexSeen, TableSeen
from tests.checks import worlds
from tests.widgets.sheets import WIDTHS, lines, text
from widgets.table_sheet import table_rows

USERS = WANTED["portal_users"]
PRIMARY = IndexSeen("portal_users_pkey", ("id",), unique=True, primary=True)


def told(table: TableSeen | None) -> str:
    return text(table_rows(USERS, table))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("table", [worlds.table("portal_users"), worlds.hand_made_users(), None])
def test_it_is_readable_at_every_width(table: TableSeen | None, width: int) -> None:
    assert lines(table_rows(USERS, table), width)


def test_a_table_as_the_migration_leaves_it_passes_throughout() -> None:
    table = worlds.table("portal_users")
    found = told(replace(table, indexes=(*table.indexes, PRIMARY), duplicates=0))
    assert "✓ pass role character varying(20) not null" in found
    assert "(id) primary key" in found
    assert "duplicates ✓ pass none in email, deleted rows included" in found
    assert not {"✗", "!"} & set(found)


def test_each_kind_of_column_that_is_not_right() -> None:
    columns = [one for one in USERS.columns.values() if one.name not in ("email", "invited_by")]
    columns += [ColumnSeen("email", "character varying(255)", True), ColumnSeen("x", "text", False)]
    found = told(replace(worlds.table("portal_users"), columns=tuple(columns)))
    email = "! warn email character varying(255) not null the migration makes it text not null"
    assert email in found
    assert "! warn x text not the migration's" in found
    assert "✗ fail invited_by uuid missing" in found


def test_each_kind_of_index_that_is_not_right() -> None:
    indexes = (
        IndexSeen("idx_portal_users_email", ("email",), unique=True, valid=False, partial=True),
        IndexSeen("other", ("name",), unique=False),
    )
    found = told(replace(worlds.table("portal_users"), indexes=indexes))
    assert "! warn idx_portal_users_email (email) unique partial invalid" in found
    assert "! warn other (name) not the migration's" in found
    assert "✗ fail idx_portal_users_deleted_at missing" in found


def test_the_constraint_that_the_migration_does_not_know_by_name() -> None:
    fails = "✗ fail portal_users_email_key unique (email) the migration drops"
    assert f"{fails} uni_portal_users_email instead, and fails" in told(worlds.hand_made_users())
    renamed = ConstraintSeen("uni_portal_users_email", "u", ("email",))
    table = replace(worlds.hand_made_users(), constraints=(renamed,))
    assert "✓ pass uni_portal_users_email unique (email) the next migration drops it" in told(table)


def test_rights_and_duplicates() -> None:
    table = replace(worlds.table("portal_users"), owned=False, owner="postgres", duplicates=1)
    found = told(table)
    assert "owner postgres rights ! warn ops-service may not alter it" in found
    assert "duplicates ✗ fail 1 value occurs more than once in email" in found
    denied = worlds.failure(FailureKind.FORBIDDEN, "may not read portal_users")
    assert "duplicates ? unknown may not read portal_users" in told(
        replace(table, duplicates=denied)
    )


def test_a_table_that_is_not_there_says_what_is_to_come() -> None:
    found = told(None)
    assert found.startswith("✗ fail the table is not there; the migration makes it")
    assert "✗ fail email text not null missing" in found
    assert "✗ fail idx_portal_users_email unique missing" in found
    assert "owner" not in found

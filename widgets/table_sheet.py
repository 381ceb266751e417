"""Table sheet: columns, indexes and constraints against those that the migration makes. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from probes.model import (
    ColumnSeen,
    ConstraintSeen,
    Failure,
    IndexSeen,
    Status,
    TableSeen,
    TableWanted,
)
from widgets.listing import heading
from widgets.pieces import MUTED, Fact, Row, Words, padded, plain, widest
from widgets.status import WIDTH, status_piece, told

_KINDS = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check", "n": "not null"}
_HANG = 2 + WIDTH + 1
_FOREIGN = "not the migration's"


def table_rows(wanted: TableWanted, table: TableSeen | None) -> Iterator[Row]:
    """The rows of one table."""
    if table is None:
        yield Words(told(Status.FAIL, "the table is not there; the migration makes it"))
        table = TableSeen(wanted.name, "", owned=False)
    else:
        yield from _facts(wanted, table)
    yield from _columns(wanted, table)
    yield from _indexes(wanted, table)
    yield from _constraints(wanted, table)


def _facts(wanted: TableWanted, table: TableSeen) -> Iterator[Row]:
    yield Fact("owner", plain(table.owner))
    may = (Status.PASS, "ops-service may alter it")
    may_not = (Status.WARN, "ops-service may not alter it: its role does not own it")
    yield Fact("rights", told(*(may if table.owned else may_not)))
    if table.duplicates is not None:
        yield Fact("duplicates", told(*_duplicates(table.duplicates, wanted.unique or "")))


def _duplicates(found: int | Failure, column: str) -> tuple[Status, str]:
    if isinstance(found, Failure):
        return Status.UNKNOWN, found.sentence
    if found:
        values = "1 value occurs" if found == 1 else f"{found} values occur"
        told_of = f"{values} more than once in {column}, deleted rows included"
        return Status.FAIL, f"{told_of}: no unique index can be made"
    return Status.PASS, f"none in {column}, deleted rows included"


def _columns(wanted: TableWanted, table: TableSeen) -> Iterator[Row]:
    yield from heading("columns")
    width = widest((*wanted.columns, *(one.name for one in table.columns)))
    for one in table.columns:
        status, note = _standing(one, wanted.columns.get(one.name))
        yield _row(status, padded(one.name, width), _typed(one), note)
    for name in wanted.absent_columns(table):
        yield _row(Status.FAIL, padded(name, width), _typed(wanted.columns[name]), "missing")


def _standing(one: ColumnSeen, wanted: ColumnSeen | None) -> tuple[Status, str]:
    if wanted is None:
        return Status.WARN, _FOREIGN
    if one == wanted:
        return Status.PASS, ""
    return Status.WARN, f"the migration makes it {_typed(wanted)}"


def _typed(one: ColumnSeen) -> str:
    return f"{one.type}{' not null' if one.not_null else ''}"


def _indexes(wanted: TableWanted, table: TableSeen) -> Iterator[Row]:
    yield from heading("indexes")
    width = widest((*wanted.indexes, *(one.name for one in table.indexes)))
    for one in table.indexes:
        ours = one.name in wanted.indexes or one.primary
        note = "" if ours else _FOREIGN
        if not one.valid:
            note = "invalid: its making was broken off; drop it"
        told_of = f"({', '.join(one.columns)}){_properties(one)}"
        status = Status.WARN if note else Status.PASS
        yield _row(status, padded(one.name, width), told_of, note)
    for name in wanted.absent_indexes(table):
        kind = "unique" if name == wanted.unique_index else ""
        yield _row(Status.FAIL, padded(name, width), kind, "missing")


def _properties(one: IndexSeen) -> str:
    found = {
        " primary key": one.primary,
        " unique": one.unique and not one.primary,
        " partial": one.partial,
    }
    return "".join(word for word, holds in found.items() if holds)


def _constraints(wanted: TableWanted, table: TableSeen) -> Iterator[Row]:
    yield from heading("constraints")
    foreign = wanted.foreign_constraint(table)
    width = widest(one.name for one in table.constraints)
    for one in table.constraints:
        status, note = _weighed(one, wanted, foreign)
        kind = f"{_KINDS.get(one.type, one.type)} ({', '.join(one.columns)})"
        yield _row(status, padded(one.name, width), kind, note)
    if not table.constraints:
        yield Words(plain("  none", MUTED))


def _weighed(
    one: ConstraintSeen, wanted: TableWanted, foreign: ConstraintSeen | None
) -> tuple[Status, str]:
    if one == foreign:
        return Status.FAIL, f"the migration drops {wanted.dropped_constraint} instead, and fails"
    if one.name == wanted.dropped_constraint:
        return Status.PASS, "the next migration drops it"
    return Status.PASS, ""


def _row(status: Status, name: str, told_of: str, note: str) -> Row:
    pieces = [("  ", ""), status_piece(status, WIDTH + 1), (f"{name}  ", ""), (told_of, MUTED)]
    if note:
        pieces.append((f"  {note}" if told_of else note, ""))
    return Words(tuple(pieces), _HANG)

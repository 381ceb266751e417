"""Table sheet: columns, indexes and constraints against those that the migration makes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from probes.model import Failure, IndexSeen, Status, TableSeen, TableWanted
from widgets.pieces import MUTED, STRONG, Blank, Fact, Row, Words, padded, plain, widest
from widgets.status import style_of, told

_KINDS = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check", "n": "not null"}


def table_rows(wanted: TableWanted, table: TableSeen | None) -> Iterator[Row]:
    """The rows of one table."""
    if table is None:
        yield Words(told(Status.FAIL, "the table is not there; the migration makes it"))
        yield from _absent("column", wanted.columns)
        yield from _absent("index", wanted.indexes)
        return
    rights = told(Status.PASS, "may alter it") if table.owned else told(Status.WARN, "may not")
    yield Fact("owner", plain(table.owner))
    yield Fact("ops-service", rights)
    if table.duplicates is not None:
        yield Fact("duplicates", told(*_duplicates(table.duplicates)))
    yield from _columns(wanted, table)
    yield from _indexes(wanted, table)
    yield from _constraints(wanted, table)


def _title(text: str) -> Iterator[Row]:
    yield Blank()
    yield Words(plain(text, STRONG))


def _duplicates(found: int | Failure) -> tuple[Status, str]:
    if isinstance(found, Failure):
        return Status.UNKNOWN, found.sentence
    if found:
        return Status.FAIL, f"{found} values occur more than once: a unique index cannot be made"
    return Status.PASS, "none"


def _columns(wanted: TableWanted, table: TableSeen) -> Iterator[Row]:
    yield from _title("columns")
    width = widest(one.name for one in table.columns)
    for one in table.columns:
        extra = one.name not in wanted.columns
        yield Words(
            (
                (f"  {padded(one.name, width)}  ", ""),
                (one.type, MUTED),
                ("  not null" if one.not_null else "", MUTED),
                ("  not the migration's" if extra else "", style_of(Status.WARN)),
            ),
            4,
        )
    yield from _absent("column", wanted.absent_columns(table))


def _indexes(wanted: TableWanted, table: TableSeen) -> Iterator[Row]:
    yield from _title("indexes")
    width = widest(one.name for one in table.indexes)
    for one in table.indexes:
        expected = one.name in wanted.indexes or one.primary
        status = Status.PASS if expected and one.valid else Status.WARN
        yield Words(
            (
                (f"  {status.symbol} ", style_of(status)),
                (f"{padded(one.name, width)}  ", ""),
                (f"({', '.join(one.columns)}){_properties(one)}", MUTED),
                ("" if expected else "  not the migration's", style_of(status)),
            ),
            4,
        )
    yield from _absent("index", wanted.absent_indexes(table))


def _properties(one: IndexSeen) -> str:
    told_ones = {
        " primary": one.primary,
        " unique": one.unique and not one.primary,
        " partial": one.partial,
        " invalid": not one.valid,
    }
    return "".join(word for word, holds in told_ones.items() if holds)


def _constraints(wanted: TableWanted, table: TableSeen) -> Iterator[Row]:
    yield from _title("constraints")
    foreign = wanted.foreign_constraint(table)
    for one in table.constraints:
        kind = _KINDS.get(one.type, one.type)
        wrong = foreign is not None and one.name == foreign.name
        status = Status.FAIL if wrong else Status.PASS
        note = f"  the migration drops {wanted.dropped_constraint}, and fails" if wrong else ""
        yield Words(
            (
                (f"  {status.symbol} ", style_of(status)),
                (f"{one.name}  ", ""),
                (f"{kind} ({', '.join(one.columns)})", MUTED),
                (note, style_of(status)),
            ),
            4,
        )
    if not table.constraints:
        yield Words(plain("  none", MUTED))


def _absent(what: str, names: Iterable[str]) -> Iterator[Row]:
    for name in names:
        yield Words(((f"  ✗ {what} {name} is missing", style_of(Status.FAIL)),), 4)

"""Schema: tables as they are against tables as the migration leaves them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from probes.model import DatabaseSeen, Status, TableSeen, TableWanted
from widgets.pieces import MUTED, Fitted, Line, Row, Words, padded, widest
from widgets.status import style_of

Wanted = Sequence[TableWanted]


def table_rows(wanted: Wanted, seen: DatabaseSeen) -> Iterator[Row]:
    """A line for each table, and under it each name that is not as the migration wants it."""
    width = widest(one.name for one in wanted)
    for one in wanted:
        table = seen.table(one.name)
        status, forms = (Status.FAIL, ("missing",)) if table is None else _state(one, table)
        name = f"{padded(one.name, width)}  "
        yield Fitted(tuple(_line(name, status, form) for form in forms))
        if table is not None:
            yield from _names(one, table)


def _line(name: str, status: Status, text: str) -> Line:
    return ((name, ""), (f"{status.symbol} {text}", style_of(status)))


def _state(wanted: TableWanted, table: TableSeen) -> tuple[Status, tuple[str, ...]]:
    """Of a table that is there; the words in several forms, the fullest first."""
    columns = (len(wanted.columns) - len(wanted.absent_columns(table)), len(wanted.columns))
    indexes = (len(wanted.indexes) - len(wanted.absent_indexes(table)), len(wanted.indexes))
    full = f"{_part(*columns, 'of')} columns, {_part(*indexes, 'of')} indexes"
    if columns[0] < columns[1]:
        return Status.FAIL, (full, f"{_part(*columns, '/')} columns")
    if indexes[0] < indexes[1]:
        return Status.FAIL, (full, f"{_part(*indexes, '/')} indexes")
    if wanted.foreign_constraint(table):
        return Status.FAIL, (f"{full}, a name differs", "a name differs")
    if table.constraint(wanted.dropped_constraint):
        return Status.WARN, (f"{full}, not migrated yet", "not migrated yet")
    return Status.PASS, (f"complete: {full}", "complete")


def _part(there: int, all_of_them: int, of: str) -> str:
    if there == all_of_them:
        return str(there)
    return f"{there}/{all_of_them}" if of == "/" else f"{there} {of} {all_of_them}"


def _names(wanted: TableWanted, table: TableSeen) -> Iterator[Row]:
    """What is there under another name, what is not there at all, what is to go."""
    absent = wanted.absent_indexes(table)
    foreign = wanted.foreign_constraint(table)
    if foreign:
        replaced = wanted.unique_index in absent
        absent = tuple(one for one in absent if one != wanted.unique_index)
        other = wanted.unique_index if replaced else wanted.dropped_constraint
        yield _noted(Status.FAIL, foreign.name, f" not {other}")
    if absent:
        yield _noted(Status.FAIL, "missing", f"  {', '.join(absent)}")
    if table.constraint(wanted.dropped_constraint):
        yield _noted(Status.WARN, wanted.dropped_constraint, " is dropped next")


def _noted(status: Status, what: str, more: str) -> Row:
    return Words((("  ", ""), (f"{status.symbol} {what}", style_of(status)), (more, "")), indent=4)


def steps(wanted: Wanted, seen: DatabaseSeen) -> list[str]:
    """What a migration would do to this schema, in its order, were nothing in its way."""
    tables = {one.name: seen.table(one.name) for one in wanted}
    found = [step for one in wanted if (table := tables[one.name]) for step in _steps(one, table)]
    absent = [name for name, table in tables.items() if table is None]
    if absent:
        found.append(f"create {', '.join(absent)}")
    return found or ["change nothing"]


def _steps(wanted: TableWanted, table: TableSeen) -> Iterator[str]:
    columns = len(wanted.absent_columns(table))
    if columns:
        yield f"add {columns} column{'s' if columns > 1 else ''} to {wanted.name}"
    if wanted.foreign_constraint(table) or table.constraint(wanted.dropped_constraint):
        yield f"drop constraint {wanted.dropped_constraint}"
    for index in wanted.absent_indexes(table):
        unique = "unique " if index == wanted.unique_index else ""
        yield f"create {unique}index {index}"


def names_rows(wanted: Wanted, seen: DatabaseSeen) -> Iterator[Row]:
    """The names that are as the migration wants them."""
    names = [
        f"{index} (unique)" if index == one.unique_index else index
        for one in wanted
        if (table := seen.table(one.name)) is not None
        for index in one.indexes
        if table.index(index) is not None
    ]
    if names:
        good = (f"{Status.PASS.symbol} as expected", style_of(Status.PASS))
        yield Words((good, (f"  {', '.join(names)}", MUTED)), indent=2)

"""Duplicate rows: which values stand more than once in a column that is to be unique.

They are listed and never deleted: which of two people's rows stays is nobody's guess.
"""

from __future__ import annotations

from probes.checks.schema import WANTED
from probes.model import DatabaseSeen, TableSeen, TableWanted
from probes.text import safe_text
from remedies.database import Reading, Row

MOST = 20
"""Values that are listed."""

_MOST_ROWS = 5
"""Rows that are named of each value."""

_LISTING = """
select {column}::text as value, count(*) as rows,
       (array_agg({row} order by 1))[1:{most_rows}] as places
  from public.{table} where {column} is not null
 group by {column} having count(*) > 1 order by {column} limit {most}
"""

_WHOLE = (
    "select * from public.{table} where {column} in (select {column} from public.{table} "
    "group by {column} having count(*) > 1) order by {column}"
)


async def listed(database: Reading, seen: DatabaseSeen) -> tuple[str, ...]:
    """Each table with duplicates, in words with its values. Raises ProbeError."""
    told = []
    for name, wanted in WANTED.items():
        table = seen.table(name)
        if table and table.duplicates and wanted.unique:
            rows = await database.rows(_listing(table, wanted))
            told.append(_told(wanted, rows))
    return tuple(told)


def to_see_them(wanted: TableWanted) -> str:
    """The statement that shows the rows whole."""
    return _WHOLE.format(column=wanted.unique, table=wanted.name)


def _listing(table: TableSeen, wanted: TableWanted) -> str:
    """A row is named by its id where it has one, and marked where it is soft-deleted."""
    columns = {one.name for one in table.columns}
    row = "id::text" if "id" in columns else "ctid::text"
    if "deleted_at" in columns:
        row += " || case when deleted_at is null then '' else ' (deleted)' end"
    return _LISTING.format(
        column=wanted.unique, table=wanted.name, row=row, most_rows=_MOST_ROWS, most=MOST + 1
    )


def _told(wanted: TableWanted, rows: list[Row]) -> str:
    shown = ", ".join(_value(row) for row in rows[:MOST])
    more = ", and more" if len(rows) > MOST else ""
    return f"{wanted.name}.{wanted.unique} has {shown}{more}"


def _value(row: Row) -> str:
    places = ", ".join(safe_text(str(one), 80) for one in row["places"])
    more = f" and {row['rows'] - _MOST_ROWS} more" if row["rows"] > _MOST_ROWS else ""
    return f"{safe_text(str(row['value']), 100)} (rows {places}{more})"

"""Drill-down of one table: its columns, indexes and constraints; it follows the sweeps."""

from __future__ import annotations

from collections.abc import Sequence

from probes.checks.schema import WANTED
from probes.model import DatabaseSeen, Failure, seen_in
from tui.feed import Reading
from tui.screens.sheet import SheetScreen
from widgets.panel import not_seen, of_failure
from widgets.pieces import Row
from widgets.table_sheet import table_rows


class TableDetailScreen(SheetScreen):
    """One table whole."""

    HELP = "One table: what it has, against what the migration makes."

    def __init__(self, name: str) -> None:
        super().__init__()
        self._table = name

    @property
    def heading(self) -> str:
        """The table's name."""
        return f"table {self._table}"

    def rows_of(self, reading: Reading) -> Sequence[Row]:
        """The table of the newest sweep, or why it could not be seen."""
        observation = reading.snapshot.database
        seen = seen_in(observation)
        if not isinstance(seen, DatabaseSeen):
            return not_seen(observation)
        for part in (seen.connection, seen.tables):
            if isinstance(part, Failure):
                return of_failure(part)
        return tuple(table_rows(WANTED[self._table], seen.table(self._table)))

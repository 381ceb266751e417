"""Log layout: which line of the window each log line stands on, wrapped or not. Pure.

Where lines wrap, how many lines a row takes is known exactly around what one looks at, and guessed
elsewhere: to measure ten thousand Korean lines takes seconds, and each new width asks for it anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from rich.cells import cell_len
from textual.content import Content

from widgets.kept import Kept
from widgets.log_rows import LogRows
from widgets.log_text import ALL, Columns, plain_text


class LogLayout:
    """Where rows stand: each on one line, or on as many as it wraps to."""

    def __init__(self) -> None:
        self._rows = 0
        self._tops: list[int] | None = None
        self._width, self._columns = 0, ALL
        self._counted: dict[int, int] = {}
        """How many lines a row takes, by the number of its log line, where that was measured."""

    @property
    def height(self) -> int:
        """Lines that all rows take."""
        return self._rows if self._tops is None else self._tops[-1]

    def measure(self, rows: LogRows, width: int, columns: Columns, *, wraps: bool) -> None:
        """Lay the rows out to that width."""
        self._rows = len(rows)
        if not wraps:
            self._tops = None
            return
        self._forget(rows.book.first, width, columns)
        self._tops = self._added_up(rows)

    def sharpen(self, rows: LogRows, place: int, page: int) -> bool:
        """Measure the row there, those of a page before it, and of two from there on.

        Whether anything had not been measured before: then rows stand elsewhere now.
        """
        known = len(self._counted)
        if self._tops is None or not self._rows:
            return False
        for step, lines in ((1, 2 * page), (-1, page)):
            at = place
            while lines > 0 and 0 <= at < self._rows:
                lines -= self._lines_of(rows[at])
                at += step
        if len(self._counted) == known:
            return False
        self._tops = self._added_up(rows)
        return True

    def row_at(self, top: int) -> tuple[int, int]:
        """The row on that line, and which of the row's lines it is."""
        if self._tops is None:
            return top, 0
        place = max(0, min(bisect_right(self._tops, top), self._rows) - 1)
        return place, top - self._tops[place]

    def rows_at(self, top: int, count: int) -> list[tuple[int, int]]:
        """The same for so many lines from there on, as far as there are any."""
        return [self.row_at(line) for line in range(top, min(top + count, self.height))]

    def top_of(self, place: int) -> int:
        """The first line of that row."""
        return place if self._tops is None else self._tops[min(place, self._rows)]

    def _forget(self, first: int, width: int, columns: Columns) -> None:
        """Counts of lines that are gone, or that were made for another layout."""
        if (width, columns) != (self._width, self._columns):
            self._width, self._columns = width, columns
            self._counted.clear()
        for gone in [number for number in self._counted if number < first]:
            del self._counted[gone]

    def _added_up(self, rows: LogRows) -> list[int]:
        return [0, *accumulate(self._heights(rows))]

    def _heights(self, rows: LogRows) -> Iterator[int]:
        for kept in rows:
            yield self._counted.get(kept.number) or len(kept.line.raw) // self._width + 1

    def _lines_of(self, kept: Kept) -> int:
        if kept.number not in self._counted:
            breaks = _breaks(plain_text(kept, self._columns), self._width)
            self._counted[kept.number] = len(breaks) + 1
        return self._counted[kept.number]


def part_of(text: Content, part: int, width: int) -> Content:
    """One of the lines that a text wraps to."""
    breaks = _breaks(text.plain, width)
    return text.divide(breaks)[part] if part <= len(breaks) else Content("")


@lru_cache(maxsize=100)  # each line of a wrapped row asks for it when it is drawn
def _breaks(text: str, width: int) -> list[int]:
    """Where the text breaks into pieces of at most that many cells."""
    if text.isascii():
        return list(range(width, len(text), width))
    breaks: list[int] = []
    used = 0
    for offset, sign in enumerate(text):
        cells = cell_len(sign)
        if used + cells > width:
            breaks.append(offset)
            used = 0
        used += cells
    return breaks

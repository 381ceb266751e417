"""Log rows: which lines a view shows, kept up with the logbook at the least work. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from widgets.log_filter import LogFilter
from widgets.logbook import Kept, Logbook


class LogRows:
    """The lines of a logbook that pass a filter, with `context` neighbours on either side.

    While it is `held` the view stands still; `waiting` counts what came meanwhile.
    """

    def __init__(self, book: Logbook, chosen: LogFilter | None = None) -> None:
        self.book = book
        self.filter = chosen or LogFilter()
        self.context = 0
        self._rows: deque[Kept] = deque()
        self._until = 0
        self._held_at: int | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> Kept:
        return self._rows[place]

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._rows)

    @property
    def held(self) -> bool:
        """Whether the view stands still."""
        return self._held_at is not None

    @property
    def waiting(self) -> int:
        """Lines that came since the view stands still."""
        return 0 if self._held_at is None else self.book.end - self._held_at

    @property
    def holds_back(self) -> bool:
        """Whether so many wait that one more batch would push out what is looked at."""
        return self.waiting >= self.book.cap // 2

    def hold(self, held: bool) -> None:
        """Stand still, or go on."""
        self._held_at = self.book.end if held else None

    def choose(self, chosen: LogFilter, context: int) -> None:
        """Show others."""
        self.filter, self.context = chosen, context
        self._rows.clear()
        self._until = 0
        self.catch_up()

    def catch_up(self) -> None:
        """Take what is new, let go what is no longer kept."""
        if self.context:
            self._anew()
            return
        end = self._end
        for kept in self.book.since(self._until):
            if kept.number >= end:
                break
            if self.filter.shows(kept):
                self._rows.append(kept)
        self._until = max(self._until, end)
        while self._rows and self._rows[0].number < self.book.first:
            self._rows.popleft()

    @property
    def _end(self) -> int:
        return self.book.end if self._held_at is None else self._held_at

    def _anew(self) -> None:
        """All of it: a line to come may be a neighbour of one that is hidden."""
        lines = [one for one in self.book if one.number < self._end]
        near: set[int] = set()
        for place, kept in enumerate(lines):
            if self.filter.shows(kept):
                near.update(range(place - self.context, place + self.context + 1))
        self._rows = deque(kept for place, kept in enumerate(lines) if place in near)

    def place_of(self, number: int) -> int:
        """The row of that line, or of the next one after it."""
        low, high = 0, len(self._rows)
        while low < high:
            middle = (low + high) // 2
            if self._rows[middle].number < number:
                low = middle + 1
            else:
                high = middle
        return min(low, max(len(self._rows) - 1, 0))

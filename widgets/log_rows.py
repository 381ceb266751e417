"""Log rows: which lines a view shows, kept up with the logbook at the least work. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from widgets.kept import Kept
from widgets.log_filter import LogFilter
from widgets.logbook import Logbook


class LogRows:
    """The lines of a logbook that pass a filter, with `context` neighbours on either side.

    While it is `held` the view stands still, and what comes waits behind it.
    """

    def __init__(self, book: Logbook, chosen: LogFilter | None = None) -> None:
        self.book = book
        self.filter = chosen or LogFilter()
        self.context = 0
        self._rows: deque[Kept] = deque()
        self._newer: deque[Kept] = deque()
        """Those that wait: they pass, and came since the view stands still."""

        self._before: deque[Kept] = deque(maxlen=0)
        """The neighbours of a hit that may come next."""

        self._after = 0
        """How many neighbours of the last hit are still to come."""

        self._until = 0
        self.held = False
        """Whether the view stands still."""

        self._last: Kept | None = None
        """The newest line that had come when it began to stand still."""

        self._target, self._edition = book.target, book.edition

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> Kept:
        return self._rows[place]

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._rows)

    @property
    def waiting(self) -> int:
        """Lines that pass the filter and came since the view stands still."""
        return len(self._newer)

    def waits(self, number: int) -> bool:
        """Whether the line of that number came since the view stands still."""
        return self.held and (self._last is None or number > self._last.number)

    def hold(self, held: bool) -> None:
        """Stand still, or go on with what has come meanwhile."""
        if held == self.held:
            return
        self.held = held
        self._last = self.book.at(self._until - 1) if held else None
        self._rows.extend(self._newer)
        self._newer.clear()

    def choose(self, chosen: LogFilter, context: int) -> None:
        """Show others."""
        self.filter, self.context = chosen, context
        self._rows.clear()
        self._newer.clear()
        self._before = deque(maxlen=context)
        self._after = self._until = 0
        self.catch_up()

    def catch_up(self) -> None:
        """Take what is new, let go what is no longer kept."""
        if self._target != self.book.target:
            self._target = self.book.target
            self.hold(False)
        if self._edition != self.book.edition:
            self._edition = self.book.edition
            self.choose(self.filter, self.context)
            return
        for kept in self.book.since(self._until):
            for one in self._passing(kept):
                (self._newer if self.waits(one.number) else self._rows).append(one)
        self._until = self.book.end
        for rows in (self._rows, self._newer):
            while rows and rows[0].number < self.book.first:
                rows.popleft()

    def _passing(self, kept: Kept) -> tuple[Kept, ...]:
        """What is to be shown now that this line has come: itself, and neighbours before it."""
        if not self.filter.concerns(kept):
            return ()
        if self.filter.finds(kept):
            found = (*self._before, kept)
            self._before.clear()
            self._after = self.context
            return found
        if self._after:
            self._after -= 1
            return (kept,)
        self._before.append(kept)
        return ()

    def shows(self, number: int) -> bool:
        """Whether the line of that number is among them."""
        return bool(self._rows) and self._rows[self.place_of(number)].number == number

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

"""Logbook: the log lines that are kept, oldest first, up to a cap. Pure.

A line keeps its number for as long as it is kept, so that a bookmark or a cursor stays with it
while older lines give way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from probes.model import Failure, LogLine, LogsSeen, PodLog

CAP = 10_000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """A line with its number. `starts`: its container began with it; `previous`: and has ended."""

    number: int
    line: LogLine
    starts: bool = False
    previous: bool = False


class Logbook:
    """A ring of lines. `first` is the number of the oldest line kept, `end` that of the next."""

    def __init__(self, cap: int = CAP) -> None:
        self._lines: deque[Kept] = deque(maxlen=cap)
        self._pods: set[str] = set()
        self.cap = cap
        self.end = 0
        self.begun = False
        self.target = 0
        """Counts the targets: what one keeps of the lines of another is worth nothing."""
        self.held_back = False
        """Whether the pods' streams wait, since somebody reads what would give way."""
        self.marks: set[int] = set()
        """Numbers of the lines with a bookmark."""
        self.gaps: Mapping[str, Failure] = {}
        """Pods of which no lines come now, and why."""

    @property
    def first(self) -> int:
        """The number of the oldest line that is kept."""
        return self.end - len(self._lines)

    def first_after(self, count: int) -> int:
        """The number of the oldest line that is kept once so many more have come."""
        return max(self.first, self.end + count - self.cap)

    @property
    def pods(self) -> tuple[str, ...]:
        """The pods that have logged, by name."""
        return tuple(sorted(self._pods))

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._lines)

    def clear(self) -> None:
        """Keep nothing; numbers go on, so that no old one means another line."""
        self._lines.clear()
        self._pods.clear()
        self.marks.clear()
        self.gaps = {}
        self.begun = self.held_back = False
        self.target += 1

    def begin(self, seen: LogsSeen) -> None:
        """Take what a first sweep has read: ended containers, starts and tails, by time.

        Where lines are kept from before the way to the target was lost, only newer ones.
        """
        self.begun = True
        known = {kept.line.pod: _time_of(kept.line) for kept in self._lines}
        read = [entry for log in seen.pods for entry in _entries(log)]
        for line, starts, previous in sorted(read, key=lambda one: _time_of(one[0])):
            if line.pod not in known or _time_of(line) > known[line.pod]:
                self._keep(line, starts, previous)

    def extend(self, lines: Iterable[LogLine]) -> None:
        """Take new lines; the first one of a pod that was not known is its start."""
        for line in lines:
            self._keep(line, line.pod not in self._pods, previous=False)

    def since(self, number: int) -> Iterator[Kept]:
        """The lines from that number on."""
        missing = max(0, number - self.first)
        for place in range(missing, len(self._lines)):
            yield self._lines[place]

    def at(self, number: int) -> Kept | None:
        """The line of that number, while it is kept."""
        place = number - self.first
        return self._lines[place] if 0 <= place < len(self._lines) else None

    def _keep(self, line: LogLine, starts: bool, previous: bool) -> None:
        self._pods.add(line.pod)
        self._lines.append(Kept(self.end, line, starts, previous))
        self.end += 1


def _time_of(line: LogLine) -> datetime:
    return line.time or _LONG_AGO


def _entries(log: PodLog) -> Iterator[tuple[LogLine, bool, bool]]:
    """The lines of one container's log: whether each begins it, and whether it has ended."""
    head = () if isinstance(log.head, Failure) else log.head
    tail = () if isinstance(log.tail, Failure) else log.tail
    for place, line in enumerate((*head, *tail)):
        yield line, place == 0 and log.head_is_start and not log.previous, log.previous

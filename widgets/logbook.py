"""Logbook: the log lines that are kept, oldest first, up to a cap. Pure.

A line keeps its number for as long as it is kept, so that a bookmark or a cursor stays with it
while older lines give way. Only where a sweep has read what the tail did not bring are all lines
numbered anew: then it is another `edition`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from probes.model import Failure, LogLine, LogsSeen, PodLog
from widgets.kept import Kept
from widgets.log_merging import begun, end_runs, is_readable, missing, time_of

CAP = 10_000

Part = tuple[str, int, bool]
"""The log of a pod's run, by its number of restarts, or (True) that of the run before it."""


class Logbook:
    """A ring of lines. `first` is the number of the oldest line kept, `end` that of the next."""

    def __init__(self, cap: int = CAP) -> None:
        self._lines: deque[Kept] = deque(maxlen=cap)
        self._pods: Counter[str] = Counter()
        """How many lines of each pod are kept."""
        self.heard: set[str] = set()
        """The pods that have logged: columns must not move when the last line of one gives way."""
        self._taken: set[Part] = set()
        self._begun: dict[str, datetime] = {}
        """Since when a container runs that has restarted, by its pod's name."""
        self._ended: dict[tuple[str, int], str] = {}
        """How runs ended, by pod and number of restarts: seen while their containers waited."""
        self._repeated: dict[str, set[tuple[datetime | None, str]]] = {}
        """What sweeps have read ahead of the tail, by pod; the tail may bring it still."""
        self.cap = cap
        self.end = 0
        self.begun = False
        self.followed = False
        """Whether there is a way by which lines come."""
        self.target = 0
        """Counts the targets: what one keeps of the lines of another is worth nothing."""
        self.edition = 0
        """Counts how often the lines were numbered anew."""
        self.restarts = 0
        """Counts the restarts that were seen while lines came."""
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
        """The pods whose lines are kept, by name."""
        return tuple(sorted(+self._pods))

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._lines)

    def clear(self) -> None:
        """Keep nothing; numbers go on, so that no old one means another line."""
        self._lines.clear()
        self._pods.clear()
        self.heard.clear()
        self._taken.clear()
        self._begun.clear()
        self._ended.clear()
        self._repeated.clear()
        self.marks.clear()
        self.gaps = {}
        self.begun = self.followed = self.held_back = False
        self.target += 1

    def begin(self, seen: LogsSeen) -> None:
        """A way is open: take what its first sweep has read, ended containers included.

        Where lines are kept from before the way to the target was lost, only newer ones.
        """
        self.begun = self.followed = True
        self._remember_ends(seen)
        self._take(_by_pod(seen), tails=True)

    def fill_in(self, seen: LogsSeen) -> bool:
        """Take what a later sweep has read that the tail does not bring; whether it was anything.

        That is how containers began, and the last words of those that have ended meanwhile.
        """
        pods = _by_pod(seen)
        self._repeated = {pod: lines for pod, lines in self._repeated.items() if pod in pods}
        self._remember_ends(seen)
        news = {pod: logs for pod, logs in pods.items() if _parts(logs) - self._taken}
        return bool(news) and self._take(news, tails=False)

    def extend(self, lines: Iterable[LogLine]) -> None:
        """Take new lines."""
        for line in lines:
            repeated = self._repeated.get(line.pod)
            if not repeated or (line.time, line.raw) not in repeated:
                since = self._begun.get(line.pod)
                previous = since is not None and time_of(line) < since
                self._keep(Kept(self.end, line, previous=previous))

    def _keep(self, kept: Kept) -> None:
        pod = kept.line.pod
        self._pods[pod] += 1
        self.heard.add(pod)
        if len(self._lines) == self.cap:
            self._pods[self._lines[0].line.pod] -= 1
        self._lines.append(kept)
        self.end += 1

    def _take(self, pods: Mapping[str, list[PodLog]], *, tails: bool) -> bool:
        kept: dict[str, list[Kept]] = {pod: [] for pod in pods}
        for one in self._lines:
            if one.line.pod in kept:
                kept[one.line.pod].append(one)
        found: list[Kept] = []
        ended = False
        for pod, logs in pods.items():
            since = begun(logs)
            if since:
                self._begun[pod] = since
            ended |= end_runs(kept[pod], since)
            run = logs[0].run
            before = run.before or self._ended.get((pod, run.restarts - 1), "")
            new = missing(kept[pod], logs, tails=tails, before=before)
            if not tails:
                self._repeated[pod] = {(one.line.time, one.line.raw) for one in new}
            found += new
            self._taken |= _parts(logs)
        self.restarts += ended
        if found or ended:
            self._number_anew(found)
        return bool(found or ended)

    def _remember_ends(self, seen: LogsSeen) -> None:
        self._ended = {
            (log.pod, restarts): how
            for log in seen.pods
            for restarts, how in (
                (log.run.restarts - 1, self._ended.get((log.pod, log.run.restarts - 1), "")),
                (log.run.restarts, log.run.ended),
            )
        }

    def _number_anew(self, found: Iterable[Kept]) -> None:
        """All lines in the order of time, the newest of them kept."""
        marked = [one for one in self._lines if one.number in self.marks]
        lines = sorted((*self._lines, *found), key=lambda one: (time_of(one.line), not one.rule))
        for one in lines[-self.cap :]:
            one.number = self.end
            self.end += 1
        self._lines = deque(lines, maxlen=self.cap)
        self._pods = Counter(one.line.pod for one in self._lines)
        self.heard.update(self._pods)
        self.marks = {one.number for one in marked}
        self.edition += 1

    def since(self, number: int) -> Iterator[Kept]:
        """The lines from that number on."""
        missing = max(0, number - self.first)
        for place in range(missing, len(self._lines)):
            yield self._lines[place]

    def at(self, number: int) -> Kept | None:
        """The line of that number, while it is kept."""
        place = number - self.first
        return self._lines[place] if 0 <= place < len(self._lines) else None


def _by_pod(seen: LogsSeen) -> dict[str, list[PodLog]]:
    pods: dict[str, list[PodLog]] = {}
    for log in seen.pods:
        pods.setdefault(log.pod, []).append(log)
    return pods


def _parts(logs: Iterable[PodLog]) -> set[Part]:
    return {(log.pod, log.run.restarts, log.previous) for log in logs if is_readable(log)}

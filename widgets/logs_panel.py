"""The logs panel: warnings and errors of all pods, equal ones once with their count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from probes.model import Diagnosis, Failure, Level, LogLine, LogsSeen, Snapshot, Status
from widgets.panel import Panel, not_seen, of_failure
from widgets.pieces import MUTED, Blank, Row, Words
from widgets.status import style_of, told

_LOUD = {
    Level.FATAL: (Status.FAIL, "✗ fatal"),
    Level.ERROR: (Status.FAIL, "✗ error"),
    Level.WARN: (Status.WARN, "! warn "),
}
_ORDER = tuple(_LOUD)
_TIME = len("12:34:56 ")
_NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines that say the same: the newest of them and how many there are."""

    newest: LogLine
    count: int


class LogsPanel(Panel):
    """What ops-service logs at warn level and above."""

    HELP = "Warnings and errors of all pods, the worst first; equal ones stand once."
    TITLE = "Logs"
    ROOM = "logs"

    def __init__(
        self, number: int, is_noise: Callable[[LogLine], bool], *, id: str | None = None
    ) -> None:
        """`is_noise` tells warnings that mean nothing; they stand last and dimmed."""
        super().__init__(number, id=id)
        self._is_noise = is_noise

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The lines, or why there are none."""
        observation = snapshot.logs
        if observation is None or isinstance(observation.seen, Failure):
            return not_seen(observation)
        return tuple(self._rows(observation.seen))

    def _rows(self, seen: LogsSeen) -> Iterator[Row]:
        lines = seen.lines()
        loud = [line for line in lines if line.level in _LOUD]
        yield from _counts(seen, len(lines))
        yield from _denied(seen)
        if not loud:
            yield Words(told(Status.PASS, "no warnings and no errors"))
        for group in _grouped(line for line in loud if not self._is_noise(line)):
            yield _row(group)
        noise = _grouped(line for line in loud if self._is_noise(line))
        if noise:
            yield Words((("known noise", MUTED),))
        for group in noise:
            yield _dimmed(_row(group))


def _counts(seen: LogsSeen, lines: int) -> Iterator[Row]:
    pods = len({pod.pod for pod in seen.pods})
    yield Words(((f"{_count(lines, 'line')} of {_count(pods, 'pod')}, UTC", MUTED),))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _denied(seen: LogsSeen) -> Iterator[Row]:
    failures = {
        part.sentence: part
        for pod in seen.pods
        for part in (pod.head, pod.tail)
        if isinstance(part, Failure)
    }
    for failure in failures.values():
        yield from of_failure(failure)
        yield Blank()


def _grouped(lines: Iterator[LogLine]) -> list[_Group]:
    """The worst first, and among equals the newest."""
    groups: dict[tuple[Level, str], _Group] = {}
    for line in lines:
        known = groups.get((line.level, line.message))
        count = known.count + 1 if known else 1
        newest = line if known is None or _time(line) >= _time(known.newest) else known.newest
        groups[line.level, line.message] = _Group(newest, count)
    newest_first = sorted(groups.values(), key=lambda one: _time(one.newest), reverse=True)
    return sorted(newest_first, key=lambda one: _ORDER.index(one.newest.level))


def _time(line: LogLine) -> datetime:
    return line.time or _NO_TIME


def _row(group: _Group) -> Words:
    line = group.newest
    status, word = _LOUD[line.level]
    time = f"{line.time:%H:%M:%S} " if line.time else " " * _TIME
    count = ((f"  ×{group.count}", MUTED),) if group.count > 1 else ()
    message = f" {line.message}"
    error = line.fields.get("error")
    told_error = ((f"  {error}", MUTED),) if error else ()
    return Words(
        ((time, MUTED), (word, style_of(status)), (message, ""), *count, *told_error),
        indent=_TIME,
    )


def _dimmed(row: Words) -> Words:
    return Words(tuple((text, MUTED) for text, _ in row.line), row.indent)

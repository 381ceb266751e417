"""Log merging: what a sweep has read of a pod's logs that the logbook does not have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from probes.model import Failure, Level, LogLine, PodLog
from widgets.kept import Kept

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def time_of(line: LogLine) -> datetime:
    """When it was written; what tells no time stands first."""
    return line.time or _LONG_AGO


def is_readable(log: PodLog) -> bool:
    """Whether the part of it that matters here could be read."""
    return not isinstance(log.tail if log.previous else log.head, Failure)


def begun(logs: Iterable[PodLog]) -> datetime | None:
    """When a pod's present run began that is not its first: what is older was of another one."""
    for log in logs:
        if not log.previous and log.run.restarts:
            first = log.head[0].time if not isinstance(log.head, Failure) and log.head else None
            return first if first and log.head_is_start else log.run.started_at
    return None


def end_runs(kept: Iterable[Kept], since: datetime | None) -> bool:
    """Lines from before the present run are of one that has ended; whether any was not known so."""
    ended = [one for one in kept if not one.previous and since and time_of(one.line) < since]
    for one in ended:
        one.previous = True
    return bool(ended)


def missing(
    kept: Sequence[Kept], logs: Sequence[PodLog], *, tails: bool, before: str
) -> list[Kept]:
    """The lines of a pod's logs that are not among those that are kept of it.

    `before` is how the run before the present one ended, where that is known.

    With `tails` a way has just been opened, and what has been read is where its lines go on from.
    Without, they come already: it can only be the start, and what ended runs said at their end.
    """
    since = begun(logs)
    found = [
        one
        for log in logs
        for one in (_before(log, kept) if log.previous else _present(log, kept, tails))
    ]
    found = _once(found)
    if since and not _is_told(kept, min(since, logs[0].run.started_at or since)):
        ended = [one for one in (*kept, *found) if one.previous]
        found += [_rule(logs[0].pod, since, before)] if ended else []
    return found


def _is_told(kept: Iterable[Kept], since: datetime) -> bool:
    """Whether a rule tells the restart; it may have been drawn before the first line was known."""
    return any(one.rule and time_of(one.line) >= since for one in kept)


def _present(log: PodLog, kept: Sequence[Kept], tails: bool) -> list[Kept]:
    """Of the present run: what came since, or its start where that is not kept."""
    head, tail = _readable(log.head), _readable(log.tail)
    own = [time_of(one.line) for one in kept if not one.previous and not one.rule]
    lines = [
        Kept(-1, line, starts=log.head_is_start and place == 0)
        for place, line in enumerate((*head, *tail) if tails else head)
    ]
    if not own:
        return lines
    if tails:
        return [one for one in lines if time_of(one.line) > max(own)]
    return [one for one in lines if time_of(one.line) < min(own)]


def _before(log: PodLog, kept: Sequence[Kept]) -> list[Kept]:
    """Of the run before: its last words, where they have not come."""
    own = [time_of(one.line) for one in kept if one.previous]
    lines = (*_readable(log.head), *_readable(log.tail))
    new = (line for line in lines if not own or time_of(line) > max(own))
    return [Kept(-1, line, previous=True) for line in new]


def _readable(part: tuple[LogLine, ...] | Failure) -> tuple[LogLine, ...]:
    return () if isinstance(part, Failure) else part


def _once(lines: Sequence[Kept]) -> list[Kept]:
    """While a container waits to be started anew, its present log and that before are the same."""
    present = {(one.line.time, one.line.raw) for one in lines if not one.previous}
    return [
        one for one in lines if not one.previous or (one.line.time, one.line.raw) not in present
    ]


def _rule(pod: str, since: datetime, before: str) -> Kept:
    text = f"── container restarted{f', {before}' if before else ''} ──"
    return Kept(-1, LogLine(pod, since, Level.PLAIN, text, text), rule=True)

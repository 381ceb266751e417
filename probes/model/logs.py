"""What ops-service's containers log: lines with their level parsed, never grepped."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from probes.model.failure import Failure


class Level(StrEnum):
    """zap's levels; `PLAIN` for a line that is not JSON and tells no level."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"
    FATAL = "fatal"
    PLAIN = "plain"

    @property
    def is_bad(self) -> bool:
        """Warnings and worse."""
        return self in (Level.WARN, Level.ERROR, Level.FATAL)


TRACES = ("stacktrace", "stack", "errorVerbose", "error.stack_trace")
"""Fields that hold a stack trace: the only texts of a line that keep their line breaks."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `time` is UTC, from the kubelet's timestamp or the line's own `ts`.

    `fields` are the structured extras as text (`TRACES` included); `raw` is the safe line.
    """

    pod: str
    time: datetime | None
    level: Level
    message: str
    raw: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a container: the next one writes a log of its own."""

    restarts: int = 0
    started_at: datetime | None = None
    """None while the container waits to be started anew."""

    before: str = ""
    """How the run before it ended (`exit 137, OOMKilled`), as far as the cluster tells it."""


@dataclass(frozen=True, slots=True)
class PodLog:
    """One container's log: its start and its tail, each oldest first, without overlap.

    `head_is_start`: the head really begins where the container began (no rotation).
    `previous`: it is the log of the container before the last restart; `run` is the present one.
    """

    pod: str
    container: str
    head: tuple[LogLine, ...] | Failure
    tail: tuple[LogLine, ...] | Failure
    head_is_start: bool = True
    previous: bool = False
    run: Run = Run()


@dataclass(frozen=True, slots=True)
class LogsSeen:
    """The logs of all pods of the workload."""

    pods: tuple[PodLog, ...]
    unread: tuple[str, ...] = ()
    """Names of pods beyond the cap, which were not read."""

    def lines(self) -> tuple[LogLine, ...]:
        """All lines that could be read, in order of time within each pod."""
        return tuple(
            line
            for pod in self.pods
            for part in (pod.head, pod.tail)
            if not isinstance(part, Failure)
            for line in part
        )


@dataclass(frozen=True, slots=True)
class LogGroup:
    """Lines that say the same: the newest of them, and how many there are."""

    newest: LogLine
    count: int


_ROUTINE = ("/health", "/metrics", "/api/health")


def is_routine(line: LogLine) -> bool:
    """Whether it is the access line of a kubelet's probe or of a scrape that went well.

    Each pod writes some twenty a minute, and they say nothing but that the pod lives.
    """
    return line.level is Level.INFO and line.fields.get("http.target", "").startswith(_ROUTINE)


_NUMBERS = re.compile(r"\d+")


def grouped(
    lines: Iterable[LogLine], apart: Callable[[LogLine], Hashable] = lambda _: None
) -> tuple[LogGroup, ...]:
    """Lines of a level whose messages differ in numbers only, once; the most frequent first.

    `apart` keeps lines in groups of their own that say the same and mean another thing.
    """
    found: dict[Hashable, LogGroup] = {}
    for line in lines:
        key = (line.level, _NUMBERS.sub("0", line.message), apart(line))
        before = found.get(key)
        newest = line if before is None else _newer(before.newest, line)
        found[key] = LogGroup(newest, before.count + 1 if before else 1)
    return tuple(sorted(found.values(), key=lambda one: one.count, reverse=True))


def _newer(one: LogLine, other: LogLine) -> LogLine:
    return one if one.time and other.time and one.time > other.time else other

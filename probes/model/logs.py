"""What ops-service's containers log: lines with their level parsed, never grepped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from probes.model.failure import Failure
from probes.model.ids import CheckId


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

    @property
    def rank(self) -> int:
        """The worse the more; a line that tells no level is below them all."""
        return _RANKS[self]


_RANKS: Mapping[Level, int] = {
    level: -1 if level is Level.PLAIN else rank for rank, level in enumerate(Level)
}


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
    written: int = 0
    """Characters of the line as it was written, where `raw` is only its beginning; else 0."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a container: the next one writes a log of its own."""

    restarts: int = 0
    started_at: datetime | None = None
    """None while the container waits to be started anew."""

    before: str = ""
    """How the run before it ended (`exit 137, OOMKilled`), as far as the cluster tells it."""
    ended: str = ""
    """The same of this run, while the container waits to be started anew."""


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


NOISE = "noise"
"""What lines mean that mean nothing for the portal's zeros."""


@dataclass(frozen=True, slots=True)
class LogGroup:
    """Lines that say the same: the newest of them, and how many there are.

    `means` is the check they speak for, `NOISE`, or None where it is not known.
    """

    newest: LogLine
    count: int
    means: CheckId | str | None = None


_ROUTINE = ("/health", "/metrics", "/api/health")


def is_routine(line: LogLine) -> bool:
    """Whether it is the access line of a kubelet's probe or of a scrape that went well.

    Each pod writes some twenty a minute, and they say nothing but that the pod lives.
    """
    return line.level is Level.INFO and line.fields.get("http.target", "").startswith(_ROUTINE)

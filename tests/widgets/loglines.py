"""Log lines, and a book of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from probes.model import Level, LogLine, LogsSeen, PodLog
from tests.checks.worlds import NOW
from widgets.kept import Kept
from widgets.logbook import Logbook

ONE, TWO = "ops-service-1", "ops-service-2"


def line(
    second: float,
    message: str = "told",
    level: Level = Level.INFO,
    pod: str = ONE,
    fields: Mapping[str, str] | None = None,
) -> LogLine:
    return LogLine(pod, NOW + timedelta(seconds=second), level, message, message, fields or {})


def probe(second: float) -> LogLine:
    """A request of the kubelet."""
    target = {"http.method": "GET", "http.target": "/health/live", "http.status_code": "200"}
    return line(second, "Request completed", fields=target)


def log(*lines: LogLine, **more: Any) -> PodLog:
    return PodLog(lines[0].pod, "ops-service", lines, (), **more)


def book_of(*lines: LogLine, cap: int = 1_000) -> Logbook:
    book = Logbook(cap)
    book.begin(LogsSeen(()))
    book.extend(lines)
    return book


def kept(one: LogLine) -> Kept:
    return Kept(0, one)

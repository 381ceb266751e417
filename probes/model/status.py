"""Status: how a check stands, always shown as symbol, word and colour together."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """A verdict's standing. The values are a public contract (JSON output)."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    PENDING = "pending"

    @property
    def symbol(self) -> str:
        """One cell wide, legible without colour."""
        return _SYMBOLS[self]


_SYMBOLS = {
    Status.PASS: "✓",
    Status.WARN: "!",
    Status.FAIL: "✗",
    Status.UNKNOWN: "?",
    Status.PENDING: "…",
}

_SEVERITY = (Status.PASS, Status.WARN, Status.PENDING, Status.UNKNOWN, Status.FAIL)


def worst(statuses: Iterable[Status]) -> Status:
    """The status of a whole: fail over unknown over pending over warn over pass."""
    return max(statuses, key=_SEVERITY.index, default=Status.PENDING)

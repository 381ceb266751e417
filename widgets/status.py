"""Status on screen: always symbol, word and colour together."""

from __future__ import annotations

from probes.model import Status
from widgets.pieces import MUTED, Line, Piece, padded

WIDTH = max(len(f"{status.symbol} {status}") for status in Status)
"""Cells that the longest of them takes."""

_STYLES = {
    Status.PASS: "$text-success",
    Status.WARN: "$text-warning",
    Status.FAIL: "bold $text-error",
    Status.UNKNOWN: "$text-accent",
    Status.PENDING: MUTED,
}


def style_of(status: Status) -> str:
    """The style that goes with a status."""
    return _STYLES[status]


def status_piece(status: Status, width: int = 0) -> Piece:
    """Symbol and word in their colour, padded to `width` cells."""
    return (padded(f"{status.symbol} {status}", width), _STYLES[status])


def told(status: Status, text: str) -> Line:
    """A status and what there is to say about it."""
    return (status_piece(status), (f"  {text}", ""))


def status_class(status: Status) -> str:
    """The class name that a widget carries for it."""
    return f"-{status}"


STATUS_CLASSES = tuple(status_class(status) for status in Status)

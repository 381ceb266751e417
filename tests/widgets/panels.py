"""What a panel says of a snapshot, at the widths that panels have on screen."""

from __future__ import annotations

from rich.cells import cell_len

from probes.diagnosis import diagnose
from probes.model import Snapshot
from widgets.panel import Panel
from widgets.pieces import Row, laid_out

WIDTHS = (30, 34, 38, 52, 60, 96)
"""Cells within the borders: 120x36 with a scrollbar, 80x24, 200x60, and wider terminals."""


def rows(panel: Panel, snapshot: Snapshot) -> tuple[Row, ...]:
    return tuple(panel.rows_of(snapshot, diagnose(snapshot)))


def lines(panel: Panel, snapshot: Snapshot, width: int = 60) -> list[str]:
    told = laid_out(rows(panel, snapshot), width).plain.split("\n")
    assert all(cell_len(line) <= width for line in told), (width, told)
    return [line.rstrip() for line in told]


def text(panel: Panel, snapshot: Snapshot, width: int = 60) -> str:
    """All of it in one line, so that it does not matter where it is wrapped."""
    return " ".join(" ".join(lines(panel, snapshot, width)).split())


def styles_of(panel: Panel, snapshot: Snapshot, part: str) -> list[str]:
    """The styles of the pieces that are just that text, but for blanks around it."""
    found = laid_out(rows(panel, snapshot), 96)
    spans = found.spans
    return [str(one.style) for one in spans if found.plain[one.start : one.end].strip() == part]

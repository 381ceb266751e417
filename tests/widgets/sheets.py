"""What a sheet says, at the widths that drill-downs have on screen."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from widgets.pieces import Row, laid_out

WIDTHS = (54, 74, 114, 140)
"""Cells within border and padding: the least terminal, 80, 120 and 200 columns."""


def lines(rows: Iterable[Row], width: int = 114) -> list[str]:
    told = laid_out(tuple(rows), width).plain.split("\n")
    assert all(cell_len(line) <= width for line in told), (width, told)
    return [line.rstrip() for line in told]


def text(rows: Iterable[Row], width: int = 114) -> str:
    """All of it in one line, so that it does not matter where it is wrapped."""
    return " ".join(" ".join(lines(rows, width)).split())

"""Sparkline: numbers over time as bars, one cell each. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from widgets.pieces import Piece

_NONE = " "
_ZERO = "▁"
_BARS = "▂▃▄▅▆▇"
"""What is not zero never looks like zero; and the line above stays apart."""


def sparkline(
    points: Sequence[float | None], cells: int, style: str = "", top: float = 0.0
) -> Piece:
    """The points, the oldest first, on so many cells; a gap where there is none.

    The scale begins at zero and ends at the highest bar, or at `top` where that is higher. Where
    there are more points than cells a bar is the mean of its points.
    """
    means = [_mean(part) for part in _parts(points, cells)]
    highest = max((one for one in means if one is not None), default=0.0)
    bars = "".join(_bar(one, max(top, highest)) for one in means)
    return (bars.rjust(cells), style)


def _parts(points: Sequence[float | None], cells: int) -> Iterator[Sequence[float | None]]:
    count = min(cells, len(points))
    for cell in range(count):
        yield points[cell * len(points) // count : (cell + 1) * len(points) // count]


def _mean(points: Sequence[float | None]) -> float | None:
    known = [one for one in points if one is not None]
    return sum(one / len(known) for one in known) if known else None


def _bar(value: float | None, top: float) -> str:
    if value is None:
        return _NONE
    if value <= 0:
        return _ZERO
    return _BARS[min(int(value / top * len(_BARS)), len(_BARS) - 1)]

"""Log state: one line that tells what a log view shows of what there is. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from probes.model import Status
from widgets.log_rows import LogRows
from widgets.pieces import MUTED, STRONG, Line, Piece
from widgets.status import style_of

_BETWEEN: Piece = (" · ", MUTED)


def state_line(rows: LogRows, place: int, *, following: bool, hit: str) -> Line:
    """`standing still at 3 · 12 waiting · 7 of 1,339 lines · warn and worse`.

    `place` is the row of the cursor, from 0; `hit` is what the search has to say.
    """
    line: list[Piece] = [(" ", "")]
    for piece in _pieces(rows, place, following, hit):
        line += [piece] if len(line) == 1 else [_BETWEEN, piece]
    return tuple(line)


def _pieces(rows: LogRows, place: int, following: bool, hit: str) -> Iterator[Piece]:
    still = (f"standing still at {place + 1:,}", f"bold {style_of(Status.WARN)}")
    yield ("following", STRONG) if following and not rows.held else still
    if rows.held:
        held_back = ", the pods' streams wait" if rows.holds_back else ""
        yield (f"{rows.waiting:,} waiting{held_back}", "")
    yield (f"{len(rows):,} of {len(rows.book):,} lines", "")
    if hit:
        yield (hit, "")
    if rows.context:
        yield (f"{rows.context} around", "")
    if rows.filter.words:
        yield (rows.filter.words, STRONG)

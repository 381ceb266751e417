"""Log state: one line that tells what a log view shows of what there is. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from probes.model import Status
from widgets.log_rows import LogRows
from widgets.pieces import MUTED, STRONG, Line, Piece
from widgets.status import style_of

_BETWEEN: Piece = (" · ", MUTED)


def state_line(rows: LogRows, place: int, *, hit: str) -> Line:
    """`standing still at 3 · 12 waiting · 7 of 1,339 lines, UTC · warn and worse`.

    `place` is the row of the cursor, from 0; `hit` is what the search has to say.
    """
    line: list[Piece] = [(" ", "")]
    for piece in _pieces(rows, place, hit):
        line += [piece] if len(line) == 1 else [_BETWEEN, piece]
    return tuple(line)


def waiting(rows: LogRows) -> str:
    """`12 waiting`, and whether more wait that have not come."""
    held_back = ", the pods' streams wait" if rows.book.held_back else ""
    return f"{rows.waiting:,} waiting{held_back}"


def _pieces(rows: LogRows, place: int, hit: str) -> Iterator[Piece]:
    if rows.held:
        yield (f"standing still at {place + 1:,}", f"bold {style_of(Status.WARN)}")
        yield (waiting(rows), "")
    elif rows.book.followed:
        yield ("following", STRONG)
    if not rows.book.followed:
        yield ("not connected: no line comes", f"bold {style_of(Status.WARN)}")
    yield (f"{len(rows):,} of {len(rows.book):,} lines, UTC", "")
    if hit:
        yield (hit, "")
    if rows.context:
        yield (f"{rows.context} around", "")
    if rows.filter.words:
        yield (rows.filter.words, STRONG)

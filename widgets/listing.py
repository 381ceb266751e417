"""Listing: headings, and names with their values in a column of their own, on a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from widgets.pieces import MUTED, STRONG, Blank, Line, Row, Words, padded, plain, widest

_INDENT = 2
_WIDEST = 30
"""Cells of a name's column; a longer name pushes its own value to the right."""


def heading(text: str, more: Line = ()) -> Iterator[Row]:
    """A blank line, then what follows in a few words."""
    yield Blank()
    yield Words((*plain(text, STRONG), *more))


def entries(found: Sequence[tuple[str, Line]], indent: int = _INDENT) -> Iterator[Row]:
    """Names and values. Their column does not depend on what else stands on the sheet."""
    width = min(_WIDEST, widest(name for name, _ in found))
    for name, value in found:
        label = f"{' ' * indent}{padded(name, width)}  "
        yield Words(((label, MUTED), *value), indent + width + 2)

"""Pieces: text with its style as plain data, and how rows of it are laid out to a width.

Plain data compare exactly (`Content` compares its text alone), so that equal content is never
drawn twice. A style is a Textual style string that names theme variables only (`$text-error`).
Text from outside is never read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from rich.cells import cell_len
from textual.content import Content

Piece = tuple[str, str]
"""Text and its style; an empty style is that of the widget."""

Line = tuple[Piece, ...]

MUTED = "$foreground-muted"
STRONG = "bold"
_GAP = 2
_MOST_LABEL = 0.4
"""The share of the width that labels may take; longer ones stand above their values."""

_WORD = re.compile(r"\S+\s*|\s+")
_SEPARATED = re.compile(r"[^/.:@,=_-]*[/.:@,=_-]*\s*")


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value; long values wrap under their own column."""

    label: str
    value: Line


@dataclass(frozen=True, slots=True)
class Words:
    """Running text over the whole width; further lines hang `indent` cells to the right."""

    line: Line
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty line."""


Row = Fact | Words | Blank


def plain(text: str, style: str = "") -> Line:
    """One piece as a line."""
    return ((text, style),)


def content(line: Line) -> Content:
    """The line as what Textual draws."""
    return Content.assemble(*line)


def laid_out(rows: Sequence[Row], width: int) -> Content:
    """All rows, wrapped to the width, labels aligned."""
    labels = max((len(row.label) for row in rows if isinstance(row, Fact)), default=0)
    return Content("\n").join(line for row in rows for line in _lines(row, labels + _GAP, width))


def height(rows: Sequence[Row], width: int) -> int:
    """How many lines `laid_out` makes of them."""
    return len(laid_out(rows, width).plain.split("\n")) if rows else 0


def _lines(row: Row, column: int, width: int) -> Iterable[Content]:
    if isinstance(row, Blank):
        return [Content("")]
    if isinstance(row, Words):
        return _hung(wrapped(content(row.line), width, width - row.indent), row.indent)
    if column > width * _MOST_LABEL:
        value = wrapped(content(row.value), width - _GAP, width - _GAP)
        above = [Content.styled(row.label, MUTED)] if row.label else []
        return [*above, *(line.pad_left(_GAP) for line in value)]
    first, *others = wrapped(content(row.value), width - column, width - column)
    label = Content.styled(row.label, MUTED)
    return _hung([label.pad_right(column - label.cell_length) + first, *others], column)


def _hung(lines: Sequence[Content], indent: int) -> Iterable[Content]:
    first, *others = lines
    return [first, *(line.pad_left(indent) for line in others)]


def wrapped(text: Content, first: int, others: int) -> list[Content]:
    """The text wrapped to `first` cells, and from the second line on to `others`.

    Words that are too long (addresses, names) break behind a separator where they have one.
    """
    text = text.rstrip()
    limits = chain([max(first, 1)], repeat(max(others, 1)))
    limit, used, offset = next(limits), 0, 0
    breaks: list[int] = []
    for word in _WORD.findall(text.plain):
        for part in _parts(word, min(max(first, 1), max(others, 1))):
            if used and used + cell_len(part.rstrip()) > limit:
                breaks.append(offset)
                limit, used = next(limits), 0
            used += cell_len(part)
            offset += len(part)
    return [line.rstrip() for line in text.divide(breaks)]


def _parts(word: str, width: int) -> Iterable[str]:
    """The word whole where it fits a line, else its pieces up to separators, else up to cells."""
    if cell_len(word.rstrip()) <= width:
        return [word]
    parts: list[str] = []
    for part in _SEPARATED.findall(word):
        while cell_len(part.rstrip()) > width:
            head = _head(part, width)
            parts.append(head)
            part = part[len(head) :]
        parts.append(part)
    return parts


def _head(text: str, width: int) -> str:
    """As many characters as fit the cells, one at least."""
    count = 1
    while cell_len(text[: count + 1]) <= width:
        count += 1
    return text[:count]


def cut(line: Line, width: int) -> Content:
    """The line on one row, with an ellipsis where it does not fit."""
    return content(line).truncate(max(width, 0), ellipsis=True)

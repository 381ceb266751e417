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

from widgets.cells import steady

Piece = tuple[str, str]
"""Text and its style; an empty style is that of the widget."""

Line = tuple[Piece, ...]

MUTED = "dim"
"""An attribute, not a colour: it shows in the terminal's own colours and without colour too."""

STRONG = "bold"
_GAP = 2
_MOST_LABEL = 0.4
"""The share of the width that labels may take; longer ones stand above their values."""

# Chinese and Japanese are written without blanks: a line may break behind any of their signs, but
# not before a closing one nor behind an opening one (JIS X 4051). Korean words stay whole.
_SIGN = (
    "\u2e80-\u2fff\u3005-\u3007\u3041-\u3096\u309b-\u30ff"
    "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
)
_OPENING = "「『（【《〈"
_CLOSING = "」』）】》〉、。，．：；？！…・ー々っゃゅょッャュョ\u3099\u309a"
_WORD = re.compile(
    rf"[{_OPENING}]*(?:[{_SIGN}]|[^\s{_SIGN}{_OPENING}]+)[{_CLOSING}]*\s*|[{_OPENING}]+\s*|\s+"
)
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


@dataclass(frozen=True, slots=True)
class Fitted:
    """One line in several forms, the fullest first: the first that fits is drawn, else the last.

    Rows of a table whose forms are equally wide, form by form, stay aligned at every width.
    """

    forms: tuple[Line, ...]


Row = Fact | Words | Blank | Fitted


def plain(text: str, style: str = "") -> Line:
    """One piece as a line."""
    return ((text, style),)


def content(line: Line) -> Content:
    """The line as what Textual draws."""
    return Content.assemble(*((steady(text), style) for text, style in line))


def padded(text: str, cells: int) -> str:
    """The text as it is drawn, with blanks behind it up to so many cells; it is never cut."""
    drawn = steady(text)
    return drawn + " " * (cells - cell_len(drawn))


def widest(texts: Iterable[str]) -> int:
    """Cells of the widest text; 0 where there is none."""
    return max((cell_len(steady(text)) for text in texts), default=0)


def laid_out(rows: Sequence[Row], width: int) -> Content:
    """All rows, wrapped to the width, labels aligned."""
    labels = widest(row.label for row in rows if isinstance(row, Fact))
    return Content("\n").join(line for row in rows for line in _lines(row, labels + _GAP, width))


def height(rows: Sequence[Row], width: int) -> int:
    """How many lines `laid_out` makes of them."""
    return len(laid_out(rows, width).plain.split("\n")) if rows else 0


def _lines(row: Row, column: int, width: int) -> Iterable[Content]:
    if isinstance(row, Blank):
        return [Content("")]
    if isinstance(row, Fitted):
        return [_fitting(row, width)]
    if isinstance(row, Words):
        return _hung(wrapped(content(row.line), width, width - row.indent), row.indent)
    label = content(((row.label, MUTED),))
    if column > width * _MOST_LABEL:
        above = wrapped(label, width, width) if row.label else []
        value = wrapped(content(row.value), width - _GAP, width - _GAP)
        return [*above, *(line.pad_left(_GAP) for line in value)]
    first, *others = wrapped(content(row.value), width - column, width - column)
    return _hung([label.pad_right(column - label.cell_length) + first, *others], column)


def _fitting(row: Fitted, width: int) -> Content:
    drawn = (content(form) for form in row.forms)
    fitting = next((one for one in drawn if one.cell_length <= width), None)
    return cut(row.forms[-1], width) if fitting is None else fitting


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

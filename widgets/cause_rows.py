"""Cause rows: the causes told as fully as there are lines, what matters most first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from probes.model import Cause
from widgets.pieces import MUTED, Blank, Piece, Row, Words, height

_INDENT = 3
_KEY = "bold $text-primary"

Keys = tuple[str, str]
"""How the keys are shown that plan the first remedy, and that choose among several."""


class Detail(IntEnum):
    """How fully a cause is told; each has all that is in those before."""

    TITLE = 0
    REMEDY = 1
    """With the first remedy and its key."""

    ADVICE = 2
    """With what to do about it; of a consequence, with what it follows from."""

    WHOLE = 3
    """With why it is so."""


@dataclass(frozen=True, slots=True)
class Part:
    """A row of a cause, and from which detail on it is told."""

    detail: Detail
    row: Row


@dataclass(frozen=True, slots=True)
class ToldCause:
    """A cause and all there is to tell of it, in order."""

    cause: Cause
    parts: tuple[Part, ...]

    def rows(self, detail: Detail) -> tuple[Row, ...]:
        """The rows at that detail."""
        return tuple(part.row for part in self.parts if part.detail <= detail)

    def lines(self, detail: Detail, width: int) -> int:
        """How many lines they take."""
        return sum(_lines(row, width) for row in self.rows(detail))


def told_causes(
    causes: Iterable[Cause], keys: Keys, cursor: Cause | None, style: str, cursor_style: str
) -> tuple[ToldCause, ...]:
    """The causes with their numbers; the title of the one at the cursor has its own style."""
    return tuple(
        ToldCause(one, tuple(_parts(number, one, keys, cursor_style if one is cursor else style)))
        for number, one in _numbered(causes)
    )


def details(
    causes: Sequence[ToldCause], first: int, least: Detail, width: int, lines: int
) -> tuple[Detail, ...]:
    """How fully to tell each on so many lines.

    The `first` is told at `least` so fully at any price, and else as there is room for; then the
    others in their order have advice and remedy, and then all the rest, until there is no room.
    """
    spending = _Spending(causes, width, lines)
    spending.take(first, least, at_any_price=True)
    others = [place for place in range(len(causes)) if place != first]
    spending.take(first, Detail.ADVICE) and spending.take(first, Detail.WHOLE)
    for place in others:
        if not (spending.take(place, Detail.ADVICE) or spending.take(place, Detail.REMEDY)):
            break
    for place in others:
        if not spending.take(place, Detail.WHOLE):
            break
    return tuple(spending.details)


class _Spending:
    """Lines that are spent on details."""

    def __init__(self, causes: Sequence[ToldCause], width: int, lines: int) -> None:
        self._causes = causes
        self._width = width
        self.details = [Detail.TITLE] * len(causes)
        self._left = lines - sum(one.lines(Detail.TITLE, width) for one in causes)

    def take(self, place: int, detail: Detail, *, at_any_price: bool = False) -> bool:
        """Tell that cause so fully where there is room for it."""
        cause = self._causes[place]
        now = cause.lines(self.details[place], self._width)
        price = cause.lines(detail, self._width) - now
        if price > self._left and not at_any_price:
            return False
        self.details[place] = detail
        self._left -= price
        return True


@lru_cache(maxsize=512)
def _lines(row: Row, width: int) -> int:
    """Cached: wrapping all causes anew costs about 20 ms of every sweep."""
    return height((row,), width)


def _numbered(causes: Iterable[Cause]) -> Iterator[tuple[str, Cause]]:
    number = 0
    for cause in causes:
        if cause.consequence_of is None:
            number += 1
            yield f"{number}. ", cause
        else:
            yield " → ", cause


def _parts(number: str, cause: Cause, keys: Keys, style: str) -> Iterator[Part]:
    title: Piece = (cause.title, style)
    yield Part(Detail.TITLE, Words(((number, MUTED), title), _INDENT))
    if cause.consequence_of:
        follows = f"   follows from {cause.consequence_of}"
        yield Part(Detail.ADVICE, Words(((follows, MUTED),), _INDENT))
    else:
        why = Words((("   ", ""), (cause.explanation, "")), _INDENT)
        yield Part(Detail.WHOLE, why)
        yield Part(Detail.ADVICE, Words((("   → ", MUTED), (cause.advice, "")), _INDENT + 2))
        if cause.remedies:
            yield Part(Detail.REMEDY, remedies_row(cause, keys, _INDENT))
    yield Part(Detail.WHOLE, Blank())


def remedies_row(cause: Cause, keys: Keys, indent: int) -> Row:
    """The first remedy with its key, and the key to the others."""
    first, *others = cause.remedies
    more = (("   ", ""), (keys[1], _KEY), (f" {len(others)} more", "")) if others else ()
    return Words(((" " * indent, ""), (keys[0], _KEY), (f" {first}", ""), *more), indent + 2)

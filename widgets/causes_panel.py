"""The causes: what is wrong, by what to mend first, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.reactive import var

from probes.model import Cause, CauseId, Diagnosis, Snapshot, Status
from widgets.panel import Panel
from widgets.pieces import MUTED, STRONG, Blank, Piece, Row, Words, height
from widgets.status import told

_INDENT = 3
_KEY = "bold $text-primary"
_CURSOR = "bold reverse"

Told = tuple[Cause, tuple[Row, ...]]


class CausesPanel(Panel):
    """The named causes: roots are numbered, what follows from them stands below.

    They are told as fully as there is room for: with explanation, advice and remedies, with the
    last two, or by their titles. While the panel has the focus a cursor stands on one of them.
    """

    HELP = "The causes by what to mend first, with what to do about each, and the keys that do it."
    TITLE = "Causes"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "down,j", "move(1)", "Next cause", show=False, id="causes.down", tooltip="Next cause"
        ),
        Binding(
            "up,k", "move(-1)", "Cause before", show=False, id="causes.up", tooltip="Cause before"
        ),
        Binding(
            "enter",
            "app.choose_fix",
            "Remedies",
            id="causes.choose",
            tooltip="Choose among the remedies of the cause",
        ),
    ]

    fix_keys: var[tuple[str, str]] = var(("f", "F"))
    """How the keys are shown that plan the first remedy, and that choose among several."""

    _diagnosis: Diagnosis | None = None
    _at: CauseId | None = None

    @property
    def cause(self) -> Cause | None:
        """The cause that the cursor stands on."""
        causes = self._diagnosis.causes if self._diagnosis else ()
        first = causes[0] if causes else None
        return next((one for one in causes if one.id is self._at), first)

    def show(self, snapshot: Snapshot, diagnosis: Diagnosis) -> None:
        """Draws the causes of now."""
        self._diagnosis = diagnosis
        super().show(snapshot, diagnosis)

    def on_resize(self) -> None:
        """Tells more or less, as there is room."""
        self._draw()

    def on_focus(self) -> None:
        """Shows the cursor."""
        self._draw()

    def on_blur(self) -> None:
        """Hides the cursor."""
        self._draw()

    def watch_fix_keys(self) -> None:
        """Shows other keys."""
        self._draw()

    def action_move(self, step: int) -> None:
        """Move the cursor, and bring what it stands on into view."""
        causes = self._diagnosis.causes if self._diagnosis else ()
        if self.cause is None:
            return
        place = min(max(causes.index(self.cause) + step, 0), len(causes) - 1)
        self._point_at(causes[place])

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a cause."""
        line = event.y + self.scroll_offset.y - self.gutter.top
        for cause, top, lines in self._places():
            if top <= line < top + lines:
                self._point_at(cause)

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The causes, or that there are none."""
        return self._rows(diagnosis)

    def status_of(self, diagnosis: Diagnosis) -> Status:
        """That of the whole."""
        return diagnosis.status

    def _point_at(self, cause: Cause) -> None:
        self._at = cause.id
        self._draw()
        for one, top, lines in self._places():
            if one is cause:
                region = Region(0, top, self.content_size.width, lines)
                self.scroll_to_region(region, animate=False)

    def _draw(self) -> None:
        if self._diagnosis is not None:
            self.sheet.rows = self._rows(self._diagnosis)

    def _rows(self, diagnosis: Diagnosis) -> tuple[Row, ...]:
        if not diagnosis.causes:
            return (Words(told(diagnosis.status, _without(diagnosis)), _INDENT),)
        return tuple(row for _, rows in self._fitting(diagnosis) for row in rows)

    def _fitting(self, diagnosis: Diagnosis) -> tuple[Told, ...]:
        """As full as there is room for."""
        size = self.content_size
        fitting: tuple[Told, ...] = ()
        for detail in (2, 1, 0):
            fitting = tuple(self._told(diagnosis, detail))
            if height([row for _, rows in fitting for row in rows], size.width) <= size.height:
                break
        return fitting

    def _told(self, diagnosis: Diagnosis, detail: int) -> Iterator[Told]:
        at = self.cause if self.has_focus else None
        for number, cause in _numbered(diagnosis):
            title = (cause.title, _CURSOR if cause is at else STRONG)
            yield cause, tuple(_cause((number, MUTED), title, cause, detail, self.fix_keys))

    def _places(self) -> Iterator[tuple[Cause, int, int]]:
        """Each cause with its first line and how many lines it has."""
        if self._diagnosis is None or not self._diagnosis.causes:
            return
        fitting = self._fitting(self._diagnosis)
        lines = [height(rows, self.content_size.width) for _, rows in fitting]
        tops = accumulate(lines, initial=0)
        for (cause, _), top, count in zip(fitting, tops, lines, strict=False):
            yield cause, top, count


def _without(diagnosis: Diagnosis) -> str:
    """What to say where no cause is named; where nothing is seen, that none can be."""
    if diagnosis.status is Status.PENDING:
        return "no cause is named yet"
    blind = all(one.status is Status.UNKNOWN for one in diagnosis.results)
    return "no cause can be named before something is seen" if blind else "no cause is named"


def _numbered(diagnosis: Diagnosis) -> Iterator[tuple[str, Cause]]:
    number = 0
    for cause in diagnosis.causes:
        if cause.consequence_of is None:
            number += 1
            yield f"{number}. ", cause
        else:
            yield " → ", cause


def _cause(
    number: Piece, title: Piece, cause: Cause, detail: int, keys: tuple[str, str]
) -> Iterator[Row]:
    """A cause by its title; with detail 1 also what to do, with 2 also why it is so."""
    yield Words((number, title), _INDENT)
    if detail and cause.consequence_of:
        yield Words(((f"   follows from {cause.consequence_of}", MUTED),), _INDENT)
    elif detail:
        if detail > 1:
            yield Words((("   ", ""), (cause.explanation, "")), _INDENT)
        yield Words((("   → ", MUTED), (cause.advice, "")), _INDENT + 2)
        yield from _remedies(cause, keys)
    if detail > 1:
        yield Blank()


def _remedies(cause: Cause, keys: tuple[str, str]) -> Iterator[Row]:
    """The first remedy with its key, and the key to the others."""
    if not cause.remedies:
        return
    first, *others = cause.remedies
    more = (("   ", ""), (keys[1], _KEY), (f" {len(others)} more", "")) if others else ()
    yield Words((("   ", ""), (keys[0], _KEY), (f" {first}", ""), *more), _INDENT + 2)

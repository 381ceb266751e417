"""The causes: what is wrong, by what to mend first, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.reactive import var

from probes.model import Cause, CauseId, Diagnosis, Snapshot, Status
from widgets.cause_rows import Detail, ToldCause, details, told_causes
from widgets.panel import Panel
from widgets.pieces import STRONG, Row, Words
from widgets.status import told

_CURSOR = "bold reverse"


class CausesPanel(Panel):
    """The named causes: roots are numbered, what follows from them stands below.

    They are told as fully as there is room for, the first before the others. While the panel has
    the focus a cursor stands on one of them, and that one comes before the first.
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

    _at: CauseId | None = None

    @property
    def _causes(self) -> tuple[Cause, ...]:
        return self._shown[1].causes if self._shown else ()

    @property
    def cause(self) -> Cause | None:
        """The cause that the cursor stands on."""
        first = self._causes[0] if self._causes else None
        return next((one for one in self._causes if one.id is self._at), first)

    def on_resize(self) -> None:
        """Tells more or less, as there is room."""
        self.draw_again()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Shows the cursor, or hides it: a Blur comes before the focus is known to be gone."""
        super().watch_has_focus(has_focus)
        self.draw_again()

    def watch_fix_keys(self) -> None:
        """Shows other keys."""
        self.draw_again()

    def action_move(self, step: int) -> None:
        """Move the cursor, and bring what it stands on into view."""
        if self.cause is None:
            return
        place = min(max(self._causes.index(self.cause) + step, 0), len(self._causes) - 1)
        self._point_at(self._causes[place])

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a cause."""
        line = event.y + self.scroll_offset.y - self.gutter.top
        for cause, top, lines in self._places():
            if top <= line < top + lines:
                self._point_at(cause)

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The causes, or that there are none."""
        if not diagnosis.causes:
            return (Words(told(diagnosis.status, _without(diagnosis)), indent=3),)
        return tuple(row for cause, detail in self._fitting() for row in cause.rows(detail))

    def status_of(self, diagnosis: Diagnosis) -> Status:
        """That of the whole."""
        return diagnosis.status

    def _point_at(self, cause: Cause) -> None:
        self._at = cause.id
        self.draw_again()
        for one, top, lines in self._places():
            if one is cause:
                region = Region(0, top, self.content_size.width, lines)
                self.scroll_to_region(region, animate=False)

    def _fitting(self) -> Sequence[tuple[ToldCause, Detail]]:
        """Each cause as fully as there is room for; the one at the cursor before the others."""
        at = self.cause if self.has_focus else None
        causes = told_causes(self._causes, self.fix_keys, at, STRONG, _CURSOR)
        size = self.content_size
        if not size.width:  # not on screen: there is nothing to fit it into
            return [(cause, Detail.TITLE) for cause in causes]
        first, least = (self._causes.index(at), Detail.ADVICE) if at else (0, Detail.REMEDY)
        # What fits beside a scrollbar fits without one, too: else one that is there would stay.
        width = size.width - self.scrollbar_size_vertical
        return list(zip(causes, details(causes, first, least, width, size.height), strict=True))

    def _places(self) -> Iterator[tuple[Cause, int, int]]:
        """Each cause with its first line and how many lines it has."""
        top = 0
        for one, detail in self._fitting():
            lines = one.lines(detail, self.scrollable_content_region.width)
            yield one.cause, top, lines
            top += lines


def _without(diagnosis: Diagnosis) -> str:
    """What to say where no cause is named; where nothing is seen, that none can be."""
    if diagnosis.status is Status.PENDING:
        return "no cause is named yet"
    blind = all(one.status is Status.UNKNOWN for one in diagnosis.results)
    return "no cause can be named before something is seen" if blind else "no cause is named"

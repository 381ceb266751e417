"""The base of the screens that show a reading."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from textual.css.query import NoMatches
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen

from probes.model import Cause, CheckId
from tui.explaining import Explaining
from tui.feed import Reading
from tui.screens.least import LeastRoom
from widgets.pieces import Line
from widgets.title_bar import TitleBar


def first_mendable(causes: Sequence[Cause]) -> Cause | None:
    """The first that has a remedy, else the first."""
    first = causes[0] if causes else None
    return next((one for one in causes if one.remedies), first)


def cause_of(check: CheckId, reading: Reading | None) -> Cause | None:
    """The root cause to mend for that check: one that it names."""
    roots = reading.diagnosis.roots if reading else ()
    return first_mendable([one for one in roots if check in one.checks])


def _enables(reading: Reading) -> tuple[bool, bool, tuple[Cause, ...]]:
    """What of a reading decides which keys can be used: drawing a footer anew takes 50 ms."""
    snapshot = reading.snapshot
    return snapshot.finished, snapshot.workload is not None, reading.diagnosis.roots


@dataclass(frozen=True, slots=True)
class View:
    """What every screen shows: of what, in which state, and what was seen last."""

    place: tuple[str, ...]
    state: Line
    stale: bool
    reading: Reading


class ReadingScreen(Explaining, LeastRoom, Screen[None]):
    """A screen with a title bar; the app hands it a view, also before it is mounted.

    What it keeps is `var`, not `reactive`: a reactive of a screen draws the whole of it again.
    """

    class Resumed(Message):
        """The screen stands in front again, and wants to be told what happened meanwhile."""

    OPENED_BY: ClassVar[str] = ""
    """The app's action that leads here, which means nothing here."""

    reading: var[Reading | None] = var(None)
    place: var[tuple[str, ...]] = var(())
    state: var[Line] = var(())
    stale: var[bool] = var(False, toggle_class="-stale")

    def on_mount(self) -> None:
        """Draws what was set before there was anything to draw on."""
        self._draw_title()
        if self.reading is not None:
            self.show(self.reading)

    def on_screen_resume(self) -> None:
        """Draws what came while another screen stood in front."""
        self.post_message(self.Resumed())
        self.catch_up()

    def take(self, view: View) -> None:
        """Shows that view; equal values are not drawn again."""
        with suppress(NoMatches):  # while the program ends it may have lost its widgets already
            self.place, self.state = view.place, view.state
            self.stale, self.reading = view.stale, view.reading
            self.grow_older()

    def watch_place(self) -> None:
        """Names what is looked at."""
        self._draw_title()

    def watch_state(self) -> None:
        """Names the state of the looking."""
        self._draw_title()

    def watch_reading(self, before: Reading | None, reading: Reading | None) -> None:
        """Draws what is seen now; the footer only where a key may have come or gone."""
        if reading is None or not self.is_mounted:
            return
        self.show(reading)
        if before is None or _enables(before) != _enables(reading):
            self.refresh_bindings()

    @property
    def cause(self) -> Cause | None:
        """The cause that the keys of acting are about."""
        roots = self.reading.diagnosis.roots if self.reading else ()
        return first_mendable(roots)

    def show(self, reading: Reading) -> None:
        """Hands the reading to the widgets."""
        raise NotImplementedError

    def grow_older(self) -> None:
        """Tells ages anew, where the screen tells any."""

    def catch_up(self) -> None:
        """Draws new log lines, where the screen shows any."""

    def holds_back(self, count: int) -> bool:
        """Whether log lines stand still here that so many more would push out."""
        return False

    def _draw_title(self) -> None:
        for bar in self.query(TitleBar):
            bar.place = self.place
            bar.state = self.state

"""The base of the screens that show a reading."""

from __future__ import annotations

from textual.reactive import var
from textual.screen import Screen

from tui.explaining import Explaining
from tui.feed import Reading
from widgets.pieces import Line
from widgets.title_bar import TitleBar


class ReadingScreen(Explaining, Screen[None]):
    """A screen with a title bar; the app sets its variables, also before it is mounted.

    They are `var`, not `reactive`: a reactive of a screen draws the whole of it again.
    """

    reading: var[Reading | None] = var(None)
    place: var[tuple[str, ...]] = var(())
    state: var[Line] = var(())
    stale: var[bool] = var(False, toggle_class="-stale")

    def on_mount(self) -> None:
        """Draws what was set before there was anything to draw on."""
        self._draw_title()
        if self.reading is not None:
            self.show(self.reading)

    def watch_place(self) -> None:
        """Names what is looked at."""
        self._draw_title()

    def watch_state(self) -> None:
        """Names the state of the looking."""
        self._draw_title()

    def watch_reading(self, reading: Reading | None) -> None:
        """Draws what is seen now."""
        if reading is not None and self.is_mounted:
            self.show(reading)

    def show(self, reading: Reading) -> None:
        """Hands the reading to the widgets."""
        raise NotImplementedError

    def grow_older(self) -> None:
        """Tells ages anew, where the screen tells any."""

    def _draw_title(self) -> None:
        for bar in self.query(TitleBar):
            bar.place = self.place
            bar.state = self.state

"""Least: below the least size a screen says what it needs instead of drawing rubbish."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.geometry import Size
from textual.screen import Screen

from tui.layout import LEAST, fits
from widgets.pieces import Words
from widgets.sheet import Sheet


class TooSmall(Sheet):
    """Covers the whole screen. What is behind it keeps its focus and its texts."""

    DEFAULT_CSS = """
    TooSmall {
        layer: cover;
        width: 100%;
        height: 100%;
        background: $background;
        content-align: center middle;
        padding: 1 2;
    }
    """

    def tell(self, size: Size) -> None:
        """Says what is needed, and what there is."""
        needs = f"opsportal-tui needs {LEAST.width}x{LEAST.height} cells, "
        has = f"this terminal has {size.width}x{size.height}."
        self.rows = (Words(((needs + has, ""),)),)


class LeastRoom:
    """Mixed into every screen; the app runs no key but `q` while it is covered."""

    def on_resize(self, event: events.Resize) -> None:
        """Covers the screen, or takes the cover away."""
        if isinstance(self, Screen):
            _cover(self, event.size)


def _cover(screen: Screen[Any], size: Size) -> None:
    covered = not fits(size)
    screen.set_class(covered, "-covered")
    if not covered:
        screen.query(TooSmall).remove()
        return
    if not screen.query(TooSmall):
        screen.mount(TooSmall())
    for cover in screen.query(TooSmall):
        cover.tell(size)

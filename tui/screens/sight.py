"""Sight: which of the open screens a person sees; on one behind it nothing needs to be drawn."""

from __future__ import annotations

from contextlib import suppress

from textual.app import App
from textual.css.query import NoMatches

from tui.screens.base import ReadingScreen


def in_sight(app: App[None]) -> ReadingScreen | None:
    """The reading screen in front, or right behind dialogs; what is behind it nobody sees."""
    screens = (one for one in reversed(app.screen_stack) if isinstance(one, ReadingScreen))
    return next(screens, None)


def draw_new_lines(app: App[None]) -> None:
    """On the screen in sight; another one catches up when it comes to the front."""
    screen = in_sight(app)
    if screen is not None:
        with suppress(NoMatches):  # as in `take`
            screen.catch_up()


def holds_back(app: App[None], count: int) -> bool:
    """Whether so many lines more would push out what somebody reads on the screen in sight."""
    screen = in_sight(app)
    with suppress(NoMatches):  # as in `take`
        return screen is not None and screen.holds_back(count)
    return False

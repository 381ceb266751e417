"""Tailing: the logbook kept up with what the pods log, no faster than the screen draws it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tui.feed import Way
from widgets.logbook import Logbook

CALM_S = 0.25
"""Between two batches: over SSH a screenful of lines is some 10 kB."""

Drawn = Callable[[], Awaitable[None]]
"""Draws what has come, and returns when it stands on the screen."""


async def tail(way: Way, book: Logbook, drawn: Drawn) -> None:
    """Take batch after batch for as long as the way is open.

    The next one is only taken when the last one is drawn: a slow terminal holds the pods' streams
    back, and the logbook never grows past its cap.
    """
    async for lines in way.follow():
        book.extend(lines)
        await drawn()
        await asyncio.sleep(CALM_S)

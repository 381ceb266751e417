"""Tailing: the logbook kept up with what the pods log, no faster than the screen draws it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tui.feed import Way
from widgets.logbook import Logbook

_CALM_S = 0.5
"""Between two batches: over SSH a screenful of lines is some 10 kB."""

_BACKLOG = 500
"""A batch of so many lines is one of many that wait: then there is no pause."""

Drawn = Callable[[], Awaitable[None]]
"""Draws what has come, and returns when it stands on the screen."""

HoldsBack = Callable[[], bool]
"""Whether somebody looks at lines that stand still, and more would push them out."""


async def tail(way: Way, book: Logbook, drawn: Drawn, holds_back: HoldsBack) -> None:
    """Take batch after batch for as long as the way is open.

    The next one is only taken when the last one is drawn: a slow terminal holds the pods' streams
    back, and the logbook never grows past its cap. A person who reads holds them back too.
    """
    async for lines in way.follow():
        book.extend(lines)
        book.gaps = dict(way.unfollowed())
        await drawn()
        if len(lines) < _BACKLOG:
            await asyncio.sleep(_CALM_S)
        while holds_back():  # noqa: ASYNC110  # for as long as a person wants; no event tells it
            await asyncio.sleep(_CALM_S)

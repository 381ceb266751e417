"""Tailing: the logbook kept up with what the pods log, no faster than the screen draws it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.app import App

from probes.model import LogsSeen, Snapshot, seen_in
from tui.feed import Way
from tui.screens.sight import draw_new_lines, holds_back
from widgets.logbook import Logbook

_CALM_S = 0.5
"""Between two batches: over SSH a screenful of lines is some 10 kB."""

_BACKLOG = 500
"""A batch of so many lines is one of many that wait: then there is no pause."""

_GROUP = "logs"

Drawn = Callable[[], Awaitable[None]]
"""Draws what has come, and returns when it stands on the screen."""

HoldsBack = Callable[[int], bool]
"""Whether somebody looks at lines that stand still, and so many more would push them out."""


class Tailing:
    """Follows the logs of one target at a time."""

    def __init__(self, app: App[None], book: Logbook) -> None:
        self._app = app
        self._book = book
        self._followed: Way | None = None
        """The way whose new log lines come."""

    def lose(self) -> None:
        """The way is lost: no line comes any more, until there is another way."""
        self._app.workers.cancel_group(self._app, _GROUP)
        self._followed = None
        self._book.followed = False
        draw_new_lines(self._app)

    def leave(self) -> None:
        """Another target comes: no line of this one is kept."""
        self.lose()
        self._book.clear()

    def keep_up(self, way: Way | None, snapshot: Snapshot) -> None:
        """The logbook begins with what the first sweep has read, and goes on with the tail.

        What the tail cannot bring later sweeps fill in.
        """
        if not snapshot.finished or way is None:
            return
        self._book.gaps = dict(way.unfollowed())
        seen = seen_in(snapshot.logs)
        read = seen if isinstance(seen, LogsSeen) else LogsSeen(())
        if way is self._followed:
            if self._book.fill_in(read):
                draw_new_lines(self._app)
            return
        self._followed = way
        self._book.begin(read)
        draw_new_lines(self._app)
        follow = tail(way, self._book, self._drawn, lambda count: holds_back(self._app, count))
        self._app.run_worker(follow, group=_GROUP, exclusive=True, exit_on_error=False)

    async def _drawn(self) -> None:
        draw_new_lines(self._app)
        drawn = asyncio.Event()
        self._app.call_after_refresh(drawn.set)
        await drawn.wait()


async def tail(way: Way, book: Logbook, drawn: Drawn, holds_back: HoldsBack) -> None:
    """Take batch after batch for as long as the way is open.

    The next one is only taken when the last one is drawn: a slow terminal holds the pods' streams
    back, and the logbook never grows past its cap. A person who reads holds them back too.
    """
    async for lines in way.follow():
        await _until_read(len(lines), book, drawn, holds_back)
        book.extend(lines)
        book.gaps = dict(way.unfollowed())
        await drawn()
        if len(lines) < _BACKLOG:
            await asyncio.sleep(_CALM_S)


async def _until_read(count: int, book: Logbook, drawn: Drawn, holds_back: HoldsBack) -> None:
    """Wait for as long as a person reads what so many lines more would push out."""
    try:
        while holds_back(count):
            if not book.held_back:
                book.held_back = True
                await drawn()
            await asyncio.sleep(_CALM_S)
    finally:
        book.held_back = False

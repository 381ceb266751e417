"""Looking: the sweeps of one target, one after another, over the way that is open to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from textual.app import App
from textual.message import Message
from textual.worker import Worker

from tui.feed import Feed, Reading, Way
from tui.keeping import seen_at, sight_now
from tui.standing import Standing
from tui.target import Request

Feeds = Callable[[Request], Feed]
"""Makes the feed of a request."""


class Looking:
    """Looks at one target at a time, and knows how that goes.

    What it sees reaches the app as messages; each names its feed, since one of the target before
    may still be on its way.
    """

    @dataclass
    class Landed(Message):
        """A reading came in."""

        reading: Reading
        feed: Feed

    @dataclass
    class Noted(Message):
        """Something goes on while the way to the target is opened."""

        text: str
        feed: Feed

    def __init__(self, app: App[None], feeds: Feeds, request: Request) -> None:
        self._app = app
        self._feeds = feeds
        self._wanted = asyncio.Event()
        self._worker: Worker[None] | None = None
        self.turn_to(request)

    def turn_to(self, request: Request) -> None:
        """Start from nothing, on the first target or on another; `begin` opens the way to it."""
        profile = request.profile
        self._interval_s = profile.interval_s
        self.feed = self._feeds(request)
        self.way: Way | None = None
        """The open way to the target, while there is one."""
        patience = timedelta(seconds=2 * profile.interval_s + profile.timeout_s)
        self.standing = Standing(patience=patience)

    def begin(self) -> None:
        """Look, and go on looking; the way to the target before is closed."""
        self.standing = replace(self.standing, disconnected=False)
        self._worker = self._app.run_worker(
            self._look(self.feed), group="sweeps", exclusive=True, exit_on_error=False
        )

    def sweep_now(self) -> None:
        """Sweep before it is due; look again where the looking has ended."""
        if self.standing.disconnected:
            self.begin()
        self._wanted.set()

    def pause(self) -> None:
        """Pause the sweeps, or go on with one at once."""
        self.standing = replace(self.standing, paused=not self.standing.paused)
        if not self.standing.paused:
            self._wanted.set()

    def heard(self, reading: Reading) -> None:
        """Something is to be shown; a finished sweep that saw something sets the age of it."""
        self.standing = replace(
            self.standing,
            heard=True,
            swept_at=seen_at(reading) or self.standing.swept_at,
            sight=sight_now(reading),
            disconnected=False,
        )

    def ended_with(self, worker: Worker[object]) -> bool:
        """Whether the looking has ended because this worker has failed."""
        if worker is not self._worker:
            return False
        self.standing = replace(self.standing, disconnected=True)
        return True

    async def _look(self, feed: Feed) -> None:
        async with feed.open(lambda text: self._post(self.Noted(text, feed))) as way:
            self.way = way
            try:
                while True:
                    self._wanted.clear()
                    await way.sweep(lambda reading: self._post(self.Landed(reading, feed)))
                    await self._until_due()
            finally:
                if self.way is way:
                    self.way = None

    def _post(self, message: Message) -> None:
        self._app.post_message(message)

    async def _until_due(self) -> None:
        """Waits for the next sweep: its time has come, or a person wants one."""
        while not self._wanted.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), self._interval_s)
            if not self.standing.paused:
                return

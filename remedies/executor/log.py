"""The journal of one plan while it is applied: off the loop, and within a time limit.

A home folder on a network may hang, and must not hold up the dashboard, or what has to be taken
back. No step begins that is not on the journal; what has ended is written down if it can be.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from remedies.journal import Journal
from remedies.model import Outcome, Plan, Refusal, StepOutcome

LIMIT_S = 10.0


class Log:
    """Writes of one plan. `trouble` is why the last one that failed did; empty where none has."""

    def __init__(self, journal: Journal, plan: Plan) -> None:
        self._journal = journal
        self._plan = plan
        self.trouble = ""

    async def planned(self) -> None:
        """The plan begins. Raises OSError."""
        await off_the_loop(lambda: self._journal.planned(self._plan))

    async def intent(self, step: str) -> None:
        """The step begins. Raises OSError."""
        await off_the_loop(lambda: self._journal.intent(self._plan, step))

    async def intended(self, step: str) -> None:
        """What has to be done in any case begins."""
        await self._if_possible(lambda: self._journal.intent(self._plan, step))

    async def step(self, outcome: StepOutcome) -> None:
        """The step has ended."""
        await self._if_possible(lambda: self._journal.step(self._plan, outcome))

    async def finished(self, outcome: Outcome) -> None:
        """The plan has ended."""
        await self._if_possible(lambda: self._journal.finished(self._plan, outcome))

    async def refused(self, refusal: Refusal, sentence: str) -> None:
        """Nothing was done, and why."""
        await self._if_possible(lambda: self._journal.refused(self._plan, refusal.value, sentence))

    async def _if_possible(self, write: Callable[[], None]) -> None:
        try:
            await off_the_loop(write)
        except OSError as error:
            self.trouble = str(error)


async def off_the_loop(write: Callable[[], None]) -> None:
    """Write in a thread that nobody waits for at the program's end. Raises OSError."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: Exception | None = None
        try:
            write()
        except Exception as raised:  # noqa: BLE001  # it is raised again where it is waited for
            error = raised
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, name="journal", daemon=True).start()
    try:
        async with asyncio.timeout(LIMIT_S):
            await done
    except TimeoutError as error:
        raise OSError(f"the journal was not written within {LIMIT_S:g} s") from error

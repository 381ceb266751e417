"""Waiting: looks only, never faster than every five seconds, until something has come to be.

The first look is at once, and what is waited for is told each time it changes. A look that fails
for now ends no wait: whoever waits for minutes meets a busy server, or one that restarts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from probes.model import ProbeError
from remedies.performing.base import Seen, Standing, StepError, Tell, may_pass
from remedies.world import World

T = TypeVar("T")

CALM_S = 5.0
"""Between two looks at the API server."""


async def calm() -> None:
    """The pause between two looks."""
    await asyncio.sleep(CALM_S)


async def answered(ask: Callable[[], Awaitable[T]], tell: Tell) -> T:
    """The answer to a read, asked again where it fails for now. Raises ProbeError where denied."""
    told = ""
    while True:
        try:
            return await ask()
        except ProbeError as error:
            why = _just_now(error)
        if why != told:
            told = why
            tell(why)
        await calm()


def _just_now(error: ProbeError) -> str:
    """Why nothing is seen for now. Raises the error itself where that will not pass."""
    if not may_pass(error.failure):
        raise error
    return f"cannot look just now: {error.failure.sentence}"


class WaitingPerformer:
    """The base: performing is to look until it is done. A step's time limit ends it."""

    async def see(self, world: World, action: Any) -> Seen:
        """How far it has come; `FRESH` with words while there is something to wait for."""
        raise NotImplementedError

    async def look(self, world: World, action: Any) -> Seen:
        """The same; where it cannot be seen for now, that is what is waited for."""
        try:
            return await self.see(world, action)
        except ProbeError as error:
            return Seen(Standing.FRESH, _just_now(error))

    async def rehearse(self, world: World, action: Any) -> str:
        """Waiting needs no rehearsal."""
        return ""

    async def perform(self, world: World, action: Any, tell: Tell) -> str:
        """Look until it is done; what stays stuck for its patience will not move by itself."""
        told, stuck = "", 0
        while (seen := await self.look(world, action)).standing is Standing.FRESH:
            stuck = stuck + 1 if seen.stuck else 0
            if stuck >= seen.patience:
                raise StepError(seen.text, certain=True)
            if seen.text != told:
                told = seen.text
                tell(told)
            await calm()
        if seen.standing is Standing.STALE:
            raise StepError(seen.text)
        return seen.text

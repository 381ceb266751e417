"""Waiting: looks only, never faster than every five seconds, until something has come to be.

The first look is at once, and what is waited for is told each time it changes.
"""

from __future__ import annotations

import asyncio
from typing import Any

from remedies.performing.base import Seen, Standing, StepError, Tell
from remedies.world import World

CALM_S = 5.0
"""Between two looks at the API server."""


async def calm() -> None:
    """The pause between two looks."""
    await asyncio.sleep(CALM_S)


class WaitingPerformer:
    """The base: performing is to look until it is done. A step's time limit ends it."""

    async def look(self, world: World, action: Any) -> Seen:
        """How far it has come; `FRESH` with words while there is something to wait for."""
        raise NotImplementedError

    async def rehearse(self, world: World, action: Any) -> str:
        """Waiting needs no rehearsal."""
        return ""

    async def perform(self, world: World, action: Any, tell: Tell) -> str:
        """Look until it is done; what is stuck at two looks running will not move by itself."""
        told, stuck = "", False
        while (seen := await self.look(world, action)).standing is Standing.FRESH:
            if stuck and seen.stuck:
                raise StepError(seen.text, certain=True)
            stuck = seen.stuck
            if seen.text != told:
                told = seen.text
                tell(told)
            await calm()
        if seen.standing is Standing.STALE:
            raise StepError(seen.text)
        return seen.text

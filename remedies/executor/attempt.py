"""One action, done at most once, and what the world itself says of it where it went wrong.

What was sent and got no answer may still be done in a moment: so the world is asked for some
seconds before anything is said, and what is not there by then is not known to be undone.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from pathlib import Path

from probes.model import Failure, FailureKind, ProbeError
from probes.reach.permit import Permit, permitted
from remedies.model import Action, StepState
from remedies.performing import Seen, Standing, StepError, performer_of
from remedies.world import World

LATE_LOOKS = 6
"""How often the world is asked after a write without an answer."""

LATE_PAUSE_S = 1.0
"""Between two of those looks."""

_UNANSWERED = (FailureKind.TIMEOUT, FailureKind.RESET, FailureKind.HUNG)
_GATEWAY = (502, 504)
"""A proxy's own words: what stands behind it may have been told."""

Ended = tuple[StepState, str]
Tell = Callable[[str], None]


class Attempt:
    """One try at an action."""

    def __init__(self, world: World, action: Action) -> None:
        self._world = world
        self._action = action
        self._permit = Permit()

    @property
    def sent(self) -> bool:
        """Whether anything was sent that may change something."""
        return self._permit.used

    async def made(self, limit_s: float, tell: Tell) -> Ended:
        """Do it once, within the limit, unless it is done already or no longer as planned."""
        try:
            async with asyncio.timeout(limit_s):
                return await self._once(tell)
        except StepError as error:
            if error.certain:
                return StepState.FAILED, str(error)
            return await self._decided(str(error))
        except ProbeError as error:
            late = _may_come(error.failure)
            return await self._decided(error.failure.sentence, late=late)
        except TimeoutError:
            return await self._decided(f"no end within {limit_s:g} s", late=True)
        except Exception as error:  # noqa: BLE001  # a write may be out: what it did is looked at
            return await self._decided(broke(error), late=True)

    async def settled(self, why: str) -> Ended:
        """What became of a try that was broken off."""
        return await self._decided(why, late=True)

    async def _once(self, tell: Tell) -> Ended:
        performer = performer_of(self._action)
        seen = await performer.look(self._world, self._action)
        if seen.standing is Standing.DONE:
            return StepState.ALREADY, seen.text or "it is so already"
        if seen.standing is Standing.STALE:
            return StepState.FAILED, seen.text
        with permitted() as self._permit:
            return StepState.DONE, await performer.perform(self._world, self._action, tell)

    async def _decided(self, why: str, *, late: bool = False) -> Ended:
        """What the world says; `late`: what was sent may be done after the first look."""
        looks = LATE_LOOKS if late and self.sent else 1
        seen, unseen = await self._looked()
        for _ in range(looks - 1):
            if seen and seen.standing is not Standing.FRESH:
                break
            await asyncio.sleep(LATE_PAUSE_S)
            seen, unseen = await self._looked()
        return self._told(why, seen, unseen, late=looks > 1)

    def _told(self, why: str, seen: Seen | None, unseen: str, *, late: bool) -> Ended:
        if seen and seen.standing is Standing.DONE:
            return StepState.DONE, f"done, although {why}"
        if self.sent and seen is None:
            return StepState.UNKNOWN, f"{why}; and it could not be read back: {unseen}"
        if late and seen and seen.standing is Standing.FRESH:
            told = "it was sent, is not done yet, and may still be"
            return StepState.UNKNOWN, f"{why}; {told}"
        return StepState.FAILED, f"{why}: {seen.text}" if seen and seen.text else why

    async def _looked(self) -> tuple[Seen | None, str]:
        """What is seen, or why nothing is."""
        try:
            return await performer_of(self._action).look(self._world, self._action), ""
        except Exception as error:  # noqa: BLE001  # the same defect may be met again
            return None, broke(error)


def _may_come(failure: Failure) -> bool:
    """Whether what was sent may be done after the answer was given up."""
    if failure.status is not None:
        return failure.status in _GATEWAY
    return failure.kind in _UNANSWERED


def broke(error: Exception) -> str:
    """Of whatever broke: a defect of ours is told by its place, since its words may be secret."""
    if isinstance(error, ProbeError):
        return error.failure.sentence
    if isinstance(error, TimeoutError):
        return "no answer in time"
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return f"a defect of this program ({type(error).__name__} at {where})"

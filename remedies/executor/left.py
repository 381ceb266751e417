"""What of a plan that did not come to its end is in force: looked at, not remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from remedies.executor.attempt import broke
from remedies.findingout import again, look_of
from remedies.model import Plan, RequestSync, Step
from remedies.performing import Standing, performer_of
from remedies.world import World

_LOOKING_S = 10.0


async def standing(world: World, kept: Iterable[Step]) -> tuple[str, ...]:
    """Each step that was done and not taken back, as it stands by now."""
    return tuple([await _standing(world, step) for step in kept])


async def _standing(world: World, step: Step) -> str:
    if isinstance(step.action, RequestSync):
        return f"done: {step.title}"  # what was asked for leaves nothing to look at
    try:
        async with asyncio.timeout(_LOOKING_S):
            seen = await performer_of(step.action).look(world, step.action)
    except Exception as error:  # noqa: BLE001  # what was done is told, whatever the look does
        return f"done, and whether it still is cannot be seen: {step.title} ({broke(error)})"
    if seen.standing is Standing.DONE:
        return f"done and kept: {step.title}"
    return f"done, and not so any more: {step.title}"


def unknown(step: Step, plan: Plan) -> str:
    """A step that may have been done, and how to find out: a new plan has looked, too."""
    look = look_of(step)
    if not look or "\n" in look:
        look = again(plan)
    return f"unknown: whether step {step.id} was done; `{look}` tells"


def reads_what_is_gone(step: Step) -> str:
    """A restart that stays after what it was to bring was taken back; an undo restarts anew."""
    return (
        f"what has started since step {step.id} runs with what was taken back: "
        "`opsportal-tui undo` does that step once more"
    )

"""The executor: the one way to change anything. It alone takes the permit to write.

A plan is applied as it is or refused: read-only, denied, and stale plans are never begun. Each step
is on the journal before it begins; a write is sent once, and after a broken connection the world is
read back and decides what to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from probes.model import ProbeError
from remedies.executor.log import Log
from remedies.executor.run import Run, Show
from remedies.journal import Journal
from remedies.model import (
    Action,
    Outcome,
    Permission,
    Plan,
    Preflight,
    Refusal,
    RefusedError,
    Step,
)
from remedies.performing import Seen, Standing, performer_of
from remedies.permissions import denied
from remedies.wayback import taken_back
from remedies.world import World

__all__ = ["Executor", "Show", "WhyNot"]

WhyNot = Callable[[], str]
"""Why nothing may be written now (read-only), or empty."""


@dataclass(frozen=True, slots=True)
class Executor:
    """Applies plans to one world. `why_not` is asked anew before anything is begun."""

    world: World
    journal: Journal
    why_not: WhyNot

    async def preflight(self, plan: Plan) -> Preflight:
        """What stands in the way, found out by reading. Raises ProbeError where it cannot look."""
        elsewhere = await self._elsewhere(plan)
        if elsewhere:
            return Preflight(refused=(elsewhere,))
        lacking = await denied(self.world, _needed(plan))
        writes = [step for step in plan.steps if not step.waits]
        seen = {step.id: await _look(self.world, step.action) for step in writes}
        stale = tuple(one.text for one in seen.values() if one.standing is Standing.STALE)
        done = tuple(name for name, one in seen.items() if one.standing is Standing.DONE)
        if lacking or stale:
            return Preflight(lacking, stale, done)
        refused, notes = await self._rehearsed(step for step in writes if step.id not in done)
        return Preflight(done=done, refused=refused, notes=notes)

    async def apply(self, plan: Plan, show: Show = lambda _: None) -> Outcome:
        """Apply the plan, verify it, and say how it went.

        Raises RefusedError: nothing is begun then, as where the journal cannot be written. Whoever
        cancels it gets the step under way journaled as interrupted, and what must not stay taken
        back.
        """
        log = Log(self.journal, plan)
        await self._refuse_if_due(plan, log)
        await log.planned()
        return await Run(self.world, log, plan, show).to_its_end()

    async def _rehearsed(self, steps: Iterable[Step]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What dry runs were refused for, and which steps could not be rehearsed."""
        refused: list[str] = []
        notes: list[str] = []
        for step in steps:
            try:
                said = await performer_of(step.action).rehearse(self.world, step.action)
            except ProbeError as error:
                why = error.failure.sentence
                notes.append(f"step {step.id} could not be rehearsed: {why}")
            else:
                refused += [said] if said else []
        return tuple(refused), tuple(notes)

    async def _elsewhere(self, plan: Plan) -> str:
        """Why the plan is none for this target; empty where it is, or was bound to none."""
        here = await self.world.site() if plan.cluster else plan.site
        return "" if plan.site.is_same(here) else f"this plan is for {plan.site.unlike(here)}"

    async def _refuse_if_due(self, plan: Plan, log: Log) -> None:
        try:
            await self._raise_if_due(plan)
        except RefusedError as error:
            await log.refused(error.refusal, str(error))
            raise

    async def _raise_if_due(self, plan: Plan) -> None:
        why = self.why_not()
        if why:
            raise RefusedError(Refusal.READ_ONLY, why)
        try:
            found = await self.preflight(plan)
        except ProbeError as error:
            raise RefusedError(Refusal.GUARD, error.failure.sentence) from error
        if found.stale:
            changed = "; ".join(found.stale)
            raise RefusedError(Refusal.STALE, f"the world has changed since: {changed}")
        if found.denied:
            lacking = ", ".join(map(str, found.denied))
            raise RefusedError(Refusal.DENIED, f"not permitted: {lacking}")
        if found.refused:
            raise RefusedError(Refusal.GUARD, "; ".join(found.refused))


async def _look(world: World, action: Action) -> Seen:
    return await performer_of(action).look(world, action)


def _needed(plan: Plan) -> Iterator[Permission]:
    """What the steps need, and what takes back those that must not stay alone."""
    for step in plan.steps:
        yield from step.permissions
        if step.revert_on_failure and step.undo:
            yield from taken_back(step, plan.remedy, plan.made_at).permissions

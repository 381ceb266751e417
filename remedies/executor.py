"""The executor: the one way to change anything. It alone takes the permit to write.

A plan is applied as it is or refused: read-only, denied, and stale plans are never begun. Each step
is on the journal before it begins; a write is sent once, and after a broken connection the world is
read back and decides what to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from probes.model import ProbeError
from probes.reach.permit import permitted
from remedies.journal import Journal
from remedies.model import (
    Action,
    Outcome,
    OutcomeKind,
    Plan,
    Preflight,
    Progress,
    Refusal,
    RefusedError,
    Step,
    StepOutcome,
    StepState,
)
from remedies.performing import Seen, Standing, StepError, performer_of
from remedies.permissions import denied
from remedies.verify import verified
from remedies.world import World

Show = Callable[[Progress], None]
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
        lacking = await denied(self.world, (one for step in plan.steps for one in step.permissions))
        writes = [step for step in plan.steps if not step.waits]
        seen = {step.id: await _look(self.world, step.action) for step in writes}
        stale = tuple(one.text for one in seen.values() if one.standing is Standing.STALE)
        done = tuple(name for name, one in seen.items() if one.standing is Standing.DONE)
        if lacking or stale:
            return Preflight(lacking, stale, done)
        left = (step for step in writes if step.id not in done)
        said = [await _rehearsed(self.world, step.action) for step in left]
        return Preflight(done=done, refused=tuple(filter(None, said)))

    async def apply(self, plan: Plan, show: Show = lambda _: None) -> Outcome:
        """Apply the plan, verify it, and say how it went. Raises RefusedError, OSError (journal).

        Whoever cancels it gets the step under way journaled as interrupted.
        """
        await self._refuse_if_due(plan)
        self.journal.planned(plan)
        done: list[StepOutcome] = []
        for step in plan.steps:
            outcome = await self._step(plan, step, show)
            done.append(outcome)
            if outcome.state not in (StepState.DONE, StepState.ALREADY):
                return await self._failed(plan, done, show)
        show(Progress("", StepState.RUNNING, "looking again"))
        ended = await verified(self.world, plan, tuple(done))
        self.journal.finished(plan, ended)
        return ended

    async def _elsewhere(self, plan: Plan) -> str:
        """Why the plan is none for this target; empty where it is, or was bound to none."""
        here = await self.world.site() if plan.cluster else plan.site
        return "" if plan.site.is_same(here) else f"this plan is for {plan.site.unlike(here)}"

    async def _refuse_if_due(self, plan: Plan) -> None:
        try:
            await self._raise_if_due(plan)
        except RefusedError as error:
            self.journal.refused(plan, error.refusal.value, str(error))
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

    async def _step(self, plan: Plan, step: Step, show: Show) -> StepOutcome:
        self.journal.intent(plan, step.id)
        show(Progress(step.id, StepState.RUNNING, step.title))
        try:
            outcome = await _performed(self.world, step, show)
        except asyncio.CancelledError:
            text = "interrupted; look before you try again"
            self.journal.step(plan, StepOutcome(step.id, StepState.INTERRUPTED, text))
            raise
        self.journal.step(plan, outcome)
        show(Progress(step.id, outcome.state, outcome.text))
        return outcome

    async def _failed(self, plan: Plan, done: Sequence[StepOutcome], show: Show) -> Outcome:
        """Takes back what must not stay, and says what is left behind."""
        outcomes = [*done]
        kept: list[Step] = []
        for step, ended in reversed(list(zip(plan.steps, done, strict=False))):
            if ended.state not in (StepState.DONE, StepState.UNKNOWN):
                continue
            if step.revert_on_failure and step.undo:
                outcomes.append(await self._taken_back(plan, step, step.undo, show))
                if outcomes[-1].state is StepState.REVERTED:
                    continue
            if ended.state is StepState.DONE:
                kept.insert(0, step)
        last = done[-1]
        ended_badly = Outcome(
            OutcomeKind.FAILED,
            f"step {last.step} failed: {last.text}",
            tuple(outcomes),
            _left_behind(kept, last),
        )
        self.journal.finished(plan, ended_badly)
        return ended_badly

    async def _taken_back(self, plan: Plan, step: Step, undo: Action, show: Show) -> StepOutcome:
        self.journal.intent(plan, f"undo {step.id}")
        state, text = await _tried(self.world, undo, step.limit_s, lambda _: None)
        reverted = state in (StepState.DONE, StepState.ALREADY)
        outcome = StepOutcome(step.id, StepState.REVERTED if reverted else state, text)
        self.journal.step(plan, outcome)
        show(Progress(step.id, outcome.state, outcome.text))
        return outcome


def _left_behind(kept: Sequence[Step], last: StepOutcome) -> str:
    """What of a failed plan is in force."""
    told = [f"done and kept: {step.title}" for step in kept]
    if last.state is StepState.UNKNOWN:
        told.append(f"unknown: whether step {last.step} was done")
    return "; ".join(told) or "nothing was changed"


async def _look(world: World, action: Action) -> Seen:
    return await performer_of(action).look(world, action)


async def _rehearsed(world: World, action: Action) -> str:
    return await performer_of(action).rehearse(world, action)


async def _performed(world: World, step: Step, show: Show) -> StepOutcome:
    def tell(text: str) -> None:
        show(Progress(step.id, StepState.RUNNING, text))

    state, text = await _tried(world, step.action, step.limit_s, tell)
    return StepOutcome(step.id, state, text)


async def _tried(
    world: World, action: Action, limit_s: float, tell: Callable[[str], None]
) -> tuple[StepState, str]:
    """Do it once, within the limit, unless it is done already or no longer as planned."""
    performer = performer_of(action)
    try:
        async with asyncio.timeout(limit_s):
            seen = await performer.look(world, action)
            if seen.standing is Standing.DONE:
                return StepState.ALREADY, seen.text or "it is so already"
            if seen.standing is Standing.STALE:
                return StepState.FAILED, seen.text
            with permitted():
                return StepState.DONE, await performer.perform(world, action, tell)
    except StepError as error:
        if error.certain:
            return StepState.FAILED, str(error)
        return await _decided(world, action, str(error))
    except ProbeError as error:
        return await _decided(world, action, error.failure.sentence)
    except TimeoutError:
        return await _decided(world, action, f"no end within {limit_s:g} s")


async def _decided(world: World, action: Action, why: str) -> tuple[StepState, str]:
    """After a failure: what the world itself says of the action."""
    try:
        seen = await _look(world, action)
    except ProbeError as error:
        return StepState.UNKNOWN, f"{why}; and it could not be read back: {error.failure.sentence}"
    if seen.standing is Standing.DONE:
        return StepState.DONE, f"done, although {why}"
    return StepState.FAILED, f"{why}: {seen.text}" if seen.text else why

"""One plan under way: step after step, and what must not stay is taken back where one fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from remedies.executor.attempt import Attempt, broke
from remedies.executor.left import reads_what_is_gone, standing, unknown
from remedies.executor.log import Log
from remedies.model import (
    LiveEdit,
    Outcome,
    OutcomeKind,
    PatchObject,
    Plan,
    Progress,
    Risk,
    Step,
    StepOutcome,
    StepState,
)
from remedies.verify import verified
from remedies.watching import Fate, Watched, looked, told_of
from remedies.world import World

Show = Callable[[Progress], None]

TAKING_BACK_S = 25.0
"""Whoever breaks a plan off waits at most as long for what must not stay to be taken back."""

_WELL = (StepState.DONE, StepState.ALREADY)
_MAYBE = (StepState.DONE, StepState.UNKNOWN, StepState.INTERRUPTED)


@dataclass
class _Begun:
    """A step that was begun. `state` is how it stands by now, `ended` how it ended."""

    step: Step
    attempt: Attempt
    ended: StepOutcome
    state: StepState

    @property
    def is_kept(self) -> bool:
        """Whether it changed something that was not taken back."""
        return self.state is StepState.DONE and not self.step.waits


class Run:
    """Applies one plan, once."""

    def __init__(self, world: World, log: Log, plan: Plan, show: Show) -> None:
        self._world = world
        self._log = log
        self._plan = plan
        self._show = show
        self._begun: list[_Begun] = []
        self._back: list[StepOutcome] = []

    async def to_its_end(self) -> Outcome:
        """Apply it, verify it, and say how it went. Raises RefusedError: nothing was begun.

        Whoever cancels it gets the step under way journaled as interrupted, and what must not stay
        taken back.
        """
        try:
            why = await self._steps()
            failed = await self._failed(why) if why else None
        except asyncio.CancelledError:
            await self._broken_off()
            raise
        ended = failed or await self._verified()
        await self._log.finished(ended)
        if not self._log.trouble:
            return ended
        told = f"{ended.sentence}; the journal lacks some of it: {self._log.trouble}"
        return replace(ended, sentence=told)

    async def _broken_off(self) -> None:
        """What must not stay is taken back, also where that was under way already."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TAKING_BACK_S):
                await self._take_back()
        for told in self._reading_what_is_gone():
            self._show(Progress("", StepState.RUNNING, told))

    async def _steps(self) -> str:
        """Why it ended before its end; empty where every step was done."""
        for step in self._plan.steps:
            try:
                await self._log.intent(step.id)
            except OSError as error:
                if not self._begun:
                    raise self._log.refusal(error) from error
                return f"the journal cannot be written, so that nothing goes on: {error}"
            ended = await self._step(step)
            if ended.state is StepState.UNKNOWN:
                return f"nobody knows whether step {step.id} was done: {ended.text}"
            if ended.state not in _WELL:
                return f"step {step.id} failed: {ended.text}"
        return ""

    async def _step(self, step: Step) -> StepOutcome:
        def tell(text: str) -> None:
            self._show(Progress(step.id, StepState.RUNNING, text))

        tell(step.title)
        attempt = Attempt(self._world, step.action)
        try:
            state, text = await attempt.made(step.limit_s, tell)
        except asyncio.CancelledError:
            text = "interrupted; look before you try again"
            await self._ended(step, attempt, StepState.INTERRUPTED, text)
            raise
        return await self._ended(step, attempt, state, text)

    async def _ended(
        self, step: Step, attempt: Attempt, state: StepState, text: str
    ) -> StepOutcome:
        ended = StepOutcome(step.id, state, text)
        self._begun.append(_Begun(step, attempt, ended, state))
        self._show(Progress(step.id, state, text))
        await self._log.step(ended)
        return ended

    async def _verified(self) -> Outcome:
        self._show(Progress("", StepState.RUNNING, "looking again"))
        steps = self._outcomes
        try:
            return await verified(self._world, self._plan, steps)
        except Exception as error:  # noqa: BLE001  # what was done is told, whatever the look does
            told = f"every step was done, and looking again failed: {broke(error)}"
            return Outcome(OutcomeKind.FAILING, told, steps)

    @property
    def _outcomes(self) -> tuple[StepOutcome, ...]:
        return (*(one.ended for one in self._begun), *self._back)

    async def _failed(self, why: str) -> Outcome:
        """Take back what must not stay, and say what is left behind."""
        await self._take_back()
        kept = [one.step for one in self._begun if one.is_kept]
        unsure = [one.step for one in self._begun if one.state is StepState.UNKNOWN]
        told = [*await standing(self._world, kept)]
        told.extend(unknown(one, self._plan) for one in unsure)
        told.extend(self._reading_what_is_gone())
        left = "; ".join(told) or "nothing was changed"
        ended = Outcome(OutcomeKind.FAILED, why, self._outcomes, left)
        seen = await self._looked()
        return told_of(ended, seen) if seen and seen.fate is Fate.REVERTED else ended

    async def _looked(self) -> Watched | None:
        """What became of the live edit, where it was made."""
        edit = self._plan.watch
        made = any(_makes(one.step, edit) and one.state in _WELL for one in self._begun)
        if edit is None or not made:
            return None
        try:
            return await looked(self._world, edit)
        except Exception as error:  # noqa: BLE001  # what was done is told, whatever the look does
            return Watched(Fate.UNSEEN, broke(error))

    async def _take_back(self) -> None:
        """What must not stay, the last first; then what is to be read anew, where that is quiet."""
        for one in reversed(self._begun):
            if one.step.revert_on_failure and one.state in _MAYBE:
                await self._taken_back(one)
        for one in self._followers():
            if one.step.risk is Risk.NONE:
                await self._taken_back(one)

    def _followers(self) -> list[_Begun]:
        """The steps that made something read what was taken back since."""
        if not any(one.state is StepState.REVERTED for one in self._begun):
            return []
        return [one for one in self._begun if one.step.follows and one.is_kept]

    def _reading_what_is_gone(self) -> list[str]:
        return [reads_what_is_gone(one.step) for one in self._followers()]

    async def _taken_back(self, one: _Begun) -> None:
        if one.state is StepState.INTERRUPTED:
            one.state, _ = await one.attempt.settled(one.ended.text)
        if one.step.undo is None or one.state not in _MAYBE:
            return
        undo = f"undo {one.step.id}"
        await self._log.intended(undo)
        state, text = await Attempt(self._world, one.step.undo).made(one.step.limit_s, _quiet)
        if state is StepState.ALREADY and one.state is StepState.UNKNOWN:
            state, text = StepState.UNKNOWN, "it was not there to be taken back, and may still come"
        elif state in _WELL:
            state = one.state = StepState.REVERTED
        # What was done stays done by its own name, where it could not be taken back.
        name = one.step.id if one.state is StepState.REVERTED else undo
        self._back.append(StepOutcome(name, state, text))
        self._show(Progress(one.step.id, state, text if name != undo else f"{undo}: {text}"))
        await self._log.step(self._back[-1])


def _quiet(_text: str) -> None:
    """Taking back is told by its end."""


def _makes(step: Step, edit: LiveEdit | None) -> bool:
    """Whether the step makes that edit."""
    action = step.action
    return edit is not None and isinstance(action, PatchObject) and action.ref == edit.application

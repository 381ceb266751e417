"""The journal of one plan while it is applied: off the loop, and within a time limit.

A home folder on a network may hang, and must not hold up the dashboard, or what has to be taken
back. No step begins that is not on the journal; what has ended is written down if it can be.
"""

from __future__ import annotations

from collections.abc import Callable

from remedies.journal import Journal
from remedies.model import Outcome, Plan, Refusal, RefusedError, StepOutcome
from remedies.offloop import off_the_loop


class Log:
    """Writes of one plan. `trouble` is why the last one that failed did; empty where none has."""

    def __init__(self, journal: Journal, plan: Plan) -> None:
        self._journal = journal
        self._plan = plan
        self.trouble = ""

    async def planned(self) -> None:
        """The plan begins. Raises RefusedError."""
        try:
            await off_the_loop(lambda: self._journal.planned(self._plan))
        except OSError as error:
            raise self.refusal(error) from error

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

    def refusal(self, error: OSError) -> RefusedError:
        """Nothing is begun without a journal."""
        told = self._journal.trouble(error, "written")
        return RefusedError(Refusal.GUARD, f"nothing was changed: {told}")

    async def _if_possible(self, write: Callable[[], None]) -> None:
        try:
            await off_the_loop(write)
        except OSError as error:
            self.trouble = str(error)

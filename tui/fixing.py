"""Fixing: from a key to an outcome, one dialog after another; loaded when it is asked for first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from probes.model import Cause, ProbeError
from remedies.history import open_ends
from remedies.model import (
    Outcome,
    OutcomeKind,
    Plan,
    Preflight,
    Progress,
    Refusal,
    RefusedError,
    RemedyId,
    StepState,
)
from remedies.watching import Fate
from remedies.ways import ways_of
from remedies.words import WORDS
from tui import paths
from tui.acting import Session
from tui.hands import WATCHING, Hands
from tui.screens.arming import ArmingScreen
from tui.screens.journal import JournalScreen
from tui.screens.plan import Decision, PlanScreen
from tui.screens.progress import ProgressScreen
from tui.screens.remedies import Offer, RemediesScreen

if TYPE_CHECKING:
    from tui.app import OpsPortalApp

_UNEXPECTED = "it broke off; the journal says which steps had ended"

_DEFECT = "nothing was changed: planning broke off by a defect of this program"

Making = Callable[[Session], Awaitable[Plan]]
_Planned = tuple[Session, Plan, Preflight]
_Left = asyncio.Future[Decision | None]
"""Comes when the plan's screen is left."""


class Fixing:
    """What a dashboard's hands do. Each method runs in a worker, from beginning to end."""

    def __init__(self, app: OpsPortalApp, hands: Hands) -> None:
        self._app = app
        self._hands = hands

    async def fix(self, remedy: str, options: Mapping[str, str] | None = None) -> None:
        """Plan a remedy, and apply it where a person wants it."""
        wanted = RemedyId(remedy)
        await self._act(lambda session: session.plan(wanted, options), f"planning {remedy}")

    async def choose(self, cause: Cause) -> None:
        """Let a person choose among the remedies of a cause, and how each is done."""
        profile = (await self._session()).world.profile
        offers = tuple(
            Offer(remedy, WORDS[RemedyId(remedy)].title, way.words, way.options)
            for remedy in cause.remedies
            for way in ways_of(
                RemedyId(remedy), profile, paths.saved_fix(remedy, datetime.now(UTC))
            )
        )
        chosen = await self._app.push_screen_wait(RemediesScreen(cause, offers))
        if chosen:
            await self.fix(chosen.remedy, chosen.options)

    async def undo(self, wanted: str = "") -> None:
        """Plan the way back, and take it where a person wants it."""
        await self._act(lambda session: session.undo(wanted), "planning the way back")

    async def journal(self) -> None:
        """Show what was done, until nothing more is wanted."""
        session = await self._session()
        while True:
            told = await session.records()
            left = open_ends(told)
            wanted = await self._app.push_screen_wait(JournalScreen(told, left))
            if wanted is None:
                return None
            if wanted.undo:
                return await self.undo(wanted.id)
            for plan in (one.plan for one in left if one.plan and one.id == wanted.id):
                await session.settled(plan)

    async def arm(self) -> None:
        """Arm by the profile's name."""
        profile, snapshot = self._app.request.profile, self._app.reading.snapshot
        screen = ArmingScreen(profile.name, snapshot.namespace)
        if await self._app.push_screen_wait(screen):
            self._hands.set_armed(True)

    async def greet(self) -> None:
        """Tell what was never finished on this target; on one without hands there is nothing."""
        try:
            session = await self._session()
        except RefusedError:
            return
        left = await session.open_ends()
        if left:
            last = left[-1]
            at = f" at step {last.under_way}" if last.under_way else ""
            told = f"{last.remedy}, begun {last.at:%Y-%m-%d %H:%M} UTC, stopped{at}. "
            told += f"The journal (key {self._app.key_shown('fix.journal')}) tells how to find out "
            told += "what was done."
            title = f"{len(left)} not finished"
            self._app.notify(told, title=title, severity="warning", timeout=20, markup=False)

    async def _act(self, make: Making, doing: str) -> None:
        """Plan, ask, and apply; a plan outlives being armed for it."""
        screen, left = self._ask(doing)
        planned = await self._planned(make, screen, left)
        while planned is not None:
            session, plan, found = planned
            screen.post_message(PlanScreen.Made(plan, found, self._hands.armed))
            decision = await left
            if decision is Decision.APPLY:
                return await self._applied(session, plan)
            if decision is None:
                return None
            await self.arm()
            screen, left = self._ask(doing)
        return None

    def _ask(self, doing: str) -> tuple[PlanScreen, _Left]:
        screen = PlanScreen(doing)
        return screen, self._app.push_screen(screen, wait_for_dismiss=True)

    async def _planned(self, make: Making, screen: PlanScreen, left: _Left) -> _Planned | None:
        """The plan; None where there is none, or nobody waits for it any more."""
        planning = asyncio.create_task(self._plan(make))
        either: tuple[asyncio.Future[Any], ...] = (left, planning)
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not planning.done():
                return None
            return planning.result()
        except RefusedError as error:
            screen.post_message(PlanScreen.Refused(str(error)))
        except ProbeError as error:
            screen.post_message(PlanScreen.Refused(error.failure.sentence))
        except Exception as error:
            screen.post_message(PlanScreen.Refused(f"{_DEFECT} ({type(error).__name__})"))
            raise
        finally:
            planning.cancel()
        await left
        return None

    async def _plan(self, make: Making) -> _Planned:
        session = await self._session()
        plan = await make(session)
        return session, plan, await session.preflight(plan)

    async def _session(self) -> Session:
        """The hands on the target of now. Raises RefusedError where there is none."""
        way = self._app.looking.way
        if way is None:
            raise RefusedError(Refusal.NOT_APPLICABLE, "the way to the target is not open")
        return await way.session(self._hands.why_not)

    async def _applied(self, session: Session, plan: Plan) -> None:
        """Apply it before everybody's eyes, and stay with the outcome until it was read."""
        self._app.workers.cancel_group(self._app, WATCHING)
        screen = ProgressScreen(plan)
        left = self._app.push_screen(screen, wait_for_dismiss=True)
        self._hands.applying = True
        outcome = Outcome(OutcomeKind.FAILED, _UNEXPECTED)
        try:
            outcome = await self._outcome(session, plan, screen)
        finally:
            self._hands.applying = False
            screen.post_message(ProgressScreen.Ended(outcome))
        self._app.action_sweep()
        watching = self._watched(session, plan, outcome)
        self._app.run_worker(watching, group=WATCHING, exclusive=True, exit_on_error=False)
        undo = await left
        if undo:
            await self.undo(undo)

    async def _watched(self, session: Session, plan: Plan, outcome: Outcome) -> None:
        """Tell when a live edit was taken back, and by whom, wherever the person is by then."""
        seen = await session.watched(plan, outcome, lambda _: None)
        if seen and seen.fate is Fate.REVERTED:
            title = f"{plan.remedy} did not last"
            self._app.notify(
                seen.sentence, title=title, severity="warning", timeout=30, markup=False
            )
            self._app.action_sweep()

    async def _outcome(self, session: Session, plan: Plan, screen: ProgressScreen) -> Outcome:
        back: list[str] = []

        def show(progress: Progress) -> None:
            back.extend([progress.step] if progress.state is StepState.REVERTED else [])
            screen.post_message(ProgressScreen.Told(progress))

        try:
            return await session.apply(plan, show)
        except asyncio.CancelledError:
            self._hands.farewell = _broken_off(plan, back)
            raise
        except RefusedError as error:
            return Outcome(OutcomeKind.REFUSED, str(error))


def _broken_off(plan: Plan, back: Collection[str]) -> str:
    """What stands in the terminal once the dashboard has gone."""
    titles = ", ".join(step.title for step in plan.steps if step.id in back)
    told = f"{plan.remedy} was broken off; taken back: {titles or 'nothing'}"
    return f"opsportal-tui: {told}. `opsportal-tui journal` tells the rest, and how to find out"

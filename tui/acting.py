"""Acting: the hands on one open target, for the command line and the dashboard alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from probes.model import ProbeError
from remedies.executor import Executor, Show
from remedies.executor.log import Log
from remedies.findingout import findable
from remedies.history import Record, open_ends, records
from remedies.journal import Journal
from remedies.model import (
    Outcome,
    OutcomeKind,
    Plan,
    Preflight,
    Progress,
    Refusal,
    RefusedError,
    RemedyId,
    Site,
    StepState,
)
from remedies.offloop import off_the_loop
from remedies.options import strange
from remedies.planning import Ask, Remedy, new_id
from remedies.registry import REMEDIES
from remedies.undo import chosen, undo_plan
from remedies.watching import Fate, Watched, told_of, watch
from remedies.world import World
from tui import paths
from tui.keeping import out_of_reach
from tui.target import Target

WhyNot = Callable[[], str]

HOW_TO_ARM = (
    "read-only: nothing was changed. To apply it add `--allow-actions`, or set "
    "`allow_actions = true` in the profile; or paste the commands of the plan"
)


_APPLIED = (OutcomeKind.VERIFIED, OutcomeKind.WAITING, OutcomeKind.FAILING)


@dataclass(frozen=True, slots=True)
class Session:
    """What plans and acts on one open target. Whatever it plans is bound to this very cluster."""

    world: World
    executor: Executor
    journal: Journal
    remedies: Mapping[RemedyId, Remedy] = field(default_factory=lambda: REMEDIES)

    async def plan(self, remedy: RemedyId, options: Mapping[str, str] | None = None) -> Plan:
        """Look at the world anew and plan. Raises RefusedError; ProbeError where it cannot look."""
        if told := strange(remedy, options or {}):
            raise RefusedError(Refusal.NOT_APPLICABLE, told)
        snapshot = await self.world.sweep()
        if away := out_of_reach(snapshot):  # else a remedy takes what is hidden for absent
            raise ProbeError(away)
        plan = await self.remedies[remedy].plan(self.world, snapshot, Ask(options or {}))
        here = await self.world.site()
        bound = replace(plan, profile=here.profile, namespace=here.namespace)
        bound = replace(bound, cluster=here.cluster, namespace_uid=here.uid)
        return findable(bound, self.world.profile)

    async def undo(self, wanted: str = "") -> Plan:
        """What takes that plan back, or the newest one made on this target. Raises RefusedError."""
        here = await self.world.site()
        told = await self.records()
        found = chosen(told if wanted else _made_at(here, told), wanted)
        if found.plan and not found.plan.site.is_same(here):
            raise RefusedError(
                Refusal.NOT_APPLICABLE, f"{found.id} was made for {found.plan.site.unlike(here)}"
            )
        return undo_plan(found, new_id(), datetime.now(UTC))

    async def preflight(self, plan: Plan) -> Preflight:
        """What stands in the way of the plan. Raises ProbeError where it cannot look."""
        return await self.executor.preflight(plan)

    async def apply(self, plan: Plan, show: Show) -> Outcome:
        """Apply it and verify it. Raises RefusedError: then nothing was begun."""
        return await self.executor.apply(plan, show)

    async def watched(self, plan: Plan, outcome: Outcome, show: Show) -> Watched | None:
        """What became of a live edit since it was applied; None where there is none to watch.

        One that was taken back is told to the journal, if that can be written.
        """
        if plan.watch is None or outcome.kind not in _APPLIED or not outcome.lasted:
            return None
        seen = await watch(
            self.world, plan.watch, lambda told: show(Progress("", StepState.RUNNING, told))
        )
        if seen.fate is not Fate.REVERTED:
            return seen
        log = Log(self.journal, plan)
        await log.finished(told_of(outcome, seen))
        lacks = f"; the journal lacks it: {log.trouble}" if log.trouble else ""
        return replace(seen, sentence=f"{seen.sentence}{lacks}")

    async def records(self) -> tuple[Record, ...]:
        """Every plan of the journal, oldest first. Raises RefusedError where it cannot be read."""
        try:
            return await off_the_loop(lambda: records(self.journal.entries()))
        except OSError as error:
            raise RefusedError(Refusal.GUARD, self.journal.trouble(error, "read")) from error

    async def settled(self, plan: Plan) -> None:
        """Note that a person has looked after an unfinished plan. Raises RefusedError."""
        try:
            await off_the_loop(lambda: self.journal.settled(plan))
        except OSError as error:
            raise RefusedError(Refusal.GUARD, self.journal.trouble(error, "written")) from error

    async def open_ends(self) -> tuple[Record, ...]:
        """The plans on this target whose end nobody knows, oldest first. Raises RefusedError."""
        left = open_ends(await self.records())
        return _made_at(await self.world.site(), left) if left else ()


def _made_at(here: Site, told: Iterable[Record]) -> tuple[Record, ...]:
    """Those that were begun on that target."""
    return tuple(one for one in told if one.plan and one.plan.site.is_same(here))


def the_journal() -> Journal:
    """This user's journal on this machine."""
    return Journal(paths.state_folder() / "journal.jsonl")


def session_on(target: Target, why_not: WhyNot) -> Session:
    """The hands on an open target; `why_not` says why nothing may be written now, or is empty."""
    world = World(target.reach, target.profile, target.sweeper.run, target.argocd_token)
    journal = the_journal()
    return Session(world, Executor(world, journal, why_not), journal)


def by_profile(target: Target) -> WhyNot:
    """Nothing is written unless the profile allows it (a sandbox does)."""
    return lambda: "" if target.profile.allow_actions else HOW_TO_ARM

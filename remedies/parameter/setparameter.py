"""Setting a helm parameter of ops-service's Application: one mechanism for each of its remedies.

A live edit is what helps now. Where an owner of the Application heals it, the edit does not last:
that is said first, the durable fix stands beside it, for Git, and the edit is not made
unattended unless somebody has said that it is wanted all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from probes.checks.settings import PARAMETER
from probes.model import CauseId, CheckId, Snapshot
from probes.profile import Profile
from remedies.git.durable import owner_ref
from remedies.git.fix import GitFix, git_fix
from remedies.model import LiveEdit, Plan, Refusal, RefusedError, RemedyId, Step
from remedies.parameter import settings
from remedies.parameter.helm import Edit
from remedies.parameter.managed import Managed, managed
from remedies.parameter.steps import live_steps
from remedies.planning import Ask, new_id, plan_for
from remedies.world import World

_WATCH_S, _LONGEST_WATCH_S = 30.0, 600.0
_EDIT = "edit"


class SetParameter:
    """The base. Each takes the option `value` beside those of `plan`."""

    id: RemedyId
    causes: frozenset[CauseId]
    name: ClassVar[str]
    checks: ClassVar[tuple[CheckId, ...]]
    is_address: ClassVar[bool] = False

    async def wanted(self, world: World, snapshot: Snapshot) -> str:
        """The value that it should have. Raises RefusedError where that was not seen."""
        raise NotImplementedError

    def beware(self, snapshot: Snapshot) -> tuple[str, ...]:
        """What else is to be said before."""
        return ()

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError, ProbeError.

        `clone=PATH` commits the durable fix to a local clone, on a new branch (`branch=NAME`), and
        `save=FILE` saves it to a file; nothing is changed live then, unless `live=yes` says so,
        which also insists on an edit that will be reverted. `watch=SECONDS` is how long such an
        edit is watched over, 0 for not at all.
        """
        options, insists = ask.options, ask.insists("live")
        value = settings.said(options, address=self.is_address)
        value = value or await self.wanted(world, snapshot)
        there = await managed(world, snapshot, self.name, value, options.get("source", ""))
        edit = Edit(there.parameters, f"{PARAMETER}{self.name}", value)
        plan_id = new_id()
        fix = await git_fix(world, there, edit, self.id, options, plan_id)
        live: tuple[Step, ...] = ()
        if not fix.steps or insists:
            self._refuse_if_so_already(there, edit)
            live = await live_steps(world, there, edit, plan_id)
        is_edit = any(step.id == _EDIT for step in live)
        plan = plan_for(
            self.id,
            snapshot,
            _sentence(self.name, there, edit, fix, live),
            (*fix.steps, *live),
            checks=self.checks,
            causes=sorted(self.causes),
            warnings=(
                *_reverting(there, is_edit),
                *_overriding(edit, is_edit),
                *self.beware(snapshot),
                *fix.notes,
            ),
            id=plan_id,
        )
        return replace(
            plan,
            durable=fix.diff,
            attended=_attended(world.profile, there) if is_edit and not insists else "",
            waits_for="" if live else fix.then,
            watch=_watch(there, edit, options) if is_edit else None,
        )

    def _refuse_if_so_already(self, there: Managed, edit: Edit) -> None:
        parameter = edit.parameters.value(edit.name)
        if not all(self._same(one, edit.value) for one in (there.now, parameter or there.now)):
            return
        told = (
            f"ConfigMap {there.config_map.name} has {self.name} as it should be, {there.now}: a "
            "container that started before reads it after a restart (restart-workload)"
        )
        raise RefusedError(Refusal.NOTHING_TO_DO, told)

    def _same(self, one: str | None, other: str) -> bool:
        """An address means the same with a slash at its end."""
        return one is not None and (one == other or (self.is_address and one.rstrip("/") == other))


def _sentence(name: str, there: Managed, edit: Edit, fix: GitFix, live: tuple[Step, ...]) -> str:
    if not live:
        return f"{fix.steps[0].title}: it sets {name} to {edit.value}"
    if not any(step.id == _EDIT for step in live):
        return f"Have Argo CD bring {name}, {edit.value}, from {there.ref.name} to the pods"
    return f"Set {name} to {edit.value} in Application {there.ref.name}"


def _reverting(there: Managed, is_edit: bool) -> tuple[str, ...]:
    """Who will take it back, said before anything else."""
    if not (is_edit and there.owner):
        return ()
    ends = {
        True: (
            "reverts this, usually within seconds (5 s by Argo CD's default), at the latest when "
            "it compares again (every 3 min by default); the pods restart once more then. To last "
            "it has to be in Git: `F` on the cause offers that in the dashboard, `clone=PATH` "
            "without one"
        ),
        False: "declares this Application: it does not heal it, but its next sync reverts this",
        None: "declares this Application; whether it reverts this could not be read",
    }
    return (f"{there.owner} {ends[there.seen.owner_self_heals]}",)


def _overriding(edit: Edit, is_edit: bool) -> tuple[str, ...]:
    """What the source says besides, and will no longer count."""
    told = edit.parameters.beneath(edit.name)
    return (told,) if is_edit and told else ()


def _attended(profile: Profile, there: Managed) -> str:
    """Why `--yes` alone does not make a live edit that will be reverted."""
    if not there.heals:
        return ""
    return (
        f"{there.owner} reverts this live edit within seconds. Say which is wanted: "
        f"`--set live=yes` makes it all the same, `--set clone={profile.git_clone or 'PATH'}` "
        "commits the durable fix to a local clone instead (or `--set save=FILE` saves it)"
    )


def _watch(there: Managed, edit: Edit, options: Mapping[str, str]) -> LiveEdit | None:
    """Nobody is watched who is known to leave it alone."""
    try:
        limit_s = float(options.get("watch", _WATCH_S))
    except ValueError:
        told = f"`watch={options['watch']}` is no number of seconds"
        raise RefusedError(Refusal.NOT_APPLICABLE, told) from None
    if not there.owner or there.seen.owner_self_heals is False or limit_s <= 0:
        return None
    ref = owner_ref(there.application)
    return LiveEdit(there.ref, edit.wanted, there.owner, ref, min(limit_s, _LONGEST_WATCH_S))

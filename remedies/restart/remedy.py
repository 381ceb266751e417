"""restart-workload: new pods, which read the ConfigMaps and Secrets as they are now."""

from __future__ import annotations

from probes.diagnosis import diagnose
from probes.model import CauseId, CheckId, ControllerSeen, Snapshot, WorkloadSeen, seen_in
from probes.workload.probe import settled
from remedies.model import Plan, Refusal, RefusedError, RemedyId
from remedies.planning import Ask, plan_for
from remedies.restart.steps import for_good, restart_steps_for
from remedies.world import World

_CAUSES = frozenset({CauseId.WORKLOAD_STALE_CONFIG, CauseId.DB_SCHEMA_INCOMPLETE})
_WHYS = {
    CauseId.WORKLOAD_STALE_CONFIG: "so that new pods read today's settings",
    CauseId.DB_SCHEMA_INCOMPLETE: "so that the migration runs",
}
_ANYWAY = "`--set anyway=yes` restarts it all the same"


class RestartWorkload:
    """The remedy. Option: `anyway=yes`, where nothing that was seen asks for a restart."""

    id = RemedyId.RESTART_WORKLOAD
    causes = _CAUSES

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError (nothing to do, scaled to zero, …), ProbeError."""
        named = tuple(one.id for one in diagnose(snapshot).causes if one.id in _CAUSES)
        _refuse_if_pointless(snapshot, named, anyway=ask.insists("anyway"))
        why = _WHYS[named[0]] if named else "as it was asked for"
        steps = tuple(map(for_good, await restart_steps_for(world, snapshot, why)))
        return plan_for(
            self.id,
            snapshot,
            steps[0].title,
            steps,
            checks=(CheckId.WORKLOAD_ROLLOUT, CheckId.WORKLOAD_CONFIG),
            causes=named,
        )


def _refuse_if_pointless(snapshot: Snapshot, named: tuple[CauseId, ...], *, anyway: bool) -> None:
    """Raises RefusedError where a restart would change nothing, or one is under way."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    controller = workload.controller if workload else None
    if workload is None or not isinstance(controller, ControllerSeen):
        return  # whoever makes the steps says why
    if controller.desired == 0:
        told = f"{controller.name} is scaled to zero: there is no pod to restart; scale it up first"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    if not anyway and not settled(controller, workload.pods):
        counts = f"{controller.updated} of {controller.desired} pods are new"
        told = f"a rollout is under way ({counts}, {controller.available} available): {_ANYWAY}"
        raise RefusedError(Refusal.BUSY, told)
    if not anyway and not named:
        told = f"new pods would read what the running ones have; {_ANYWAY}"
        raise RefusedError(Refusal.NOTHING_TO_DO, told)

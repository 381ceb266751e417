"""Waiting for a rollout: until every pod is new and ready, or why that does not come to be.

A refused pod (an admission policy, a quota) is told by the controller's own conditions, a pod that
is made and does not get ready (an image, a crash) by the warnings about that very pod: so nothing
is told that is over.
"""

from __future__ import annotations

from probes.model import PodSeen, ProbeError
from probes.pods import newest_first, pod_seen
from probes.rawjson import Obj, mapping, objects, text
from probes.reach.apipath import CORE, namespaced
from probes.text import safe_text
from probes.workload.controller import selector_of
from probes.workload.events import warnings_about
from remedies.model import AwaitRollout
from remedies.performing.base import Seen, Standing
from remedies.performing.held import gave_up, held, refused
from remedies.performing.objects import read
from remedies.performing.waiting import WaitingPerformer
from remedies.workloads import lender_of
from remedies.world import World

_AT_ONCE, _TWICE, _HALF_A_MINUTE = 1, 2, 7
"""Looks: an admission controller's only replica may restart, an old pod's quota may get free."""

_NOT_SEEN = "its controller has not seen the change yet"
_LONGEST = 300


class RolloutPerformer(WaitingPerformer):
    """Performs `AwaitRollout`, of a Deployment or an Argo Rollout."""

    async def see(self, world: World, action: AwaitRollout) -> Seen:
        """Done where every pod is updated and available, and none of an older template is left."""
        found = await read(world, action.workload)
        if found is None:
            return Seen(Standing.STALE, f"{action.workload} is not there any more")
        lender = await lender_of(world, action.workload, found)
        waiting = _NOT_SEEN if _lags(found, lender) else rollout_waits_for(found)
        if not waiting:
            return Seen(Standing.DONE, "every pod is new")
        if waiting == _NOT_SEEN:
            return Seen(Standing.FRESH, waiting)
        blocked, patience = _blocked(world, action, found)
        if blocked:
            told = f"the rollout is blocked: {blocked}"
            return Seen(Standing.FRESH, told, stuck=True, patience=patience)
        trouble = await _trouble(world, action, found)
        return Seen(Standing.FRESH, f"{waiting}; {trouble}" if trouble else waiting)


def _lags(rollout: Obj, lender: Obj | None) -> bool:
    """Whether the Deployment that lends its template has a newer one than the Rollout has seen."""
    seen = text(mapping(rollout, "status"), "workloadObservedGeneration")
    return lender is not None and int(seen or 0) < int(mapping(lender, "metadata")["generation"])


def rollout_waits_for(workload: Obj) -> str:
    """What a rollout still waits for, in words; empty when it is complete.

    Source: kubectl, `pkg/polymorphichelpers/rollout_status.go`; for Argo Rollouts the counts mean
    the same, and a restart is over when `status.restartedAt` has come up to `spec.restartAt`.
    """
    spec, status = mapping(workload, "spec"), mapping(workload, "status")
    generation = mapping(workload, "metadata").get("generation", 0)
    if int(status.get("observedGeneration") or 0) < int(generation or 0):
        return _NOT_SEEN
    restart = text(spec, "restartAt")
    if restart and text(status, "restartedAt") < restart:
        return "the pods are being restarted"
    wanted, total, updated, ready = (
        int(value or 0)
        for value in (
            spec.get("replicas", 1),
            status.get("replicas"),
            status.get("updatedReplicas"),
            status.get("availableReplicas"),
        )
    )
    if updated < wanted:
        return f"{updated} of {wanted} pods are new"
    if total > updated:
        return f"{total - updated} old pods are on their way out"
    return f"{ready} of {updated} new pods are ready" if ready < updated else ""


def _blocked(world: World, action: AwaitRollout, found: Obj) -> tuple[str, int]:
    """Why it does not go on, and after how many looks it is given up; empty where it goes on."""
    holding = held(action.workload, found)
    if holding:
        return holding.told(world.profile, action.workload), _AT_ONCE
    given_up = gave_up(found)
    return (given_up, _TWICE) if given_up else (refused(found), _HALF_A_MINUTE)


async def _trouble(world: World, action: AwaitRollout, workload: Obj) -> str:
    """What is told of the newest pod that is not ready; empty where nothing can be learnt."""
    try:
        pod = await _unready(world, action, workload)
        return await _told_of(world, pod) if pod else ""
    except ProbeError:
        return ""  # a role may look at the rollout and not at pods or events


async def _unready(world: World, action: AwaitRollout, workload: Obj) -> PodSeen | None:
    path = namespaced(CORE, action.workload.namespace, "pods")
    found = await world.reach.cluster.get(path, {"labelSelector": selector_of(workload)})
    pods = newest_first(pod_seen(one) for one in objects(found, "items"))
    return next((one for one in pods if not (one.ready or one.deleting)), None)


async def _told_of(world: World, pod: PodSeen) -> str:
    """The newest warning about the pod, else what its status says."""
    limit = world.profile.timeout_s
    warnings = await warnings_about(world.reach.cluster, pod.namespace, pod.name, limit)
    if warnings.events:
        newest = warnings.events[0]
        told = f"{newest.reason}: {world.reach.cluster.redactor(newest.message)}"
        return safe_text(f"{newest.object} {told}", _LONGEST)
    reasons = [one.reason for one in pod.containers if one.reason] or [pod.reason]
    return f"Pod/{pod.name} {reasons[0]}" if reasons[0] else ""

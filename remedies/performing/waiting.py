"""Waiting: for a rollout, for a sync. Reads only, never faster than every five seconds.

The first look is at once, and what is waited for is told each time it changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from probes.pods import mapping, objects, text
from probes.text import safe_text
from remedies.model import AwaitRollout, AwaitSync, ObjectRef
from remedies.performing.base import Performer, Seen, Standing, StepError, Tell
from remedies.performing.objects import at, read
from remedies.world import World

CALM_S = 5.0
"""Between two looks at the API server."""

_NOT_SEEN = "its controller has not seen the change yet"

Obj = Mapping[str, Any]


class WaitingPerformer:
    """The base: performing is to look until it is done. A step's time limit ends it."""

    async def look(self, world: World, action: Any) -> Seen:
        """How far it has come; `FRESH` with words while there is something to wait for."""
        raise NotImplementedError

    async def rehearse(self, world: World, action: Any) -> str:
        """Waiting needs no rehearsal."""
        return ""

    async def perform(self, world: World, action: Any, tell: Tell) -> str:
        """Look until it is done."""
        told = ""
        while (seen := await self.look(world, action)).standing is Standing.FRESH:
            if seen.text != told:
                told = seen.text
                tell(told)
            await asyncio.sleep(CALM_S)
        if seen.standing is Standing.STALE:
            raise StepError(seen.text)
        return seen.text


class RolloutPerformer(WaitingPerformer):
    """Performs `AwaitRollout`, of a Deployment or an Argo Rollout."""

    async def look(self, world: World, action: AwaitRollout) -> Seen:
        """Done where every pod is updated and available, and none of an older template is left."""
        found = await read(world, action.workload)
        if found is None:
            return Seen(Standing.STALE, f"{action.workload} is not there any more")
        waiting = rollout_waits_for(found)
        blocked = _blocked(found)
        if waiting and waiting != _NOT_SEEN and blocked:
            return Seen(Standing.STALE, f"the rollout is blocked: {blocked}")
        return Seen(Standing.FRESH, waiting) if waiting else Seen(Standing.DONE, "every pod is new")


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


def _blocked(workload: Obj) -> str:
    """Why no pod can be made: an admission policy, a quota."""
    for one in objects(mapping(workload, "status"), "conditions"):
        if one.get("type") == "ReplicaFailure" and one.get("status") == "True":
            return text(one, "message") or text(one, "reason")
    return ""


class SyncPerformer(WaitingPerformer):
    """Performs `AwaitSync`."""

    async def look(self, world: World, action: AwaitSync) -> Seen:
        """Done where the ConfigMap has the value; a failed operation ends the waiting."""
        config, application = await asyncio.gather(
            read(world, action.config_map), read(world, action.application)
        )
        if application is None:
            return Seen(Standing.STALE, f"{action.application} is not there any more")
        if config is not None and mapping(config, "data").get(action.key) == action.value:
            return Seen(Standing.DONE, f"{action.config_map} has the value")
        operation = mapping(mapping(application, "status"), "operationState")
        phase = text(operation, "phase")
        if phase in ("Failed", "Error"):
            return Seen(Standing.STALE, f"the sync failed: {text(operation, 'message')}")
        return Seen(Standing.FRESH, _sync_words(application, action.config_map))


def _sync_words(application: Obj, config_map: ObjectRef) -> str:
    status = safe_text(str(at(application, "/status/sync/status")))
    return f"Argo CD has yet to sync {config_map} (Application is {status})"


WAITING: Mapping[type, Performer[Any]] = {
    AwaitRollout: RolloutPerformer(),
    AwaitSync: SyncPerformer(),
}

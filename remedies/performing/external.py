"""Waiting for External Secrets: until an ExternalSecret was refreshed, or why it was not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probes.model import ProbeError
from probes.pods import mapping, objects, text
from probes.reach.apipath import CORE, namespaced
from remedies.model import AwaitExternalSecret, ObjectRef
from remedies.performing.base import Seen, Standing
from remedies.performing.objects import read
from remedies.performing.secrets import token_id_in
from remedies.performing.waiting import WaitingPerformer
from remedies.world import World

Obj = Mapping[str, Any]


class ExternalSecretPerformer(WaitingPerformer):
    """Performs `AwaitExternalSecret`."""

    async def look(self, world: World, action: AwaitExternalSecret) -> Seen:
        """Done where refreshTime has advanced, and the Secret holds the token where one is due.

        A failure is told by the Ready condition in general words, and by an event in the
        provider's own: the newest one, if it is of after we asked.
        """
        found = await read(world, action.external)
        if found is None:
            return Seen(Standing.STALE, f"{action.external} is not there any more")
        ready = ready_condition(found)
        if ready.get("status") == "True" and _is_newer(found, action):
            return await _arrived(world, action, found)
        if ready.get("status") == "False":
            told = await newest_warning(world, action.external, action.forced_at)
            if told:
                return Seen(Standing.STALE, f"{text(ready, 'message')}: {told}")
        waits = text(ready, "message") or "the operator has not looked at it yet"
        return Seen(Standing.FRESH, f"{action.external} is not refreshed yet ({waits})")


def _is_newer(external: Obj, action: AwaitExternalSecret) -> bool:
    """Whether it was refreshed since; within one second the version that was synced tells."""
    status = mapping(external, "status")
    refreshed, synced = text(status, "refreshTime"), text(status, "syncedResourceVersion")
    return refreshed > action.since or (refreshed == action.since and synced != action.synced)


async def _arrived(world: World, action: AwaitExternalSecret, external: Obj) -> Seen:
    ready, refreshed = ready_condition(external), text(mapping(external, "status"), "refreshTime")
    if text(ready, "reason") != "SecretSynced":
        return Seen(Standing.STALE, f"{text(ready, 'reason')}: {text(ready, 'message')}")
    if action.secret is not None:
        secret = await read(world, action.secret)
        if token_id_in(secret, action.key) != action.id:
            return Seen(Standing.FRESH, f"{action.secret} has not got the token yet")
    return Seen(Standing.DONE, f"{action.external} was refreshed at {refreshed}")


def ready_condition(external: Obj) -> Obj:
    """The Ready condition, or an empty one."""
    conditions = objects(mapping(external, "status"), "conditions")
    return next((one for one in conditions if one.get("type") == "Ready"), {})


async def newest_warning(world: World, ref: ObjectRef, since: str) -> str:
    """What the operator last warned of, at or after a time; empty where events cannot be read."""
    about = f"involvedObject.kind=ExternalSecret,involvedObject.name={ref.name}"
    try:
        found = await world.reach.cluster.get(
            namespaced(CORE, ref.namespace, "events"), {"fieldSelector": about}
        )
    except ProbeError:
        return ""
    told = [one for one in objects(found, "items") if one.get("type") == "Warning"]
    newest = max(told, key=_seen_at, default={})
    return text(newest, "message") if newest and _seen_at(newest) >= since else ""


def _seen_at(event: Obj) -> str:
    return text(event, "lastTimestamp") or text(event, "eventTime")

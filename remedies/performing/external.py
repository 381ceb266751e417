"""Waiting for External Secrets: until an ExternalSecret was refreshed, or why it was not."""

from __future__ import annotations

from probes.model import ProbeError
from probes.rawjson import Obj, mapping, objects, text
from probes.reach.apipath import CORE, namespaced
from remedies.model import AwaitExternalSecret, ObjectRef
from remedies.performing.base import Seen, Standing
from remedies.performing.objects import read
from remedies.performing.secrets import token_id_in
from remedies.performing.waiting import WaitingPerformer
from remedies.world import World

_FORCE = "f:force-sync"


class ExternalSecretPerformer(WaitingPerformer):
    """Performs `AwaitExternalSecret`."""

    async def see(self, world: World, action: AwaitExternalSecret) -> Seen:
        """Done where refreshTime has advanced, and the Secret holds the token where one is due.

        A failure is told by the Ready condition in general words, and by an event in the
        provider's own. It ends the waiting only where that is of after we asked: the operator
        tries again by itself, and may have failed a moment before.
        """
        found = await read(world, action.external)
        if found is None:
            return Seen(Standing.STALE, f"{action.external} is not there any more")
        ready = ready_condition(found)
        if ready.get("status") == "True" and _is_newer(found, action):
            return await _arrived(world, action, found)
        waits = text(ready, "message") or "the operator has not looked at it yet"
        if ready.get("status") == "False":
            at, told = await newest_warning(world, action.external)
            waits = f"{waits}: {told}" if told else waits
            asked = _asked_at(found)
            if asked and at > asked:
                return Seen(Standing.STALE, waits)
        return Seen(Standing.FRESH, f"{action.external} is not refreshed yet ({waits})")


def _asked_at(external: Obj) -> str:
    """When it was created or asked to refresh, by the server's own clock; empty if it is not told.

    RFC 3339 in UTC, as the events' times are.
    """
    metadata = mapping(external, "metadata")
    entries = objects(metadata, "managedFields")
    asked = (text(one, "time") for one in entries if _FORCE in _annotated(one))
    return max((text(metadata, "creationTimestamp"), *asked)) if entries else ""


def _annotated(entry: Obj) -> Obj:
    """The annotations that an entry of managedFields is about."""
    return mapping(mapping(mapping(entry, "fieldsV1"), "f:metadata"), "f:annotations")


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


async def newest_warning(world: World, ref: ObjectRef) -> tuple[str, str]:
    """When and of what the operator last warned; empty where there is none that can be read."""
    about = f"involvedObject.kind=ExternalSecret,involvedObject.name={ref.name}"
    try:
        found = await world.reach.cluster.get(
            namespaced(CORE, ref.namespace, "events"), {"fieldSelector": about}
        )
    except ProbeError:
        return "", ""
    told = [one for one in objects(found, "items") if one.get("type") == "Warning"]
    newest = max(told, key=_seen_at, default={})
    return _seen_at(newest), text(newest, "message")


def _seen_at(event: Obj) -> str:
    return text(event, "lastTimestamp") or text(event, "eventTime")

"""Performing `RunCurl`: made, watched to its end, read, and deleted in every outcome.

Where even the program is killed in the middle, the pod's deadline ends it, and its label tells the
next run whose it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from probes.model import ProbeError
from probes.rawjson import Obj, mapping, objects, text
from probes.reach.apipath import CORE, namespaced
from probes.text import safe_text
from remedies.model import RunCurl
from remedies.performing import waiting
from remedies.performing.base import Seen, Standing, StepError, Tell
from remedies.performing.objects import at, holds, read, refusal
from remedies.world import World

_CLEARING_S = 10.0
_LONGEST = 300
_HOPELESS = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
    }
)
"""Why a container does not start, where waiting for a minute more helps nobody."""


class CurlPerformer:
    """Performs `RunCurl`."""

    async def look(self, world: World, action: RunCurl) -> Seen:
        """Fresh where nothing of that name is there, or only what is on its way out."""
        found = await read(world, action.ref)
        if found is None or text(mapping(found, "metadata"), "deletionTimestamp"):
            return Seen(Standing.FRESH)
        if holds(found, action.wanted):
            return Seen(Standing.STALE, f"{action.ref} is still there: delete it")
        return Seen(Standing.STALE, f"{action.ref} is there, and somebody else's")

    async def rehearse(self, world: World, action: RunCurl) -> str:
        """The server's dry run: admission policies and quotas speak here."""
        return await refusal(_create(world, action, {"dryRun": "All"}))

    async def perform(self, world: World, action: RunCurl, tell: Tell) -> str:
        """What it printed, in a few words. Raises StepError where it did not run to its end."""
        try:
            await _create(world, action, None)
            tell(f"{action.ref} is made")
            await _ended(world, action, tell)
            told = await _printed(world, action, tell)
        except BaseException:
            await asyncio.shield(_cleared(world, action, tell))
            raise
        await _delete(world, action)
        tell(f"{action.ref} is deleted")
        return told


async def _create(world: World, action: RunCurl, params: Mapping[str, str] | None) -> Obj:
    return await world.reach.cluster.send("POST", action.ref.collection, action.body, params)


async def _ended(world: World, action: RunCurl, tell: Tell) -> None:
    """Wait until each of our containers has ended, whatever a sidecar still does."""
    told, hopeless = "", False
    while True:
        pod = await waiting.answered(lambda: read(world, action.ref), tell)
        if pod is None:
            raise StepError(f"somebody else has deleted {action.ref}")
        status = mapping(pod, "status")
        states = _states(status, action)
        if len(states) == len(action.containers) and all("terminated" in one for one in states):
            return
        _refuse_expired(action, status)
        waits = _waits_for(status, states)
        reasons = {text(mapping(one, "waiting"), "reason") for one in states}
        if hopeless and reasons & _HOPELESS:
            raise StepError(f"{action.ref} cannot start: {waits}")
        hopeless = bool(reasons & _HOPELESS)
        if waits != told:
            told = waits
            tell(told)
        await asyncio.sleep(waiting.CALM_S)


def _states(status: Obj, action: RunCurl) -> list[Obj]:
    statuses = objects(status, "containerStatuses")
    return [mapping(one, "state") for one in statuses if one.get("name") in action.containers]


def _refuse_expired(action: RunCurl, status: Obj) -> None:
    """Raises StepError where the pod has failed as a whole: its deadline, an eviction."""
    if text(status, "phase") == "Failed" and text(status, "reason"):
        told = f"{text(status, 'reason')}: {text(status, 'message')}"
        raise StepError(f"{action.ref} was ended before it had an answer: {told}")


def _waits_for(status: Obj, states: list[Obj]) -> str:
    """Why it does not run yet, or that it runs."""
    for one in objects(status, "conditions"):
        if one.get("type") == "PodScheduled" and one.get("status") == "False":
            return f"{text(one, 'reason')}: {text(one, 'message')}"
    for one in states:
        pending = mapping(one, "waiting")
        if pending:
            message = text(pending, "message")
            return f"{text(pending, 'reason')}{f': {message}' if message else ''}"
    return "it runs" if states else "no node has taken it yet"


async def _printed(world: World, action: RunCurl, tell: Tell) -> str:
    """The answers, told as they are read, and the whole in one line."""
    heard = []
    for name in action.containers:
        heard.append(f"{name}: {answered(await _log(world, action, name))}")
        tell(heard[-1])
    return "; ".join(heard)


async def _log(world: World, action: RunCurl, container: str) -> str:
    path = namespaced(CORE, action.ref.namespace, "pods", action.ref.name, "log")
    params = {"container": container, "limitBytes": str(action.limit_bytes)}
    cluster = world.reach.cluster
    return cluster.redactor(await cluster.text(path, params))


def answered(log: str) -> str:
    """What `curl --include` printed: status and the beginning of the body, or its own complaint."""
    head, _, body = log.replace("\r\n", "\n").partition("\n\n")
    first = head.partition("\n")[0]
    if not first.startswith("HTTP/"):
        return safe_text(log, _LONGEST) or "it printed nothing"
    status = safe_text(first.partition(" ")[2], 80)
    return f"{status}: {safe_text(body, _LONGEST) or 'an empty body'}"


async def _cleared(world: World, action: RunCurl, tell: Tell) -> None:
    """Delete it after something went wrong; where that fails, too, it is only told."""
    try:
        async with asyncio.timeout(_CLEARING_S):
            await _delete(world, action)
    except (ProbeError, TimeoutError) as error:
        tell(f"{action.ref} could not be deleted: {error or 'no answer in time'}")


async def _delete(world: World, action: RunCurl) -> None:
    """Delete that very pod: by its uid, if it is ours."""
    found = await read(world, action.ref)
    if found is None or not holds(found, action.wanted):
        return
    known = {"uid": at(found, "/metadata/uid")}
    options = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": known}
    await world.reach.cluster.send("DELETE", action.ref.path, options)

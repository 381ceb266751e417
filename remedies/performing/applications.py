"""Performing what Argo CD does with an Application: a sync that is asked for, and its end.

Another operation is never overwritten: the patch holds only for the very version of the object
that was seen without one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from probes.model import ProbeError
from probes.rawjson import Obj, mapping, objects, text
from remedies.model import AwaitOperation, AwaitRefresh, ObjectRef, RequestSync
from remedies.performing.base import Seen, Standing, StepError, Tell
from remedies.performing.objects import read, refusal
from remedies.performing.waiting import WaitingPerformer, answered, calm
from remedies.world import World

REFRESH = "argocd.argoproj.io/refresh"
MERGE_PATCH = "application/merge-patch+json"
ENDED_BADLY = ("Failed", "Error")

_MARK = "opsportal-tui"
_CONFLICT = 409
_DRY_RUN = {"dryRun": "All"}
_SHOWN = 3
"""Objects that a failed sync is told by; the rest is counted."""


def operation_of(action: RequestSync) -> dict[str, Any]:
    """The operation as Argo CD takes it, marked as ours."""
    sync: dict[str, Any] = {"syncStrategy": {"hook": {}}}
    if action.prune:
        sync["prune"] = True
    if action.options:
        sync["syncOptions"] = list(action.options)
    return {
        "initiatedBy": {"username": _MARK},
        "info": [{"name": _MARK, "value": action.id}],
        "sync": sync,
    }


class SyncRequestPerformer:
    """Performs `RequestSync`."""

    async def look(self, world: World, action: RequestSync) -> Seen:
        """Done where the operation that runs, or the newest one that ran, is ours."""
        application = await read(world, action.application)
        if application is None:
            return gone(action.application)
        ours = action.id in (*_ids(application), *_ids(state_of(application)))
        return Seen(Standing.DONE if ours else Standing.FRESH)

    async def rehearse(self, world: World, action: RequestSync) -> str:
        """The server's dry run."""
        return await refusal(self._send(world, action, {}, _DRY_RUN))

    async def perform(self, world: World, action: RequestSync, tell: Tell) -> str:
        """One patch, as soon as no other operation runs; the step's time limit ends the waiting."""
        told = ""
        while True:
            application = await answered(lambda: read(world, action.application), tell)
            if application is None:
                raise StepError(f"{action.application} is not there any more", certain=True)
            runs = running(application)
            if not runs and await self._sent(world, action, application):
                return f"asked for a sync of {action.application}"
            if runs and runs != told:
                told = runs
                tell(f"waiting: {runs}")
            await calm()

    async def _sent(self, world: World, action: RequestSync, application: Obj) -> bool:
        """Whether the patch was taken; the server refuses it where the object has changed since."""
        version = {"resourceVersion": text(mapping(application, "metadata"), "resourceVersion")}
        try:
            await self._send(world, action, {"metadata": version}, None)
        except ProbeError as error:
            if error.failure.status == _CONFLICT:
                return False
            raise
        return True

    async def _send(
        self,
        world: World,
        action: RequestSync,
        bound: Mapping[str, Any],
        params: Mapping[str, str] | None,
    ) -> None:
        body = {**bound, "operation": operation_of(action)}
        path = action.application.path
        await world.reach.cluster.send("PATCH", path, body, params, content_type=MERGE_PATCH)


class OperationPerformer(WaitingPerformer):
    """Performs `AwaitOperation`."""

    async def see(self, world: World, action: AwaitOperation) -> Seen:
        """Done where nothing runs any more and nothing of it failed."""
        application = await read(world, action.application)
        if application is None:
            return gone(action.application)
        runs = running(application)
        if runs:
            return Seen(Standing.FRESH, runs)
        state = state_of(application)
        is_new = newest_operation(application) != action.since or action.id in _ids(state)
        if action.id and not is_new:
            return Seen(Standing.STALE, "somebody took the sync away that was asked for")
        if is_new and text(state, "phase") in ENDED_BADLY:
            return Seen(Standing.STALE, failed(state))
        status = text(mapping(mapping(application, "status"), "sync"), "status") or "Unknown"
        ended = f"{text(state, 'message')}; " if is_new and text(state, "message") else ""
        return Seen(Standing.DONE, f"{ended}the Application is {status}")


class RefreshPerformer(WaitingPerformer):
    """Performs `AwaitRefresh`: the controller takes the annotation away when it has compared."""

    async def see(self, world: World, action: AwaitRefresh) -> Seen:
        """Done where it has; a comparison that failed says why."""
        application = await read(world, action.application)
        if application is None:
            return gone(action.application)
        if REFRESH in mapping(mapping(application, "metadata"), "annotations"):
            return Seen(Standing.FRESH, "Argo CD has not compared it with Git yet")
        status = mapping(application, "status")
        for one in objects(status, "conditions"):
            if text(one, "type") in ("ComparisonError", "InvalidSpecError"):
                return Seen(Standing.STALE, f"{text(one, 'type')}: {text(one, 'message')}")
        found = text(mapping(status, "sync"), "status") or "Unknown"
        return Seen(Standing.DONE, f"compared at {text(status, 'reconciledAt')}: {found}")


def gone(ref: ObjectRef) -> Seen:
    """There is no such Application any more."""
    return Seen(Standing.STALE, f"{ref} is not there any more")


def state_of(application: Obj) -> Obj:
    """Its newest operation, running or ended."""
    return mapping(mapping(application, "status"), "operationState")


def newest_operation(application: Obj) -> str:
    """What tells its newest operation from a later one: times are whole seconds."""
    state = state_of(application)
    return f"{text(state, 'startedAt')} {text(state, 'phase')}".strip()


def running(application: Obj) -> str:
    """Which operation runs, or waits to, in words, and what it waits for; empty where none does.

    One that a sync window blocks, or that is tried again, runs on and says so in its message.
    """
    state, asked = state_of(application), mapping(application, "operation")
    if text(state, "phase") not in ("Running", "Terminating") and not asked:
        return ""
    operation = asked or mapping(state, "operation")
    by = mapping(operation, "initiatedBy")
    who = "Argo CD itself" if by.get("automated") is True else text(by, "username") or "somebody"
    if text(state, "phase") != "Running":
        return f"a sync by {who} is under way"
    told = ": ".join(filter(None, (text(state, "startedAt"), text(state, "message"))))
    return f"a sync by {who} is under way, since {told}"


def failed(state: Obj) -> str:
    """Why an operation failed: its own message, and what it says of each object that failed."""
    found = list(_failures(state))
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"the sync failed: {'; '.join((text(state, 'message'), *found[:_SHOWN]))}{more}"


def _failures(state: Obj) -> Iterator[str]:
    for one in objects(mapping(state, "syncResult"), "resources"):
        if text(one, "status") == "SyncFailed" or text(one, "hookPhase") in ENDED_BADLY:
            yield f"{text(one, 'kind')} {text(one, 'name')}: {text(one, 'message')}"


def _ids(holder: Obj) -> tuple[str, ...]:
    """Our marks on an operation: on the one asked for, or on the one of a state."""
    operation = mapping(holder, "operation")
    info = objects(operation, "info")
    return tuple(text(one, "value") for one in info if text(one, "name") == _MARK)

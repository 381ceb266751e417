"""The remedies for the Application itself: have it synced, or compared anew with Git."""

from __future__ import annotations

from collections.abc import Callable

from probes.model import ApplicationSeen, CauseId, CheckId, Failure, Snapshot, WorkloadSeen, seen_in
from probes.rawjson import Obj, mapping, objects, text
from remedies.annotating import annotating
from remedies.application.syncing import application_ref, operation_step, request_step
from remedies.model import (
    AwaitOperation,
    AwaitRefresh,
    ObjectRef,
    Permission,
    Plan,
    Refusal,
    RefusedError,
    RemedyId,
    Step,
)
from remedies.performing.applications import REFRESH, newest_operation, running
from remedies.performing.objects import read
from remedies.planning import Ask, new_id, plan_for
from remedies.restart.steps import rollout_step, workload_ref
from remedies.shell import kubectl
from remedies.world import World

_HARD = "hard"


class SyncApplication:
    """sync-application. Option: `prune=yes`, which also deletes what Git no longer declares."""

    id = RemedyId.SYNC_APPLICATION
    causes = frozenset({CauseId.ARGOCD_APP_OUT_OF_SYNC})

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError (synced already, no Application), ProbeError."""
        ref, application = await _application(world, snapshot)
        status = text(mapping(mapping(application, "status"), "sync"), "status")
        if status == "Synced":
            told = f"Application {ref.name} is synced; `refresh-application` compares it anew"
            raise RefusedError(Refusal.NOTHING_TO_DO, told)
        prune, plan_id = ask.insists("prune"), new_id()
        wait = AwaitOperation(ref, plan_id, newest_operation(application))
        return plan_for(
            self.id,
            snapshot,
            f"Have Argo CD sync Application {ref.name}, which is {status or 'Unknown'}",
            (
                request_step(world.profile, ref, application, plan_id, prune=prune),
                operation_step(world.profile, wait),
                *_rollout(world, snapshot),
            ),
            checks=(CheckId.ARGOCD_APPLICATION,),
            causes=sorted(self.causes),
            warnings=(*_differing(application), *_pruning(application, prune), *_busy(application)),
            id=plan_id,
        )


class RefreshApplication:
    """refresh-application: a hard refresh, which makes the manifests anew without any cache."""

    id = RemedyId.REFRESH_APPLICATION
    causes = frozenset({CauseId.ARGOCD_APP_OUT_OF_SYNC})

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError (no Application), ProbeError."""
        ref, application = await _application(world, snapshot)
        wait = AwaitOperation(ref, since=newest_operation(application))
        return plan_for(
            self.id,
            snapshot,
            f"Have Argo CD compare Application {ref.name} with Git anew",
            (
                _refresh_step(world, ref, application),
                _await_refresh(world, ref),
                operation_step(world.profile, wait),
                *_rollout(world, snapshot),
            ),
            checks=(CheckId.ARGOCD_APPLICATION,),
            warnings=_busy(application),
        )


async def _application(world: World, snapshot: Snapshot) -> tuple[ObjectRef, Obj]:
    observation = snapshot.application
    seen: ApplicationSeen | Failure | None = observation.seen if observation else None
    if not isinstance(seen, ApplicationSeen):
        why = seen.sentence if seen else "the Application was not looked for"
        raise RefusedError(Refusal.NOT_APPLICABLE, why)
    ref = application_ref(seen.namespace, seen.name)
    application = await read(world, ref)
    if application is None:
        raise RefusedError(Refusal.STALE, f"Application {seen.name} is gone: look again")
    return ref, application


def _rollout(world: World, snapshot: Snapshot) -> tuple[Step, ...]:
    """A sync may replace the pods; where they could not be seen, nothing waits for them."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    if workload is None or isinstance(workload.controller, Failure):
        return ()
    return (rollout_step(world.profile, workload_ref(workload.controller, workload.namespace)),)


def _refresh_step(world: World, ref: ObjectRef, application: Obj) -> Step:
    words = ("annotate", str(ref), f"{REFRESH}={_HARD}", "--overwrite")
    return Step(
        id="refresh",
        title=f"Ask for a hard refresh of Application {ref.name}",
        action=annotating(ref, application, REFRESH, _HARD),
        shell=kubectl(world.profile, ref.namespace, *words),
        limit_s=15.0,
        risk_words=(
            "nothing is interrupted by the comparison; where auto-sync is on and Git has changed, "
            "a sync follows"
        ),
        guard="nobody has asked for a refresh that was not made yet",
        permissions=(Permission.on(ref, "patch"),),
        undo_words="nothing to take back: Argo CD takes the request away when it has compared",
    )


def _await_refresh(world: World, ref: ObjectRef) -> Step:
    when = "jsonpath={.status.reconciledAt} {.status.sync.status}"
    return Step(
        id="await-refresh",
        title=f"Wait until Argo CD has compared Application {ref.name}",
        action=AwaitRefresh(ref),
        shell=kubectl(world.profile, ref.namespace, "get", str(ref), "-o", when),
        limit_s=120.0,
        permissions=(Permission.on(ref, "get"),),
    )


def _differing(application: Obj) -> tuple[str, ...]:
    """What the sync will bring to what Git has."""
    found = _resources(application, lambda one: text(one, "status") == "OutOfSync")
    return (f"it brings to what Git has: {', '.join(found)}",) if found else ()


def _pruning(application: Obj, prune: bool) -> tuple[str, ...]:
    found = _resources(application, lambda one: one.get("requiresPruning") is True)
    if not found:
        return ()
    ends = "is deleted" if prune else "stays, and keeps it out of sync; `prune=yes` deletes it"
    return (f"Git no longer declares {', '.join(found)}: it {ends}",)


def _resources(application: Obj, chosen: Callable[[Obj], bool]) -> list[str]:
    listed = objects(mapping(application, "status"), "resources")
    return [f"{text(one, 'kind')} {text(one, 'name')}" for one in listed if chosen(one)]


def _busy(application: Obj) -> tuple[str, ...]:
    runs = running(application)
    return (f"{runs}; it is waited for",) if runs else ()

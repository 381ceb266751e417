"""Restarting: the two steps that make new pods read what has changed, shared by remedies.

A Deployment is restarted by an annotation of its template (kubectl, `pkg/cmd/rollout`), an Argo
Rollout by `spec.restartAt` (Argo Rollouts, docs/features/restart.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil, floor

from probes.model import ControllerSeen, Failure, Snapshot, WorkloadSeen, seen_in
from probes.profile import Profile
from probes.rawjson import Obj, mapping, text
from probes.reach.apipath import APPS, ARGOPROJ
from probes.workload.controller import container_of
from remedies.annotating import annotation
from remedies.model import (
    Action,
    AwaitRollout,
    Field,
    ObjectRef,
    PatchObject,
    Permission,
    Refusal,
    RefusedError,
    Risk,
    Step,
)
from remedies.performing.held import held, will_stop
from remedies.performing.objects import at
from remedies.restart.budgets import kept
from remedies.shell import kubectl
from remedies.workloads import read_workload
from remedies.world import World

_ANNOTATION = "kubectl.kubernetes.io/restartedAt"
_ANNOTATIONS = "/spec/template/metadata/annotations"
_RESTART_AT = "/spec/restartAt"
_NO_WAY_BACK = "a restart changes nothing that could be put back"
_ROLLOUT_LIMIT_S = 300.0
_TIME = "%Y-%m-%dT%H:%M:%SZ"


async def restart_steps_for(world: World, snapshot: Snapshot, why: str) -> tuple[Step, Step]:
    """As `restart_steps`, of the workload in a snapshot. Raises RefusedError, ProbeError."""
    return await restart_steps(world, workload_in(snapshot), why)


def workload_in(snapshot: Snapshot) -> ObjectRef:
    """The workload that a snapshot has seen. Raises RefusedError where it has not."""
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    if workload is None:
        told = "the workload could not be seen; `check` says why"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    if isinstance(workload.controller, Failure):
        raise RefusedError(Refusal.NOT_APPLICABLE, workload.controller.sentence)
    return workload_ref(workload.controller, workload.namespace)


def workload_ref(controller: ControllerSeen, namespace: str) -> ObjectRef:
    """The Deployment or Argo Rollout behind the pods."""
    version, resource = (
        (ARGOPROJ, "rollouts") if controller.kind == "Rollout" else (APPS, "deployments")
    )
    return ObjectRef(version, resource, namespace, controller.name)


def named(ref: ObjectRef) -> str:
    """The workload as a sentence names it: `Deployment ops-service`."""
    return f"{'Rollout' if ref.resource == 'rollouts' else 'Deployment'} {ref.name}"


async def restart_steps(world: World, ref: ObjectRef, why: str) -> tuple[Step, Step]:
    """Restart it, and wait until its pods are new. `why` completes the first one's title.

    Raises ProbeError, and RefusedError where it is not there, or waits for somebody.
    """
    workload = await read_workload(world, ref)
    if workload is None:
        raise RefusedError(Refusal.NOT_APPLICABLE, f"{named(ref)} is not there")
    holding = held(ref, workload)
    if holding:
        told = f"{named(ref)} would not get new pods: {holding.told(world.profile, ref)}"
        raise RefusedError(Refusal.GUARD, told)
    restart = _restart(world.profile, ref, workload, why)
    keeping = await kept(world, ref, workload) if ref.resource == "rollouts" else ""
    if keeping:
        restart = replace(restart, risk_words=f"{keeping}; {restart.risk_words}")
    return restart, rollout_step(world.profile, ref)


def for_good(step: Step) -> Step:
    """Without a way back: the pods that were there are gone, and nothing else was changed."""
    return replace(step, undo=None, undo_words=_NO_WAY_BACK if step.follows else "")


def _restart(profile: Profile, ref: ObjectRef, workload: Obj, why: str) -> Step:
    uid = Field("/metadata/uid", at(workload, "/metadata/uid"))
    old, new = _fields(ref, workload)
    shell = restart_words(profile, ref)
    risk, risk_words = risk_of(profile, ref, workload)
    return Step(
        id="restart",
        title=f"Restart {named(ref)}, {why}",
        action=PatchObject(ref, (uid, old), (new,)),
        shell=shell,
        limit_s=15.0,
        risk=risk,
        risk_words=risk_words,
        guard=f"it is the {named(ref)} that was seen, and nobody has restarted it since",
        permissions=(Permission.on(ref, "patch"),),
        undo=restarted_again(PatchObject(ref, (uid, new), (old,)), datetime.now(UTC)),
        undo_words=shell,
        follows=True,
    )


def restarted_again(back: Action, now: datetime) -> Action:
    """The way back of a restart, as it is to be made now; any other action as it is.

    A Deployment's pods are replaced again where its annotation is put back. A Rollout replaces only
    pods older than `restartAt`: it has to be a new time, later than the restart that is taken back.
    """
    if not (isinstance(back, PatchObject) and _RESTART_AT in (one.pointer for one in back.wanted)):
        return back
    last = next(str(one.value) for one in back.expected if one.pointer == _RESTART_AT)
    again = max(_told(now), last)
    later = datetime.strptime(again, _TIME).replace(tzinfo=UTC) + timedelta(seconds=1)
    return replace(back, wanted=(Field(_RESTART_AT, _told(later)),))


def _fields(ref: ObjectRef, workload: Obj) -> tuple[Field, Field]:
    """The field that restarts it, as it is and as it will be."""
    if ref.resource == "rollouts":
        last = at(workload, _RESTART_AT)
        return Field(_RESTART_AT, last), Field(_RESTART_AT, _now(last))
    annotations = at(workload, _ANNOTATIONS)
    last = annotations.get(_ANNOTATION) if isinstance(annotations, dict) else None
    return annotation(workload, _ANNOTATIONS, _ANNOTATION, _now(last))


def _now(last: object) -> str:
    """The time in whole seconds; never the last restart's, which would change nothing."""
    now = datetime.now(UTC)
    told = [_told(one) for one in (now, now + timedelta(seconds=1))]
    return told[told[0] == last]


def _told(at: datetime) -> str:
    """As Kubernetes tells a time."""
    return at.strftime(_TIME)


def rollout_step(profile: Profile, ref: ObjectRef) -> Step:
    """Wait until its pods are new: whatever changed its template, they are being replaced."""
    limit = f"--timeout={_ROLLOUT_LIMIT_S:g}s"
    shell = kubectl(profile, ref.namespace, *_by(ref, "status"), limit)
    return Step(
        id="await-rollout",
        title=f"Wait until every pod of {named(ref)} is new and ready",
        action=AwaitRollout(ref),
        shell=shell,
        limit_s=_ROLLOUT_LIMIT_S,
        permissions=(Permission.on(ref, "get"),),
        undo=AwaitRollout(ref),
        undo_words=shell,
    )


def _by(ref: ObjectRef, verb: str) -> tuple[str, ...]:
    """As kubectl takes it, or its plugin for Argo Rollouts."""
    if ref.resource != "rollouts":
        return "rollout", verb, f"deployment/{ref.name}"
    return "argo", "rollouts", verb, ref.name


def risk_of(profile: Profile, ref: ObjectRef, workload: Obj) -> tuple[Risk, str]:
    """Whether some pod always serves meanwhile, by the rules that its controller restarts by."""
    if int(mapping(workload, "spec").get("replicas", 1)) == 0:
        return Risk.NONE, "it is scaled to zero: there is no pod to restart"
    if not _may_all_be_down(ref, mapping(workload, "spec")):
        words = "pods restart one after another, each once its successor is ready; requests go on"
        if ref.resource == "rollouts":
            words = "pods restart one after another; requests go on, with one pod less meanwhile"
        return Risk.RESTART, words
    seconds = _starts_in(profile, workload)
    lasts = f", about {seconds} s" if seconds else ""
    words = f"no pod serves meanwhile: the portal is down until the new one is ready{lasts}"
    return Risk.DOWNTIME, words


def risk_of_template(profile: Profile, ref: ObjectRef, workload: Obj) -> tuple[Risk, str]:
    """The same for a new template: a Deployment brings it as a restart, a Rollout by its steps."""
    if ref.resource != "rollouts":
        return risk_of(profile, ref, workload)
    stop = will_stop(ref, workload)
    ends = f": {stop.told(profile, ref)}" if stop else "; requests go on"
    return Risk.RESTART, f"the Rollout brings new pods by its own steps{ends}"


def restart_words(profile: Profile, ref: ObjectRef) -> str:
    """The command that restarts it."""
    return kubectl(profile, ref.namespace, *_by(ref, "restart"))


def _may_all_be_down(ref: ObjectRef, spec: Obj) -> bool:
    """A Deployment makes a pod more than it has, unless it recreates; a restarted Rollout does not.

    Source: Kubernetes, `pkg/controller/deployment/util` (ResolveFenceposts); Argo Rollouts,
    docs/features/restart.md.
    """
    replicas, strategy = int(spec.get("replicas", 1)), mapping(spec, "strategy")
    if ref.resource == "rollouts":
        return replicas == 1
    if text(strategy, "type") == "Recreate":
        return True
    rolling = mapping(strategy, "rollingUpdate")
    surge = _share(rolling.get("maxSurge", "25%"), replicas, ceil)
    missing = _share(rolling.get("maxUnavailable", "25%"), replicas, floor)
    return max(missing, 0 if surge else 1) >= replicas


def _share(value: object, replicas: int, rounded: Callable[[float], int]) -> int:
    """A number of pods, or a percentage of them."""
    told = str(value)
    return rounded(replicas * int(told[:-1]) / 100) if told.endswith("%") else int(told)


def _starts_in(profile: Profile, workload: Obj) -> int:
    """Seconds until a new pod has been asked twice whether it is ready; 0 where nobody asks."""
    container = container_of(mapping(mapping(workload, "spec"), "template"), profile.container)
    probe = mapping(container, "readinessProbe")
    if not probe:
        return 0
    return int(probe.get("initialDelaySeconds", 0)) + int(probe.get("periodSeconds", 10))

"""Restarting: the two steps that make new pods read what has changed, shared by remedies.

A Deployment is restarted by an annotation of its template (kubectl, `pkg/cmd/rollout`), an Argo
Rollout by `spec.restartAt` (Argo Rollouts, docs/features/restart.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from probes.model import ControllerSeen
from probes.pods import mapping, text
from probes.profile import Profile
from probes.reach.apipath import APPS, ARGOPROJ
from remedies.model import (
    Absent,
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
from remedies.performing.objects import at, read
from remedies.shell import kubectl
from remedies.world import World

_ANNOTATION = "kubectl.kubernetes.io/restartedAt"
_ANNOTATIONS = "/spec/template/metadata/annotations"
_RESTARTED_AT = f"{_ANNOTATIONS}/{_ANNOTATION.replace('/', '~1')}"
_RESTART_AT = "/spec/restartAt"
_ROLLOUT_LIMIT_S = 300.0

Obj = Mapping[str, Any]


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

    Raises ProbeError, and RefusedError where it is not there.
    """
    workload = await read(world, ref)
    if workload is None:
        raise RefusedError(Refusal.NOT_APPLICABLE, f"{named(ref)} is not there")
    return _restart(world.profile, ref, workload, why), _wait(world.profile, ref)


def _restart(profile: Profile, ref: ObjectRef, workload: Obj, why: str) -> Step:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    uid = Field("/metadata/uid", at(workload, "/metadata/uid"))
    old, new = _fields(ref, workload, now)
    shell = _shell(profile, ref)
    risk, risk_words = _risk(ref, workload)
    return Step(
        id="restart",
        title=f"Restart {named(ref)}, {why}",
        action=PatchObject(ref, (uid, old), (new,)),
        shell=shell,
        limit_s=15.0,
        risk=risk,
        risk_words=risk_words,
        guard=f"it is the {named(ref)} that was seen, and nobody has restarted it since",
        permissions=(_permission(ref, "patch"),),
        undo=PatchObject(ref, (uid, new), (old,)),
        undo_words=shell,
        follows=True,
    )


def _fields(ref: ObjectRef, workload: Obj, now: str) -> tuple[Field, Field]:
    """The field that restarts it, as it is and as it will be."""
    if ref.resource != "rollouts" and isinstance(at(workload, _ANNOTATIONS), Absent):
        return Field(_ANNOTATIONS, Absent()), Field(_ANNOTATIONS, {_ANNOTATION: now})
    pointer = _RESTART_AT if ref.resource == "rollouts" else _RESTARTED_AT
    return Field(pointer, at(workload, pointer)), Field(pointer, now)


def _wait(profile: Profile, ref: ObjectRef) -> Step:
    limit = f"--timeout={_ROLLOUT_LIMIT_S:g}s"
    shell = kubectl(profile, ref.namespace, "rollout", "status", f"deployment/{ref.name}", limit)
    if ref.resource == "rollouts":
        shell = kubectl(profile, ref.namespace, "argo", "rollouts", "status", ref.name, limit)
    return Step(
        id="await-rollout",
        title=f"Wait until every pod of {named(ref)} is new and ready",
        action=AwaitRollout(ref),
        shell=shell,
        limit_s=_ROLLOUT_LIMIT_S,
        permissions=(_permission(ref, "get"),),
        undo=AwaitRollout(ref),
        undo_words=shell,
    )


def _shell(profile: Profile, ref: ObjectRef) -> str:
    if ref.resource == "rollouts":
        return kubectl(profile, ref.namespace, "argo", "rollouts", "restart", ref.name)
    return kubectl(profile, ref.namespace, "rollout", "restart", f"deployment/{ref.name}")


def _permission(ref: ObjectRef, verb: str) -> Permission:
    return Permission(
        "kubernetes", verb, ref.resource, ref.group, namespace=ref.namespace, name=ref.name
    )


def _risk(ref: ObjectRef, workload: Obj) -> tuple[Risk, str]:
    """An Argo Rollout makes no pod more than it has; a Deployment does, unless it recreates."""
    spec = mapping(workload, "spec")
    recreates = text(mapping(spec, "strategy"), "type") == "Recreate"
    alone = spec.get("replicas", 1) == 1 and ref.resource == "rollouts"
    if recreates or alone:
        words = "the only pod restarts: the portal is down until the new one is ready, about 30 s"
        return Risk.DOWNTIME, words
    words = "pods restart one after another, each once its successor is ready; requests go on"
    return Risk.RESTART, words

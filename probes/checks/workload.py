"""Judging the workload: are its pods there, ready and new?"""

from __future__ import annotations

from datetime import datetime, timedelta

from probes import catalogue
from probes.checks.base import Check, Verdict, named, of_failure, unseen
from probes.checks.rollout import halted, is_behind, refusal
from probes.model import (
    CauseId,
    CheckId,
    ContainerSeen,
    ControllerSeen,
    Evidence,
    Failure,
    FailureKind,
    PodSeen,
    Snapshot,
    Source,
    Status,
    WorkloadSeen,
)

_CRASHES = ("CrashLoopBackOff",)
_STUCK = (
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
)
_MANY_RESTARTS = 3
_RECENTLY = timedelta(hours=1)


def _rollout(seen: WorkloadSeen, snapshot: Snapshot) -> Verdict:
    evidence = _rollout_evidence(seen)
    if isinstance(seen.controller, Failure):
        return _no_controller(seen, seen.controller, evidence)
    controller = seen.controller
    values = _controller_values(controller, seen)
    if controller.desired == 0:
        cause = named(CauseId.WORKLOAD_SCALED_TO_ZERO, **values)
        return Verdict(Status.FAIL, "scaled-to-zero", values, evidence, cause)
    refused = refusal(seen, controller)
    if refused:
        return _blocked(refused, values, evidence)
    sick = _sick_pod(seen, snapshot.started_at)
    if sick:
        return _sick(*sick, values, evidence)
    stopped = halted(controller)
    if stopped:
        return _blocked(stopped, values, evidence)
    return _counted(controller, seen, values, evidence)


def _blocked(reason: str, values: dict[str, str], evidence: tuple[Evidence, ...]) -> Verdict:
    values["reason"] = reason
    cause = named(CauseId.WORKLOAD_ROLLOUT_BLOCKED, **values)
    return Verdict(Status.FAIL, "blocked", values, evidence, cause)


def _no_controller(seen: WorkloadSeen, failure: Failure, evidence: tuple[Evidence, ...]) -> Verdict:
    if failure.kind is FailureKind.NOT_FOUND and not seen.pods:
        return _not_found(seen.name, seen.namespace, evidence)
    ready = sum(pod.ready for pod in seen.pods)
    values = {"ready": f"{ready} of {len(seen.pods)}", "failure": failure.sentence}
    return Verdict(Status.UNKNOWN, "unreadable", values, evidence)


def _not_found(name: str, namespace: str, evidence: tuple[Evidence, ...]) -> Verdict:
    values = {"kind": "Deployment", "name": name, "namespace": namespace}
    cause = named(CauseId.WORKLOAD_NOT_FOUND, **values)
    return Verdict(Status.FAIL, "not-found", values, evidence, cause)


def _not_seen(failure: Failure, snapshot: Snapshot) -> Verdict:
    if failure.kind is not FailureKind.NOT_FOUND:
        return unseen(failure)
    evidence = (of_failure("workload", failure),)
    return _not_found(snapshot.workload_name, snapshot.namespace, evidence)


def _controller_values(controller: ControllerSeen, seen: WorkloadSeen) -> dict[str, str]:
    return {
        "kind": controller.kind,
        "name": controller.name,
        "namespace": seen.namespace,
        "ready": str(controller.ready),
        "desired": str(controller.desired),
        "updated": str(controller.updated),
    }


def _rollout_evidence(seen: WorkloadSeen) -> tuple[Evidence, ...]:
    source = f"Kubernetes, namespace {seen.namespace}"
    rows: list[Evidence] = []
    if isinstance(seen.controller, Failure):
        rows.append(of_failure("controller", seen.controller))
    else:
        one = seen.controller
        told = (
            f"desired {one.desired}, updated {one.updated}, ready {one.ready}, "
            f"available {one.available}"
        )
        rows.append(Evidence(f"{one.kind} {one.name}", told, source))
        rows.extend(
            Evidence(f"condition {it.type}", f"{it.status} {it.reason}: {it.message}", source)
            for it in one.conditions
        )
    rows.extend(Evidence(f"pod {pod.name}", _pod_words(pod), source) for pod in seen.pods[:10])
    rows.extend(
        Evidence(f"event {one.reason}", f"{one.object}: {one.message}", source)
        for one in seen.events
        if one.type == "Warning"
    )
    rows.extend(of_failure("not readable", failure) for failure in seen.denied)
    return tuple(rows)


def _pod_words(pod: PodSeen) -> str:
    words = [pod.phase, "ready" if pod.ready else "not ready"]
    if pod.deleting:
        words.append("going away")
    restarts = sum(one.restarts for one in pod.containers)
    if restarts:
        words.append(f"{restarts} restarts")
    words.extend(one.reason for one in pod.containers if one.reason)
    words.extend(f"last {one.last_reason}" for one in pod.containers if one.last_reason)
    if pod.created_at:
        words.append(f"since {pod.created_at:%Y-%m-%d %H:%M} UTC")
    return ", ".join(words)


def _sick_pod(seen: WorkloadSeen, now: datetime) -> tuple[PodSeen, ContainerSeen | None] | None:
    for pod in seen.pods:
        if pod.deleting or pod.ready:
            continue
        for container in pod.containers:
            if container.reason in (*_CRASHES, *_STUCK) or _keeps_restarting(container, now):
                return pod, container
        if pod.phase == "Pending" and pod.reason:
            return pod, None
    return None


def _keeps_restarting(container: ContainerSeen, now: datetime) -> bool:
    """Restarts of long ago say nothing about a container that is not ready today."""
    if container.ready or container.restarts < _MANY_RESTARTS:
        return False
    ended = container.last_finished_at
    return ended is None or now - ended < _RECENTLY


def _sick(
    pod: PodSeen,
    container: ContainerSeen | None,
    values: dict[str, str],
    evidence: tuple[Evidence, ...],
) -> Verdict:
    values["pod"] = pod.name
    if container is None or container.reason in _STUCK:
        told = container or pod
        values["reason"] = catalogue.phrase(
            "workload.halted", reason=told.reason, message=told.message
        ).removesuffix(": ")
        cause = named(CauseId.WORKLOAD_ROLLOUT_BLOCKED, **values)
        return Verdict(Status.FAIL, "stuck", values, evidence, cause)
    reason = container.last_reason or container.reason
    if container.last_exit_code is not None:
        reason = catalogue.phrase("workload.exit", reason=reason, code=container.last_exit_code)
    if container.name != values["name"]:
        reason = catalogue.phrase("workload.in-container", container=container.name, reason=reason)
    values["reason"] = reason
    values["restarts"] = str(container.restarts)
    cause = named(CauseId.WORKLOAD_CRASH_LOOPING, **values)
    return Verdict(Status.FAIL, "crash-looping", values, evidence, cause)


def _counted(
    controller: ControllerSeen,
    seen: WorkloadSeen,
    values: dict[str, str],
    evidence: tuple[Evidence, ...],
) -> Verdict:
    if controller.ready == 0:
        waiting = next((one for pod in seen.pods for one in pod.containers), None)
        values["reason"] = (waiting.reason if waiting else "") or catalogue.phrase(
            "workload.no-pod-ready"
        )
        return Verdict(Status.FAIL, "not-ready", values, evidence)
    if is_behind(controller) or controller.ready < controller.desired:
        return Verdict(Status.WARN, "rolling", values, evidence)
    return Verdict(Status.PASS, "good", values, evidence)


ROLLOUT = Check(CheckId.WORKLOAD_ROLLOUT, (Source.WORKLOAD,), _rollout, _not_seen)

"""Judging the workload: do its pods run, and do they run with today's settings?"""

from __future__ import annotations

from probes.checks.base import Check, Verdict, named, of_failure, seen_in, unseen
from probes.checks.settings import Disagreement, disagreements, settings_evidence
from probes.model import (
    ApplicationSeen,
    CauseId,
    CheckId,
    ContainerSeen,
    ControllerSeen,
    EnvironmentSeen,
    Evidence,
    Failure,
    FailureKind,
    PodSeen,
    Snapshot,
    Source,
    Status,
    WorkloadSeen,
)
from probes.opsservice import ops_config

_CRASHES = ("CrashLoopBackOff",)
_STUCK = (
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
)
_MANY_RESTARTS = 3


def _rollout(seen: WorkloadSeen, snapshot: Snapshot) -> Verdict:
    evidence = _rollout_evidence(seen)
    if isinstance(seen.controller, Failure):
        return _no_controller(seen, seen.controller, evidence)
    controller = seen.controller
    values = _controller_values(controller, seen)
    if controller.desired == 0:
        cause = named(CauseId.WORKLOAD_SCALED_TO_ZERO, **values)
        return Verdict(Status.FAIL, "scaled-to-zero", values, evidence, cause)
    refused = _refusal(seen, controller)
    if refused:
        values["reason"] = refused
        cause = named(CauseId.WORKLOAD_ROLLOUT_BLOCKED, **values)
        return Verdict(Status.FAIL, "blocked", values, evidence, cause)
    sick = _sick_pod(seen)
    if sick:
        return _sick(*sick, values, evidence)
    return _counted(controller, seen, values, evidence)


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


def _refusal(seen: WorkloadSeen, controller: ControllerSeen) -> str:
    """The message by which the API server refuses new pods, or empty.

    The condition is the controller's own word; the event stands in for it where a rollout is
    under way (an old event of a rollout that has passed is no refusal any more).
    """
    for one in controller.conditions:
        if one.type == "ReplicaFailure" and one.status == "True":
            return one.message or one.reason
    if controller.updated >= controller.desired:
        return ""
    return next((one.message for one in seen.events if one.reason == "FailedCreate"), "")


def _sick_pod(seen: WorkloadSeen) -> tuple[PodSeen, ContainerSeen | None] | None:
    for pod in seen.pods:
        if pod.deleting or pod.ready:
            continue
        for container in pod.containers:
            if container.reason in (*_CRASHES, *_STUCK) or container.restarts >= _MANY_RESTARTS:
                return pod, container
        if pod.phase == "Pending" and pod.reason:
            return pod, None
    return None


def _sick(
    pod: PodSeen,
    container: ContainerSeen | None,
    values: dict[str, str],
    evidence: tuple[Evidence, ...],
) -> Verdict:
    values["pod"] = pod.name
    if container is None or container.reason in _STUCK:
        values["reason"] = (
            f"{container.reason}: {container.message}"
            if container
            else f"{pod.reason}: {pod.message}"
        )
        cause = named(CauseId.WORKLOAD_ROLLOUT_BLOCKED, **values)
        return Verdict(Status.FAIL, "stuck", values, evidence, cause)
    exit_code = "" if container.last_exit_code is None else f" (exit {container.last_exit_code})"
    values["reason"] = f"{container.last_reason or container.reason}{exit_code}"
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
        values["reason"] = (waiting.reason if waiting else "") or "no pod is ready yet"
        return Verdict(Status.FAIL, "not-ready", values, evidence)
    behind = controller.updated < controller.desired or controller.ready < controller.desired
    if behind or not controller.observed:
        return Verdict(Status.WARN, "rolling", values, evidence)
    return Verdict(Status.PASS, "good", values, evidence)


def _settings(seen: WorkloadSeen, snapshot: Snapshot) -> Verdict:
    if isinstance(seen.environment, Failure):
        failure = seen.environment
        return Verdict(
            Status.UNKNOWN,
            "unreadable",
            {"failure": failure.sentence},
            (of_failure("environment", failure),),
        )
    application: ApplicationSeen | None = seen_in(snapshot.application)
    evidence = settings_evidence(seen, seen.environment, application)
    found = disagreements(seen, seen.environment, application)
    no_client = _no_kube_client(seen, seen.environment, evidence)
    stale = [one for one in found if one.kind == "stale"]
    if stale:
        verdict = _stale(stale, evidence)
        more = no_client.causes if no_client else ()
        return Verdict(
            verdict.status, verdict.key, verdict.values, evidence, (*verdict.causes, *more)
        )
    if no_client:
        return no_client
    return _agreeing(seen.environment, found, application, evidence)


def _stale(stale: list[Disagreement], evidence: tuple[Evidence, ...]) -> Verdict:
    values = {
        "names": ", ".join(dict.fromkeys(one.name for one in stale)),
        "where": stale[0].where,
        "stage": stale[0].stage,
    }
    cause = named(CauseId.WORKLOAD_STALE_CONFIG, **values)
    return Verdict(Status.FAIL, "stale", values, evidence, cause)


def _no_kube_client(
    seen: WorkloadSeen, environment: EnvironmentSeen, evidence: tuple[Evidence, ...]
) -> Verdict | None:
    config = ops_config(environment, seen.startup)
    started = seen.startup.kube_client if seen.startup else None
    if started or config.kube_in_cluster.value == "true":
        return None
    if not environment.complete and started is None:
        return None
    values = {"value": f"`{config.kube_in_cluster.value}`"}
    cause = named(CauseId.WORKLOAD_KUBE_CLIENT_MISSING, **values)
    return Verdict(Status.FAIL, "no-kube-client", values, evidence, cause)


def _agreeing(
    environment: EnvironmentSeen,
    found: list[Disagreement],
    application: ApplicationSeen | None,
    evidence: tuple[Evidence, ...],
) -> Verdict:
    hidden = next(iter(environment.failures()), None)
    if hidden:
        values = {"failure": hidden.sentence}
        return Verdict(Status.UNKNOWN, "unreadable", values, evidence)
    overridden = [one for one in found if one.kind == "overridden"]
    if overridden:
        values = {"names": ", ".join(one.name for one in overridden)}
        return Verdict(Status.WARN, "overridden", values, evidence)
    maybe = [one for one in found if one.kind == "maybe"]
    if maybe:
        return Verdict(Status.WARN, "maybe-stale", {"reference": maybe[0].where}, evidence)
    if application is None:
        return Verdict(Status.PASS, "agree-two", {}, evidence)
    count = str(sum(1 for name in application.parameters if name.startswith("config.")))
    return Verdict(Status.PASS, "agree", {"count": count}, evidence)


ROLLOUT = Check(CheckId.WORKLOAD_ROLLOUT, (Source.WORKLOAD,), _rollout, _not_seen)
CONFIG = Check(CheckId.WORKLOAD_CONFIG, (Source.WORKLOAD, Source.APPLICATION), _settings)

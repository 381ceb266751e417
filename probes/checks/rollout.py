"""How a rollout stands: what refuses it, what halted it, and whether it is under way. Pure."""

from __future__ import annotations

from probes import catalogue
from probes.model import ControllerSeen, EventSeen, Failure, PodSeen, WorkloadSeen


def refusal(seen: WorkloadSeen, controller: ControllerSeen) -> str:
    """The message by which the API server refuses new pods, or empty.

    The condition is the controller's own word; the event stands in for it where a rollout is
    under way and no pod came up after it (an old event of a rollout that has passed is none).
    """
    for one in controller.conditions:
        if one.type == "ReplicaFailure" and one.status == "True":
            return one.message or one.reason
    if controller.updated >= controller.desired:
        return ""
    failed = (one for one in seen.events if one.reason == "FailedCreate")
    return next((one.message for one in failed if _is_newest(one, seen.pods)), "")


def _is_newest(event: EventSeen, pods: tuple[PodSeen, ...]) -> bool:
    created = [pod.created_at for pod in pods if pod.created_at]
    return event.last_seen is None or not created or event.last_seen > max(created)


def halted(controller: ControllerSeen) -> str:
    """Why the controller gave a rollout up (aborted, past its deadline, paused), or empty."""
    for one in controller.conditions:
        if one.type == "Progressing" and one.status == "False":
            return catalogue.phrase("workload.halted", reason=one.reason, message=one.message)
    # A Rollout pauses at its canary steps by design; a Deployment only by a person's hand.
    if controller.paused and controller.kind == "Deployment" and is_behind(controller):
        return catalogue.phrase("workload.paused", kind=controller.kind)
    return ""


def is_behind(controller: ControllerSeen) -> bool:
    """Whether not every pod is of the newest template yet."""
    return controller.updated < controller.desired or not controller.observed


def is_moving(seen: WorkloadSeen) -> bool:
    """Whether pods that differ will soon be alike: a rollout is under way and nothing stops it."""
    controller = seen.controller
    if isinstance(controller, Failure):
        return False
    return is_behind(controller) and not (refusal(seen, controller) or halted(controller))

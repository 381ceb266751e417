"""Health of objects and of the Application over them. Pure.

Source: gitops-engine `pkg/health` (Deployments, pods) and argocd's `controller/health.go`: an
Application is as bad as the worst of its objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.kubernetes.store import Obj

Health = dict[str, Any]
_WORSE = ("Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown")

HEALTHY: Health = {"status": "Healthy"}


def of_object(live: Obj | None, pods: Sequence[Obj] = ()) -> Health | None:
    """The health of a live object; None for a kind that has none, such as a ConfigMap.

    `pods` are the pods of a Deployment, which tell of a crash loop.
    """
    if live is None:
        return {"status": "Missing"}
    if live["kind"] == "Deployment":
        return _deployment(live, pods)
    if live["kind"] == "Application":
        return _application(live.get("status"))
    return HEALTHY if live["kind"] == "Service" else None


def of_application(healths: Iterable[Health | None]) -> Health:
    """The worst of them."""
    told = [one["status"] for one in healths if one is not None]
    return {"status": max(told, key=_WORSE.index, default="Healthy")}


def _application(status: object) -> Health:
    """A child's own word; one that has not spoken yet is on its way."""
    told = (status.get("health") or {}) if isinstance(status, dict) else {}
    word = told.get("status", "Progressing")
    return {"status": word if word in _WORSE else "Unknown"}


def _deployment(live: Obj, pods: Sequence[Obj]) -> Health:
    spec, status = live["spec"], live.get("status") or {}
    if spec.get("paused"):
        return {"status": "Suspended", "message": "Deployment is paused"}
    if status.get("observedGeneration", 0) < live["metadata"].get("generation", 0):
        return _waiting("observed deployment generation less than desired generation")
    conditions = {one["type"]: one for one in status.get("conditions") or ()}
    if (conditions.get("Progressing") or {}).get("reason") == "ProgressDeadlineExceeded":
        name = live["metadata"]["name"]
        told = f'Deployment "{name}" exceeded its progress deadline'
        return {"status": "Degraded", "message": told}
    return _rollout(spec.get("replicas", 1), status, pods)


def _rollout(wanted: int, status: dict[str, Any], pods: Sequence[Obj]) -> Health:
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    available = status.get("availableReplicas", 0)
    looping = _crash_loop(pods) if available < wanted else None
    if looping:
        return {"status": "Degraded", "message": looping}
    if updated < wanted:
        told = f"{updated} out of {wanted} new replicas have been updated..."
        return _waiting(told)
    if total > updated:
        return _waiting(f"{total - updated} old replicas are pending termination...")
    if available < updated:
        return _waiting(f"{available} of {updated} updated replicas are available...")
    return HEALTHY


def _waiting(told: str) -> Health:
    return {"status": "Progressing", "message": f"Waiting for rollout to finish: {told}"}


def _crash_loop(pods: Sequence[Obj]) -> str | None:
    """What the kubelet says of a container that crashes again and again."""
    for pod in pods:
        for container in (pod.get("status") or {}).get("containerStatuses") or ():
            waiting = (container.get("state") or {}).get("waiting") or {}
            if waiting.get("reason") == "CrashLoopBackOff":
                return str(waiting.get("message") or "CrashLoopBackOff")
    return None

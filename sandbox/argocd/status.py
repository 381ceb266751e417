"""What the controller writes into an Application's status. Each function changes `obj` in place."""

from __future__ import annotations

from typing import Any

from sandbox.argocd import operation
from sandbox.kubernetes.store import Obj

REFRESH = "argocd.argoproj.io/refresh"
"""The annotation that asks for a new comparison; the controller takes it away."""


def refreshed(obj: Obj, decided: dict[str, Any], conditions: list[Obj], now: str) -> None:
    """Writes what a comparison found; `reconciledAt` moves when anything did, or was asked to."""
    status, before = obj.setdefault("status", {}), dict(obj.get("status") or {})
    asked = (obj["metadata"].get("annotations") or {}).pop(REFRESH, None)
    status.update(decided)
    if conditions:
        since = {
            one["message"]: one.get("lastTransitionTime") for one in before.get("conditions", ())
        }
        status["conditions"] = [
            {**one, "lastTransitionTime": since.get(one["message"]) or now} for one in conditions
        ]
    else:
        status.pop("conditions", None)
    if asked or status != before:
        status["reconciledAt"] = now


def unknown(obj: Obj, problem: str, now: str) -> None:
    """Writes that an Application's spec cannot be worked with; a request to compare is done with.

    Source: Argo CD `controller/appcontroller.go` (persistAppStatus).
    """
    (obj["metadata"].get("annotations") or {}).pop(REFRESH, None)
    status = obj["status"] if isinstance(obj.get("status"), dict) else {}
    obj["status"] = status
    known = status.get("conditions") or [{}]
    if known[0].get("message") == problem:
        return
    condition = {"type": "InvalidSpecError", "message": problem, "lastTransitionTime": now}
    status |= {
        "sync": {**(status.get("sync") or {}), "status": "Unknown"},
        "health": {"status": "Unknown"},
        "conditions": [condition],
        "reconciledAt": now,
    }


def ended(obj: Obj, state: dict[str, Any], deployed: bool) -> None:
    """Writes that an operation is over; a deployment goes into the history."""
    obj.pop("operation", None)
    obj["status"]["operationState"] = state
    if deployed:
        obj["status"]["history"] = operation.history(obj, state)

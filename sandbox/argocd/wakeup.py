"""Which changes of the cluster concern the controller. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.argocd.accounts import NAMESPACE
from sandbox.argocd.git import Ref, ref_of
from sandbox.kubernetes.store import Change, Obj

_WORKLOAD_LABEL = "app.kubernetes.io/name"
_IGNORED_METADATA = frozenset({"managedFields", "resourceVersion", "generation"})


def wakes(change: Change) -> Iterator[tuple[Ref, bool]]:
    """The object to look at, and whether it is an Application to reconcile itself."""
    obj, before = change.obj, change.before
    if obj["kind"] == "Pod":
        name = (obj["metadata"].get("labels") or {}).get(_WORKLOAD_LABEL)
        if name and _waiting(obj) != _waiting(before or {}):
            yield ("Deployment", obj["metadata"]["namespace"], name), False
        return
    if obj["kind"] != "Application":
        yield ref_of(obj), False
        return
    asked = change.type != "MODIFIED" or _asked(obj) != _asked(before or {})
    mine = obj["metadata"].get("namespace") == NAMESPACE
    if asked or _health(obj) != _health(before or {}):
        yield ref_of(obj), asked and mine


def _asked(application: Obj) -> Obj:
    """All but what the controller itself writes into the status."""
    kept = {key: value for key, value in application.items() if key not in ("status", "metadata")}
    metadata = application.get("metadata") or {}
    return kept | {k: v for k, v in metadata.items() if k not in _IGNORED_METADATA}


def _health(application: Obj) -> object:
    status = application.get("status")
    return (status.get("health") or {}).get("status") if isinstance(status, dict) else None


def _waiting(pod: Obj) -> list[object]:
    containers = (pod.get("status") or {}).get("containerStatuses") or ()
    return [((one.get("state") or {}).get("waiting") or {}).get("reason") for one in containers]

"""Ownership: which objects a controller's object controls, and how it says so."""

from __future__ import annotations

from sandbox.kubernetes.store import Obj, Store


def owned(store: Store, kind: str, owner: Obj) -> list[Obj]:
    """The objects of a kind that `owner` controls."""
    uid, namespace = owner["metadata"]["uid"], owner["metadata"]["namespace"]
    return [
        obj
        for obj in store.list(kind, namespace)
        if any(one["uid"] == uid for one in obj["metadata"].get("ownerReferences") or ())
    ]


def reference(owner: Obj) -> Obj:
    """The ownerReference of what `owner` creates."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def is_ready(pod: Obj) -> bool:
    """Whether the pod's Ready condition is True."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def condition(
    old: Obj, type_: str, status: str, reason: str, message: str, at: str, *, updates: bool = False
) -> Obj:
    """A `status.conditions[]` entry of `old`'s successor; the transition time moves with status.

    `updates` adds the lastUpdateTime that a Deployment's conditions have.
    """
    before = next(
        (one for one in old.get("conditions") or () if one["type"] == type_),
        {"status": None},
    )
    same = before["status"] == status
    entry = {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": before["lastTransitionTime"] if same else at,
    }
    if updates:
        unchanged = same and before.get("reason") == reason and before.get("message") == message
        entry["lastUpdateTime"] = before["lastUpdateTime"] if unchanged else at
    return entry

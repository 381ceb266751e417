"""Routes that show an Application's objects. Source: Argo CD `server/application`."""

from __future__ import annotations

import json
from typing import Any

from sandbox.argocd import health
from sandbox.argocd.applications import find
from sandbox.argocd.call import Call
from sandbox.argocd.git import ref_of
from sandbox.kubernetes.resources import by_kind
from sandbox.kubernetes.store import Obj, Store

Answer = dict[str, Any]
_CHILD_KINDS = ("ReplicaSet", "Pod")


def resource_tree(call: Call) -> Answer:
    """GET /api/v1/applications/{name}/resource-tree: its objects and what they own."""
    items = call.server.controller.items(find(call, "get"))
    live = [item.live for item in items if item.live is not None]
    nodes = [_node(obj, item_health, []) for obj, item_health in _healths(live)]
    return {"nodes": nodes + _owned(call.store, live)}


def managed_resources(call: Call) -> Answer:
    """GET /api/v1/applications/{name}/managed-resources: what Git declares beside what is live."""
    items = call.server.controller.items(find(call, "get"))
    return {
        "items": [
            {
                **_named(*item.ref),
                "targetState": json.dumps(item.declared) if item.declared else "null",
                "liveState": json.dumps(item.live) if item.live else "null",
                "modified": not item.synced,
            }
            for item in items
        ]
        or None
    }


def _named(kind: str, namespace: str | None, name: str) -> Answer:
    resource = by_kind(kind)
    named = {"group": resource.group, "kind": kind, "namespace": namespace, "name": name}
    return {key: value for key, value in named.items() if value}


def _healths(objects: list[Obj]) -> list[tuple[Obj, health.Health | None]]:
    return [(obj, health.of_object(obj)) for obj in objects]


def _node(obj: Obj, told: health.Health | None, parents: list[Answer]) -> Answer:
    metadata = obj["metadata"]
    node = {
        **_named(*ref_of(obj)),
        "version": by_kind(obj["kind"]).version,
        "uid": metadata["uid"],
        "resourceVersion": metadata["resourceVersion"],
        "createdAt": metadata["creationTimestamp"],
        "parentRefs": parents,
        "health": told,
    }
    return {key: value for key, value in node.items() if value}


def _owned(store: Store, roots: list[Obj]) -> list[Answer]:
    """ReplicaSets and pods below the roots."""
    parents = {obj["metadata"]["uid"]: obj for obj in roots}
    namespaces = {obj["metadata"].get("namespace") for obj in roots}
    nodes = []
    for kind in _CHILD_KINDS:
        for obj in store.list(kind):
            owners = obj["metadata"].get("ownerReferences") or []
            above = [parents[one["uid"]] for one in owners if one["uid"] in parents]
            if above and obj["metadata"]["namespace"] in namespaces:
                parents[obj["metadata"]["uid"]] = obj
                refs = [_named(*ref_of(one)) | {"uid": one["metadata"]["uid"]} for one in above]
                nodes.append(_node(obj, None, refs))
    return nodes

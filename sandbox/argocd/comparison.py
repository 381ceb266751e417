"""Comparison: an Application's manifests beside what is live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.argocd import diff, health
from sandbox.argocd.git import Ref, ref_of
from sandbox.argocd.health import Health
from sandbox.argocd.source import TRACKING, source_of, type_of
from sandbox.kubernetes.objects import clone
from sandbox.kubernetes.resources import by_kind
from sandbox.kubernetes.store import Obj, Store

_WAVE = "argocd.argoproj.io/sync-wave"
_KIND_ORDER = ("Namespace", "ResourceQuota", "ServiceAccount", "Secret", "ConfigMap", "Service")


@dataclass(frozen=True)
class Item:
    """One object of an Application; `declared` is None for one that Git no longer has."""

    ref: Ref
    declared: Obj | None
    live: Obj | None
    synced: bool
    health: Health | None

    def status(self) -> dict[str, Any]:
        """The entry of `status.resources`."""
        kind, namespace, name = self.ref
        resource = by_kind(kind)
        entry: dict[str, Any] = {
            "group": resource.group,
            "version": resource.version,
            "kind": kind,
            "namespace": namespace,
            "name": name,
            "status": "Synced" if self.synced else "OutOfSync",
            "health": self.health,
        }
        if self.declared is None:
            entry["requiresPruning"] = True
        return {key: value for key, value in entry.items() if value}


def compare(store: Store, manifests: Sequence[Obj], applied: Mapping[Ref, Obj]) -> list[Item]:
    """Every declared object, and every one applied earlier that is no longer declared."""
    items = [_item(store, manifest, applied.get(ref_of(manifest))) for manifest in manifests]
    declared = {item.ref for item in items}
    for ref, before in applied.items():
        live = store.find(*ref) if ref not in declared else None
        if live is not None and _tracked_as(live, before):
            items.append(Item(ref, None, live, False, health.of_object(live, _pods(store, live))))
    return items


def in_order(items: Sequence[Item]) -> list[Item]:
    """As a sync goes through them: by wave, then by kind; what is pruned comes last."""
    return sorted(items, key=lambda item: (item.declared is None, _wave(item), _rank(item.ref)))


def status_of(application: Obj, items: Sequence[Item], revision: str) -> dict[str, Any]:
    """The part of an Application's status that a comparison decides."""
    synced = all(item.synced for item in items)
    source = source_of(application)
    return {
        "sync": {
            "status": "Synced" if synced else "OutOfSync",
            "revision": revision,
            "comparedTo": {
                "source": clone(source),
                "destination": clone(application["spec"]["destination"]),
            },
        },
        "health": health.of_application(item.health for item in items),
        "resources": [item.status() for item in items],
        "sourceType": type_of(source),
        "summary": _summary(items),
        "controllerNamespace": application["metadata"]["namespace"],
    }


def _item(store: Store, manifest: Obj, applied: Obj | None) -> Item:
    live = store.find(*ref_of(manifest))
    synced = live is not None and diff.agrees(manifest, live, applied)
    told = health.of_object(live, _pods(store, live))
    return Item(ref_of(manifest), manifest, live, synced, told)


def _pods(store: Store, live: Obj | None) -> list[Obj]:
    if live is None or live["kind"] != "Deployment":
        return []
    labels = live["spec"]["selector"].get("matchLabels") or {}
    return store.list("Pod", live["metadata"]["namespace"], labels)


def _tracked_as(live: Obj, applied: Obj) -> bool:
    """Whether it still carries the mark that it was applied with."""
    annotations = live["metadata"].get("annotations") or {}
    mark = (applied["metadata"].get("annotations") or {}).get(TRACKING)
    return mark is not None and annotations.get(TRACKING) == mark


def _wave(item: Item) -> int:
    annotations = (item.declared or {}).get("metadata", {}).get("annotations") or {}
    wave = str(annotations.get(_WAVE, "0"))
    return int(wave) if wave.lstrip("-").isdecimal() else 0


def _rank(ref: Ref) -> tuple[int, str, str]:
    kind, _namespace, name = ref
    known = _KIND_ORDER.index(kind) if kind in _KIND_ORDER else len(_KIND_ORDER)
    return (known, kind, name)


def _summary(items: Sequence[Item]) -> dict[str, Any]:
    images = {
        container["image"]
        for item in items
        if item.live and item.live["kind"] == "Deployment"
        for container in item.live["spec"]["template"]["spec"]["containers"]
    }
    return {"images": sorted(images)} if images else {}

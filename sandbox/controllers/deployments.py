"""Deployment: a ReplicaSet per template, rolled over without losing availability."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from sandbox.controllers import scaling
from sandbox.controllers.ownership import condition, owned, reference
from sandbox.events import Events
from sandbox.kubernetes.objects import clone
from sandbox.kubernetes.store import Obj, Store

HASH_LABEL = "pod-template-hash"
_REVISION = "deployment.kubernetes.io/revision"
_COMPONENT = "deployment-controller"
_MANAGER = "kube-controller-manager"
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


@dataclass(frozen=True)
class _View:
    """A Deployment and its ReplicaSets, as they stand."""

    deployment: Obj
    replicasets: list[Obj]

    @property
    def namespace(self) -> str:
        return str(self.deployment["metadata"]["namespace"])

    @property
    def name(self) -> str:
        return str(self.deployment["metadata"]["name"])

    @property
    def desired(self) -> int:
        return int(self.deployment["spec"]["replicas"])

    @cached_property
    def template_hash(self) -> str:
        return template_hash(self.deployment["spec"]["template"])

    @property
    def new(self) -> Obj | None:
        wanted = f"{self.name}-{self.template_hash}"
        return next((rs for rs in self.replicasets if rs["metadata"]["name"] == wanted), None)

    @property
    def old(self) -> list[Obj]:
        new = self.new
        return [rs for rs in self.replicasets if rs is not new]


def template_hash(template: Obj) -> str:
    """A name part that changes with the pod template, in the letters Kubernetes uses."""
    digest = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:10])


def reconcile(store: Store, events: Events, deployment: Obj) -> None:
    """One step towards the template and the replicas asked for."""
    view = _View(deployment, owned(store, "ReplicaSet", deployment))
    paused = bool(deployment["spec"].get("paused"))
    if not paused:
        if view.new is None:
            _create(store, view)
            view = _View(deployment, owned(store, "ReplicaSet", deployment))
        _mark_revision(store, view)
    for name, replicas in _plan(view, paused=paused).items():
        _scale(store, events, view, name, replicas)
    _report(store, _View(deployment, owned(store, "ReplicaSet", deployment)))


def _plan(view: _View, *, paused: bool) -> dict[str, int]:
    """The ReplicaSets to scale, by name."""
    if paused and view.new is None:
        return {}
    new, old = view.new, view.old
    if new is None:
        return {}
    counts = scaling.plan(
        view.deployment["spec"],
        scaling.Count.of(new),
        [scaling.Count.of(one) for one in old],
    )
    current = {rs["metadata"]["name"]: rs["spec"]["replicas"] for rs in view.replicasets}
    return {name: count for name, count in counts.items() if current[name] != count}


def _create(store: Store, view: _View) -> None:
    template = clone(view.deployment["spec"]["template"])
    labels = template["metadata"].setdefault("labels", {})
    labels[HASH_LABEL] = view.template_hash
    selector = {"matchLabels": {**view.deployment["spec"]["selector"].get("matchLabels", {})}}
    selector["matchLabels"][HASH_LABEL] = view.template_hash
    store.create(
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{view.name}-{view.template_hash}",
                "namespace": view.namespace,
                "labels": dict(labels),
                "annotations": {_REVISION: str(_newest_revision(view) + 1)},
                "ownerReferences": [reference(view.deployment)],
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
        },
        manager=_MANAGER,
    )


def _revision(obj: Obj) -> int:
    return int((obj["metadata"].get("annotations") or {}).get(_REVISION, 0))


def _newest_revision(view: _View) -> int:
    return max((_revision(rs) for rs in view.replicasets), default=0)


def _mark_revision(store: Store, view: _View) -> None:
    """A template that comes back is a new revision, as after a rollback."""
    new = view.new
    if new is None:
        return
    others = max((_revision(rs) for rs in view.old), default=0)
    revision = str(max(_revision(new), others + 1))

    def mark(obj: Obj) -> None:
        obj["metadata"].setdefault("annotations", {})[_REVISION] = revision

    store.change("ReplicaSet", view.namespace, new["metadata"]["name"], mark, manager=_MANAGER)
    store.change("Deployment", view.namespace, view.name, mark, manager=_MANAGER)


def _scale(store: Store, events: Events, view: _View, name: str, replicas: int) -> None:
    before = store.get("ReplicaSet", view.namespace, name)["spec"]["replicas"]

    def write(obj: Obj) -> None:
        obj["spec"]["replicas"] = replicas

    store.change("ReplicaSet", view.namespace, name, write, manager=_MANAGER)
    way = "up" if replicas > before else "down"
    message = f"Scaled {way} replica set {name} from {before} to {replicas}"
    events.emit(view.deployment, "ScalingReplicaSet", message, component=_COMPONENT)


def _report(store: Store, view: _View) -> None:
    def write(obj: Obj) -> None:
        obj["status"] = _status(view, obj, store.now())

    store.change("Deployment", view.namespace, view.name, write, manager=_MANAGER)


def _status(view: _View, deployment: Obj, now: str) -> Obj:
    new = view.new
    total = _sum(view.replicasets, "replicas")
    ready = _sum(view.replicasets, "readyReplicas")
    unavailable = max(0, view.desired - ready)
    status: Obj = {"observedGeneration": deployment["metadata"]["generation"]}
    counts = {
        "replicas": total,
        "updatedReplicas": _sum([new] if new else [], "replicas"),
        "readyReplicas": ready,
        "availableReplicas": ready,
        "unavailableReplicas": unavailable,
    }
    status |= {name: count for name, count in counts.items() if count}
    status["conditions"] = _conditions(view, deployment.get("status") or {}, counts, now)
    return status


def _sum(replicasets: list[Obj], field: str) -> int:
    return sum((rs.get("status") or {}).get(field, 0) for rs in replicasets)


def _conditions(view: _View, old: Obj, counts: dict[str, int], now: str) -> list[Obj]:
    least = view.desired - scaling.max_unavailable(view.deployment["spec"])
    available = counts["availableReplicas"] >= least
    entries = [
        condition(
            old,
            "Available",
            "True" if available else "False",
            f"MinimumReplicas{'Available' if available else 'Unavailable'}",
            f"Deployment {'has' if available else 'does not have'} minimum availability.",
            now,
            updates=True,
        ),
        _progress(view, old, counts, now),
    ]
    failure = _failure(view.new)
    if failure:
        message = failure["message"]
        entries.append(
            condition(old, "ReplicaFailure", "True", failure["reason"], message, now, updates=True)
        )
    return entries


def _progress(view: _View, old: Obj, counts: dict[str, int], now: str) -> Obj:
    name = f"{view.name}-{view.template_hash}"
    done = (
        counts["updatedReplicas"] == view.desired
        and counts["replicas"] == view.desired
        and counts["availableReplicas"] == view.desired
    )
    reason = "NewReplicaSetAvailable" if done else "ReplicaSetUpdated"
    told = "has successfully progressed" if done else "is progressing"
    message = f'ReplicaSet "{name}" {told}.'
    return condition(old, "Progressing", "True", reason, message, now, updates=True)


def _failure(new: Obj | None) -> Obj | None:
    conditions = ((new or {}).get("status") or {}).get("conditions") or ()
    return next((one for one in conditions if one["type"] == "ReplicaFailure"), None)

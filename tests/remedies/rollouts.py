"""Argo Rollouts' controller, as far as it restarts: it replaces pods older than `spec.restartAt`.

Source: Argo Rollouts, docs/features/restart.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from probes.model import Snapshot, WorkloadSeen
from sandbox.kubernetes.store import Change, Obj, Store
from tests.checks import worlds
from tests.remedies.argoworld import NAMESPACE

NAME = "ops-service"


@dataclass
class Rollout:
    """One Rollout with one pod; `seen` is what that pod read when it started, by `reads`."""

    store: Store
    reads: Callable[[], Any]
    seen: Any
    born: str = ""
    """When the pod was made; long ago at first."""

    @property
    def object(self) -> Obj:
        return self.store.get("Rollout", NAMESPACE, NAME)

    def obey(self, change: Change) -> None:
        obj = change.obj
        if obj["kind"] != "Rollout" or change.type == "DELETED":
            return
        restart = obj["spec"].get("restartAt") or ""
        if self.born < restart:
            self.born = max(restart, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
            self.seen = self.reads()
        counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), 1)
        status = {"observedGeneration": str(obj["metadata"]["generation"]), **counts}
        status["restartedAt"] = restart
        if "workloadRef" in obj["spec"]:
            lender = self.store.get("Deployment", NAMESPACE, NAME)
            status["workloadObservedGeneration"] = str(lender["metadata"]["generation"])
        if obj.get("status") != status:
            self.store.update({**obj, "status": status}, subresource="status")

    @classmethod
    @contextmanager
    def instead_of_the_deployment(
        cls, store: Store, reads: Callable[[], Any], strategy: Obj | None = None
    ) -> Iterator[Rollout]:
        """The world's Deployment becomes a Rollout; its pod has read what is there now."""
        one = cls(store, reads, seen=reads())
        unsubscribe = store.subscribe(one.obey)
        spec = store.get("Deployment", NAMESPACE, NAME)["spec"] | {
            "strategy": strategy or {"canary": {}}
        }
        store.delete("Deployment", NAMESPACE, NAME)
        metadata = {"name": NAME, "namespace": NAMESPACE}
        store.create({"kind": "Rollout", "metadata": metadata, "spec": spec})
        yield one
        unsubscribe()


def as_rollout(snapshot: Snapshot) -> Snapshot:
    """The same, with what a probe sees of a Rollout's controller."""
    assert snapshot.workload
    assert isinstance(snapshot.workload.seen, WorkloadSeen)
    seen = replace(snapshot.workload.seen, controller=worlds.controller(kind="Rollout"))
    return replace(snapshot, workload=replace(snapshot.workload, seen=seen))

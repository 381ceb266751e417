"""Controllers: Deployment to ReplicaSet to Pod, and ready pods to a Service's endpoints."""

from __future__ import annotations

import asyncio

from sandbox.admission import Admission
from sandbox.controllers import deployments, replicasets
from sandbox.controllers.endpoints import Endpoints
from sandbox.events import Events
from sandbox.kubernetes.store import Change, Store
from sandbox.network import Address, Network

_RETRY_S = 2.0
"""How long after a refused pod the ReplicaSet tries again."""

_Key = tuple[str, str, str]


class Controllers:
    """Brings what is there to what is asked for, object by object, whenever one changes."""

    def __init__(
        self, store: Store, network: Network, events: Events, admission: Admission
    ) -> None:
        self._store = store
        self._events = events
        self._admission = admission
        self._endpoints = Endpoints(store, network)
        self._due: dict[_Key, None] = {}
        self._woken = asyncio.Event()
        self._unsubscribe = store.subscribe(self._noticed)

    @property
    def faults(self) -> dict[tuple[str, str], Address | None]:
        """(namespace, Service) to what stands in for its endpoints; None: nothing listens."""
        return self._endpoints.faults

    def settle(self) -> None:
        """Handles everything that is due, at once; pods do not become ready meanwhile."""
        while self._due:
            key = next(iter(self._due))
            del self._due[key]
            self._reconcile(*key)

    async def run(self) -> None:
        """Handles changes as they come, until cancelled."""
        while True:
            self._woken.clear()
            self.settle()
            await self._woken.wait()

    def close(self) -> None:
        """Stops looking at the store."""
        self._unsubscribe()

    def _noticed(self, change: Change) -> None:
        kind, metadata = change.obj["kind"], change.obj["metadata"]
        namespace = metadata.get("namespace", "")
        if kind in ("Deployment", "ReplicaSet", "Service"):
            self._add(kind, namespace, metadata["name"])
        if kind in ("ReplicaSet", "Pod"):
            for owner in metadata.get("ownerReferences") or ():
                self._add(owner["kind"], namespace, owner["name"])
        if kind == "Pod":
            for service in self._endpoints.selecting(namespace, metadata.get("labels") or {}):
                self._add("Service", namespace, service)

    def _add(self, kind: str, namespace: str, name: str) -> None:
        self._due[(kind, namespace, name)] = None
        self._woken.set()

    def _reconcile(self, kind: str, namespace: str, name: str) -> None:
        if kind == "Service":
            self._endpoints.reconcile(namespace, name)
            return
        obj = self._store.find(kind, namespace, name)
        if obj is None or obj["metadata"].get("deletionTimestamp"):
            return
        if kind == "Deployment":
            deployments.reconcile(self._store, self._events, obj)
        elif kind == "ReplicaSet":
            refused = replicasets.reconcile(self._store, self._events, self._admission, obj)
            if refused:
                self._again(namespace, name)

    def _again(self, namespace: str, name: str) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(_RETRY_S, self._add, "ReplicaSet", namespace, name)

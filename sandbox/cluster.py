"""Cluster: the Kubernetes half of a world, wired together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.admission import Admission
from sandbox.clock import Clock
from sandbox.containers import Containers
from sandbox.controllers import Controllers
from sandbox.controllers.externalsecrets import ExternalSecrets
from sandbox.events import Events
from sandbox.inventory import NAMESPACE
from sandbox.kubelet import Kubelet, Machine
from sandbox.kubernetes.access import Access
from sandbox.kubernetes.logs import Logs
from sandbox.kubernetes.rolebindings import bound_rules
from sandbox.kubernetes.store import Obj, Store
from sandbox.network import Network
from sandbox.remotekeys import RemoteKeys

_SETTLED = frozenset({"CrashLoopBackOff", "CreateContainerConfigError"})


@dataclass(frozen=True)
class Cluster:
    """What the API server serves, and who acts on it."""

    clock: Clock
    store: Store
    logs: Logs
    network: Network
    access: Access
    admission: Admission
    containers: Containers
    controllers: Controllers
    kubelet: Kubelet
    remote: RemoteKeys
    external_secrets: ExternalSecrets

    @classmethod
    def new(cls, portal_token: Callable[[], str], remote: RemoteKeys) -> Cluster:
        """An empty cluster; nothing acts yet. `portal_token`: of a person with the portal open."""
        clock, logs, network, admission = Clock(), Logs(), Network(NAMESPACE), Admission()
        store = Store(clock=clock)
        events, containers = Events(store, clock), Containers(store, network, portal_token)
        return cls(
            clock=clock,
            store=store,
            logs=logs,
            network=network,
            access=Access(lambda user: bound_rules(store, user)),
            admission=admission,
            containers=containers,
            controllers=Controllers(store, network, events, admission),
            kubelet=Kubelet(Machine(store, logs, network, events, containers)),
            remote=remote,
            external_secrets=ExternalSecrets(store, events, remote, clock),
        )

    async def settle(self, limit_s: float, *, revision: str | None = None) -> None:
        """Waits until every Deployment is available, or plainly cannot be; at most so long.

        With `revision`, also until Argo CD has brought in that commit of Git.
        """
        changed = asyncio.Event()
        unsubscribe = self.store.subscribe(lambda _change: changed.set())
        try:
            async with asyncio.timeout(limit_s):
                while not self._all_settled(revision):
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            # A world may be one whose pods do not become ready.
            return
        finally:
            unsubscribe()

    def _all_settled(self, revision: str | None) -> bool:
        applications = self.store.list("Application") if revision else []
        return all(_has_synced(one, revision) for one in applications) and all(
            map(self._is_settled, self.store.list("Deployment"))
        )

    def _is_settled(self, deployment: Obj) -> bool:
        status = deployment.get("status") or {}
        desired = deployment["spec"]["replicas"]
        counts = (status.get("availableReplicas", 0), status.get("updatedReplicas", 0))
        if counts == (desired, desired) or _is_refused(status):
            return True
        labels = deployment["spec"]["selector"]["matchLabels"]
        pods = self.store.list("Pod", deployment["metadata"]["namespace"], labels)
        reasons = [
            (entry["state"].get("waiting") or {}).get("reason")
            for pod in pods
            for entry in (pod.get("status") or {}).get("containerStatuses") or ()
        ]
        return bool(reasons) and all(reason in _SETTLED for reason in reasons)


def _has_synced(application: Obj, revision: str | None) -> bool:
    """Whether it was compared with that commit and today's source, with nothing left to do."""
    sync = (application.get("status") or {}).get("sync") or {}
    compared = (sync.get("comparedTo") or {}).get("source")
    current = compared == application["spec"].get("source") and sync.get("revision") == revision
    return current and sync.get("status") == "Synced"


def _is_refused(status: Obj) -> bool:
    return any(
        one["type"] == "ReplicaFailure" and one["status"] == "True"
        for one in status.get("conditions") or ()
    )

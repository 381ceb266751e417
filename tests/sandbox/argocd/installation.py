"""A small cluster with Argo CD in it, and a client that speaks to its API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.argocd import ArgoCD, chart, install
from sandbox.kubernetes.store import Obj, Store
from tests.waiting import until

PARAMETERS = {
    "image.repository": "registry.example.com/prod/ops-service",
    "image.tag": "135-bd070f7",
    "config.PROMETHEUS_URL": "http://prometheus:9090",
    "config.DB_AUTO_MIGRATE": "true",
}
SHARED = {"DB_AUTO_MIGRATE": "false", "LOG_LEVEL": "info"}
NAMESPACE = "wealist-prod"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_767_664_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Installation:
    """What a test looks at and pushes."""

    store: Store
    argocd: ArgoCD
    clock: Clock
    http: httpx.AsyncClient

    def application(self, name: str = "ops-service-prod") -> Obj:
        return self.store.get("Application", "argocd", name)

    def config(self) -> dict[str, str]:
        data: dict[str, str] = self.store.get("ConfigMap", NAMESPACE, "ops-service-config")["data"]
        return data

    def deployment(self) -> Obj:
        return self.store.get("Deployment", NAMESPACE, "ops-service")

    def checksum(self) -> str:
        annotations = self.deployment()["spec"]["template"]["metadata"]["annotations"]
        return str(annotations["checksum/config"])

    def sync(self, name: str = "ops-service-prod") -> str:
        return str(self.application(name)["status"]["sync"]["status"])

    def health(self, name: str = "ops-service-prod") -> str:
        return str(self.application(name)["status"]["health"]["status"])

    def phase(self, name: str = "ops-service-prod") -> str:
        return str(self.application(name)["status"]["operationState"]["phase"])

    async def get(self, path: str, token: str | None, **params: str) -> httpx.Response:
        return await self.http.get(path, headers=bearer(token), params=params)

    async def send(
        self, method: str, path: str, token: str | None, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        headers = {**bearer(token), "Content-Type": "application/json"}
        return await self.http.request(method, path, headers=headers, json=body)

    def set_parameter(self, name: str, value: str) -> None:
        """A live edit, as with kubectl."""

        def write(obj: Obj) -> None:
            for one in obj["spec"]["source"]["helm"]["parameters"]:
                if one["name"] == name:
                    one["value"] = value

        self.store.change("Application", "argocd", "ops-service-prod", write, manager="kubectl")

    def make_ready(self) -> None:
        """Reports the Deployment as rolled out, as the Deployment controller does."""

        def write(obj: Obj) -> None:
            replicas = obj["spec"]["replicas"]
            obj["status"] = {
                "observedGeneration": obj["metadata"]["generation"],
                "replicas": replicas,
                "updatedReplicas": replicas,
                "readyReplicas": replicas,
                "availableReplicas": replicas,
            }

        self.store.change("Deployment", NAMESPACE, "ops-service", write)


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@asynccontextmanager
async def installation(
    *,
    parameters: Mapping[str, str] = PARAMETERS,
    local_accounts: Mapping[str, str] | None = None,
    self_heal_delay: float = 0.05,
    root_delay: float = 0.05,
    sync_delay: float = 0.0,
) -> AsyncIterator[Installation]:
    """Argo CD over a synced ops-service; nothing is reconciled yet."""
    store, clock = Store(), Clock()
    for name in (NAMESPACE, "argocd"):
        store.create({"kind": "Namespace", "metadata": {"name": name}})
    metadata = {"name": "wealist-shared-config", "namespace": NAMESPACE}
    store.create({"kind": "ConfigMap", "metadata": metadata, "data": dict(SHARED)})
    install(store, parameters=parameters, local_accounts=local_accounts)
    application = store.get("Application", "argocd", "ops-service-prod")
    for manifest in chart.render(application, SHARED):
        store.create(manifest, manager="argocd-controller")
    argocd = ArgoCD(
        store,
        self_heal_delay=self_heal_delay,
        root_delay=root_delay,
        sync_delay=sync_delay,
        clock=clock,
    )
    transport = httpx.ASGITransport(app=argocd.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://argocd") as client:
        there = Installation(store, argocd, clock, client)
        there.make_ready()
        yield there


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[Installation]:
    """The same, with its controller at work and everything compared once."""
    async with installation(**options) as there:
        task = asyncio.create_task(there.argocd.run())
        try:
            await until(lambda: "controllerNamespace" in there.application()["status"])
            yield there
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

"""A small cluster served over HTTPS: a shop with one pod, and an Argo CD Application."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sandbox.kubernetes.access import Access
from sandbox.kubernetes.api import kubernetes_app
from sandbox.kubernetes.kubeconfig import write_kubeconfig
from sandbox.kubernetes.logs import Logs
from sandbox.kubernetes.store import Obj, Store
from sandbox.kubernetes.tls import Authority
from sandbox.network import Network
from sandbox.serving import serve


@dataclass(frozen=True)
class Cluster:
    """The parts behind the API server, and an administrator's client in front of it."""

    store: Store
    logs: Logs
    network: Network
    access: Access
    url: str
    kubeconfig: Path
    admin: httpx.AsyncClient
    tokens: dict[str, str]

    def as_user(self, user: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[user]}"}


TEMPLATE: Obj = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {
        "containers": [
            {
                "name": "web",
                "image": "web:1",
                "ports": [{"name": "http", "containerPort": 8005}],
                "env": [{"name": "MODE", "value": "a"}, {"name": "LEVEL", "value": "info"}],
            }
        ]
    },
}


def pod(name: str = "web-1", **status: object) -> Obj:
    running = {"running": {"startedAt": "2026-01-06T01:00:00Z"}}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": "web"}},
        "spec": TEMPLATE["spec"] | {"nodeName": "node-1"},
        "status": {
            "phase": "Running",
            "podIP": "10.0.1.7",
            "containerStatuses": [
                {"name": "web", "ready": True, "restartCount": 0, "image": "", "imageID": ""}
                | {"state": running}
            ],
        }
        | status,
    }


def furnish(store: Store) -> None:
    """Creates what every test of the API finds there."""
    for name in ("shop", "argocd"):
        store.create({"kind": "Namespace", "metadata": {"name": name}})
    selector = {"matchLabels": {"app": "web"}}
    store.create(
        {
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"replicas": 1, "selector": selector, "template": TEMPLATE},
        }
    )
    store.create(pod())
    parameters = [{"name": "config.A", "value": "old"}, {"name": "image.tag", "value": "1"}]
    store.create(
        {
            "kind": "Application",
            "metadata": {"name": "web-prod", "namespace": "argocd"},
            "spec": {"project": "prod", "source": {"helm": {"parameters": parameters}}},
            "status": {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}},
        }
    )


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    store, logs, network, access = Store(), Logs(), Network(), Access()
    tokens = {user: access.add_user(user) for user in ("sandbox", "viewer")}
    access.allow_all("sandbox")
    access.allow("viewer", ["get", "list", "watch"], [""], ["pods", "pods/log"], ["shop"])
    furnish(store)
    tls = Authority().issue(tmp_path)
    server = await serve(kubernetes_app(store, logs, network, access), tls=tls)
    url = f"https://127.0.0.1:{server.port}"
    kubeconfig = tmp_path / "kubeconfig"
    write_kubeconfig(kubeconfig, server=url, ca_pem=tls.ca_pem, users=tokens, namespace="shop")
    trust = ssl.create_default_context(cadata=tls.ca_pem)
    headers = {"authorization": f"Bearer {tokens['sandbox']}"}
    async with httpx.AsyncClient(
        base_url=url, verify=trust, headers=headers, trust_env=False, timeout=10
    ) as admin:
        yield Cluster(store, logs, network, access, url, kubeconfig, admin, tokens)
    await server.close()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65536):
        writer.write(piece.upper())
        await writer.drain()
    writer.close()


@pytest.fixture
async def echo(cluster: Cluster) -> AsyncIterator[int]:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    cluster.network.publish_pod("shop", "web-1", 5432, ("127.0.0.1", port))
    yield port
    server.close()

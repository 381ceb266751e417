"""Kubeconfig files as people have them, and a Kubernetes to point them at."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probes.profile import Profile
from probes.reach import Reach, open_reach
from sandbox.kubernetes.access import Access
from sandbox.kubernetes.api import kubernetes_app
from sandbox.kubernetes.kubeconfig import write_kubeconfig
from sandbox.kubernetes.logs import Logs
from sandbox.kubernetes.store import Obj, Store
from sandbox.kubernetes.tls import Authority
from sandbox.network import Network
from sandbox.serving import serve
from tests.probes.loopback import Answering, Loopback, answering

NAMESPACE = "wealist-prod"


def kubeconfig(
    path: Path,
    server: str,
    *,
    user: Mapping[str, Any] | None = None,
    cluster: Mapping[str, Any] | None = None,
    context: str = "prod",
    namespace: str | None = NAMESPACE,
) -> Path:
    """A kubeconfig with one context; `user` and `cluster` add to its entries."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
        "users": [{"name": "u", "user": dict(user or {"token": "a-token"})}],
        "contexts": [
            {
                "name": context,
                "context": {"cluster": "c", "user": "u"}
                | ({"namespace": namespace} if namespace else {}),
            }
        ],
        "current-context": context,
    }
    path.write_text(json.dumps(document))
    return path


@asynccontextmanager
async def api_answering(
    tmp_path: Path, answer: Answering, *, timeout_s: float = 2.0, **entries: Any
) -> AsyncIterator[tuple[Reach, Loopback]]:
    """A reach whose API server, in plain HTTP, answers exactly as that function says."""
    async with answering(answer) as server:
        path = kubeconfig(tmp_path / "kubeconfig", server.url, **entries)
        async with open_reach(Profile(kubeconfig=path, timeout_s=timeout_s)) as reach:
            yield reach, server


@asynccontextmanager
async def tls_server(answer: Answering, context: ssl.SSLContext) -> AsyncIterator[Loopback]:
    """As `answering`, over TLS."""
    import asyncio

    loopback = Loopback(answer)
    server = await asyncio.start_server(loopback.serve, "127.0.0.1", 0, ssl=context)
    loopback.port = server.sockets[0].getsockname()[1]
    try:
        yield loopback
    finally:
        server.close()
        await loopback.close()


@dataclass(frozen=True)
class Kubernetes:
    """A running stand-in of the API server; `profile` looks at it as the named user."""

    store: Store
    logs: Logs
    network: Network
    access: Access
    path: Path

    def profile(self, user: str = "sandbox", **changes: Any) -> Profile:
        return Profile(kubeconfig=self.path, context=user, **changes)

    def create(self, *objects: Obj) -> None:
        for one in objects:
            self.store.create(one)


@asynccontextmanager
async def kubernetes(tmp_path: Path, users: Sequence[str] = ()) -> AsyncIterator[Kubernetes]:
    """An API server with the two namespaces; `users` may do nothing until they are allowed to."""
    store, logs, network, access = Store(), Logs(), Network(NAMESPACE), Access()
    tokens = {user: access.add_user(user) for user in ("sandbox", *users)}
    access.allow_all("sandbox")
    for name in (NAMESPACE, "argocd"):
        store.create({"kind": "Namespace", "metadata": {"name": name}})
    tls = Authority().issue(tmp_path)
    server = await serve(kubernetes_app(store, logs, network, access), tls=tls)
    path = tmp_path / "kubeconfig"
    write_kubeconfig(
        path,
        server=f"https://127.0.0.1:{server.port}",
        ca_pem=tls.ca_pem,
        users=tokens,
        namespace=NAMESPACE,
    )
    try:
        yield Kubernetes(store, logs, network, access, path)
    finally:
        await server.close()

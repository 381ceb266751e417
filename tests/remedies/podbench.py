"""A cluster whose pods really run, with a Prometheus beside them that serves under a prefix."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from probes.model import Snapshot
from probes.profile import Profile
from probes.reach import Reach, open_reach
from remedies.executor import Executor
from remedies.journal import Journal
from remedies.model import Outcome, Plan, Progress, RemedyId
from remedies.planning import Ask
from remedies.registry import REMEDIES
from remedies.world import World
from sandbox.cluster import Cluster
from sandbox.kubernetes.api import kubernetes_app
from sandbox.kubernetes.kubeconfig import write_kubeconfig
from sandbox.kubernetes.store import Obj
from sandbox.kubernetes.tls import Authority
from sandbox.network import Address
from sandbox.remotekeys import RemoteKeys
from sandbox.scenario import Policy
from sandbox.serving import serve
from tests.checks import worlds
from tests.remedies.argoworld import LOADING_S, Faulty

NAMESPACE = "wealist-prod"
_USERS = ("sandbox", "limited")

# Those of facts on production: every pod has limits and a pinned image, services carry a stage.
POLICIES = (
    Policy(name="require-resource-limits", limits=True, message="배포 실패: limits"),
    Policy(
        name="require-prod-stage-label",
        pods="*-service-*",
        label="stage=prod",
        message="배포 실패: stage",
    ),
)


async def _prometheus(request: Request) -> Response:
    if request.url.path == f"{worlds.PREFIX}/api/v1/query":
        return JSONResponse({"status": "success", "query": request.query_params["query"]})
    return PlainTextResponse("404 page not found\n", 404)


@dataclass
class PodWorld:
    """The cluster as a test looks at it and pushes it."""

    cluster: Cluster
    api: Faulty
    reach: Reach
    profile: Profile
    journal: Journal
    prometheus: Address
    own: str = ""
    told: list[Progress] = field(default_factory=list)

    def listen_at(self, address: Address) -> None:
        """Prometheus' Service leads there."""
        self.cluster.network.publish("prometheus", NAMESPACE, 9090, address)

    def missing(self) -> Snapshot:
        """The container's URL lacks the prefix; its pods carry a stage."""
        pod = worlds.pod(labels={"stage": "prod"})
        settings = dict(worlds.SETTINGS) | {"PROMETHEUS_URL": worlds.ORIGIN}
        seen = worlds.workload(
            pods=(pod,),
            environment=worlds.environment(settings),
            startup=worlds.startup(prometheus_url=worlds.ORIGIN),
        )
        return worlds.world(workload=seen, prometheus=worlds.without_prefix())

    def world(self, reach: Reach | None = None) -> World:
        return World(reach or self.reach, self.profile, self._sweep)

    async def _sweep(self) -> Snapshot:
        return worlds.world()

    async def plan(self, snapshot: Snapshot | None = None, **options: str) -> Plan:
        remedy = REMEDIES[RemedyId.IN_CLUSTER_CURL]
        return await remedy.plan(self.world(), snapshot or self.missing(), Ask(options))

    async def apply(
        self, plan: Plan, why_not: Callable[[], str] = lambda: "", reach: Reach | None = None
    ) -> Outcome:
        executor = Executor(self.world(reach), self.journal, why_not)
        return await executor.apply(plan, self.told.append)

    def pods(self) -> list[Obj]:
        return self.cluster.store.list("Pod", NAMESPACE)


class Bench:
    """The servers and the way to them, kept from test to test; the cluster is each test's own."""

    def __init__(self, folder: Path) -> None:
        self.api = Faulty()
        self.profile = Profile(
            name="prod", kubeconfig=folder / "kubeconfig", context="sandbox", timeout_s=3.0
        )
        self._folder = folder

    @asynccontextmanager
    async def open(self) -> AsyncIterator[tuple[Reach, Address]]:
        """Serve, and reach it; with the address of Prometheus."""
        tls = Authority().issue(self._folder)
        server = await serve(self.api, tls=tls)
        prometheus = await serve(Starlette(routes=[Route("/{path:path}", _prometheus)]))
        write_kubeconfig(
            self._folder / "kubeconfig",
            server=f"https://127.0.0.1:{server.port}",
            ca_pem=tls.ca_pem,
            users={name: f"token-of-{name}" for name in _USERS},
            namespace=NAMESPACE,
        )
        try:
            async with open_reach(self.profile) as reach:
                await reach.cluster.ready(LOADING_S)
                yield reach, ("127.0.0.1", prometheus.port)
        finally:
            await asyncio.gather(server.close(), prometheus.close())

    @asynccontextmanager
    async def world(
        self, reach: Reach, prometheus: Address, tmp_path: Path
    ) -> AsyncIterator[PodWorld]:
        """An empty cluster whose kubelet runs what is created in it."""
        cluster = Cluster.new(lambda: "", RemoteKeys())
        for name in _USERS:
            cluster.access.add_user(name, f"token-of-{name}")
        cluster.access.allow_all("sandbox")
        cluster.store.create({"kind": "Namespace", "metadata": {"name": NAMESPACE}})
        cluster.admission.policies = POLICIES
        parts = (cluster.store, cluster.logs, cluster.network, cluster.access)
        self.api.serve(kubernetes_app(*parts, cluster.admission.refusal))
        running = asyncio.create_task(cluster.kubelet.run())
        journal = Journal(tmp_path / "journal.jsonl")
        made = PodWorld(cluster, self.api, reach, self.profile, journal, prometheus)
        made.listen_at(prometheus)
        try:
            yield made
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await cluster.kubelet.close()
            cluster.controllers.close()
            cluster.external_secrets.close()

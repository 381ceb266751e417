"""A small world around ops-service: a database, and upstream servers that say what a test wants."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.authservice import AuthService
from sandbox.keeper import Keeper
from sandbox.kubernetes.logs import LogBuffer
from sandbox.network import Network
from sandbox.opsservice import OpsService
from sandbox.postgres import Postgres, start_postgres
from sandbox.serving import Server, serve

NAMESPACE = "wealist-prod"
EMAIL = "sre@wealist.co.kr"
PASSWORD = "p-ssw0rd"
PREFIX = "/api/monitoring/prometheus"
PROMETHEUS = f"http://prometheus.{NAMESPACE}.svc.cluster.local:9090"
ARGOCD = "http://argocd-server.argocd.svc.cluster.local"
AUTH = f"http://auth-service.{NAMESPACE}:8080"
LOKI = f"http://loki.{NAMESPACE}.svc.cluster.local:3100"
METRICS = "/api/monitoring/metrics"
ERRORS = "/api/monitoring/errors"


@contextmanager
def postgres_in_a_thread(folder: Path, *, tls: bool = False) -> Iterator[Postgres]:
    """A server that outlives the tests' own event loops."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    try:
        keeper = run(Keeper.start(folder))
        try:
            yield run(start_postgres(folder, keeper, password=PASSWORD, tls=tls))
        finally:
            run(keeper.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@dataclass
class Database:
    """One fresh database of the server."""

    server: Postgres
    name: str

    async def execute(self, sql: str) -> None:
        await self.server.execute(sql, database=self.name)

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(**self.server.dsn(self.name))
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    async def add_user(self, role: str = "admin", *, active: bool = True) -> None:
        await self.execute(
            "INSERT INTO portal_users (email, name, role, is_active)"
            f" VALUES ('{EMAIL}', 'Sora', '{role}', {active})"
        )

    def env(self) -> dict[str, str]:
        return {
            "DB_HOST": self.server.host,
            "DB_PORT": str(self.server.port),
            "DB_USER": self.server.user,
            "DB_PASSWORD": PASSWORD,
            "DB_NAME": self.name,
            "JWT_SECRET": "not empty",
        }


async def emptied(server: Postgres, name: str = "ops_db") -> Database:
    """A database with nothing in it: a new schema costs a tenth of a new database."""
    database = Database(server, name)
    await database.execute(
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC"
    )
    return database


@dataclass
class Upstream:
    """A server that answers every request through `answer`, and remembers them."""

    answer: Callable[[Request], Response]
    asked: list[Request] = field(default_factory=list)
    hangs: bool = False

    async def handle(self, request: Request) -> Response:
        self.asked.append(request)
        while self.hangs:
            if await request.is_disconnected():
                return Response(status_code=499)
            await asyncio.sleep(0.005)
        return self.answer(request)

    @property
    def queries(self) -> list[str]:
        return [request.query_params["query"] for request in self.asked]


def answering(status: int, body: object, content_type: str = "application/json") -> Upstream:
    text = body if isinstance(body, str) else json.dumps(body)
    return Upstream(lambda _request: Response(text, status, media_type=content_type))


def prometheus_with(value: str, metric: Mapping[str, str] | None = None) -> Upstream:
    """Every query has one result with this value."""

    def answer(request: Request) -> Response:
        ranged = request.url.path.endswith("query_range")
        point = {"values": [[1767660000, value]]} if ranged else {"value": [1767660000.1, value]}
        data = {"resultType": "vector", "result": [{"metric": metric or {}, **point}]}
        return Response(json.dumps({"status": "success", "data": data}))

    return Upstream(answer)


NO_PREFIX = answering(404, "404 page not found\n", "text/plain; charset=utf-8").answer
EMPTY = answering(200, {"status": "success", "data": {"resultType": "vector", "result": []}}).answer


@dataclass
class World:
    """A running service with what is around it."""

    service: OpsService
    log: LogBuffer
    client: httpx.AsyncClient
    auth: AuthService
    network: Network

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def data(self, path: str) -> Any:
        """The data of a 200 in the service's envelope."""
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        body = answer.json()
        assert list(body) == ["success", "data"]
        assert body["success"] is True
        return body["data"]

    async def refused(self, path: str) -> tuple[int, str]:
        """Status and message of an error in the service's envelope."""
        answer = await self.get(path)
        assert list(answer.json()) == ["success", "message"]
        return answer.status_code, answer.json()["message"]

    def lines(self) -> list[str]:
        return [entry.text for entry in self.log.lines]

    def entries(self, *levels: str) -> list[dict[str, Any]]:
        """The JSON lines, of these levels or of all."""
        parsed = [json.loads(line) for line in self.lines() if line.startswith("{")]
        return [one for one in parsed if not levels or one["level"] in levels]

    def messages(self, *levels: str) -> list[str]:
        return [one["msg"] for one in self.entries(*levels)]

    def forget(self) -> None:
        """Empties the log, so that a test sees its own lines only."""
        self.log._entries.clear()


async def publish(app: Starlette, network: Network, name: str, port: int) -> Server:
    """Serves under a cluster name, `service.namespace`."""
    server = await serve(app)
    service, _, namespace = name.partition(".")
    network.publish(service, namespace, port, ("127.0.0.1", server.port))
    return server


def _app(upstream: Upstream) -> Starlette:
    return Starlette(routes=[Route("/{path:path}", upstream.handle, methods=["GET", "POST"])])


@asynccontextmanager
async def _around(
    upstreams: Mapping[tuple[str, int], Upstream | None], auth: AuthService
) -> AsyncIterator[Network]:
    """The network with its servers; an upstream that is None refuses connections."""
    network = Network(NAMESPACE)
    servers = [await publish(auth.app, network, f"auth-service.{NAMESPACE}", 8080)]
    try:
        for (name, port), upstream in upstreams.items():
            service, _, namespace = name.partition(".")
            network.publish(service, namespace, port, ("127.0.0.1", 1))
            if upstream is not None:
                servers.append(await publish(_app(upstream), network, name, port))
        yield network
    finally:
        await asyncio.gather(*(server.close() for server in servers))


@asynccontextmanager
async def world(
    database: Database,
    env: Mapping[str, str] | None = None,
    *,
    prometheus: Upstream | None = None,
    argocd: Upstream | None = None,
    loki: Upstream | None = None,
    **options: Any,
) -> AsyncIterator[World]:
    """A service that runs against the given upstreams; one that is not given refuses."""
    auth, log = AuthService(), LogBuffer()
    upstreams = {
        (f"prometheus.{NAMESPACE}", 9090): prometheus,
        ("argocd-server.argocd", 80): argocd,
        (f"loki.{NAMESPACE}", 3100): loki,
    }
    settings = database.env() | {"AUTH_SERVICE_URL": AUTH, "K8S_IN_CLUSTER": "true"}
    headers = {"Authorization": f"Bearer {auth.token(EMAIL)}"}
    async with _around(upstreams, auth) as network:
        service = OpsService(settings | dict(env or {}), network, log, pod="ops-1", **options)
        try:
            await service.start()
            base = f"http://127.0.0.1:{service.port}"
            async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client:
                yield World(service, log, client, auth, network)
        finally:
            await service.stop()

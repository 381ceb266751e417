"""The API server's proxy into services and pods."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.serving import Server, serve

from .conftest import Cluster

SERVICE = "/api/v1/namespaces/shop/services/metrics:9090/proxy"


async def _echo(request: Request) -> Response:
    if request.url.path == "/":
        return RedirectResponse("/prefix", 302)
    if request.url.path == "/away":
        return RedirectResponse("https://elsewhere.example/x", 302)
    body = (await request.body()).decode()
    raw = request.scope["raw_path"].decode()
    seen = {"path": raw, "query": request.url.query, "headers": dict(request.headers)}
    return JSONResponse(seen | {"body": body, "method": request.method}, 404)


@pytest.fixture
async def backend(cluster: Cluster) -> AsyncIterator[Server]:
    methods = ["GET", "POST"]
    server = await serve(Starlette(routes=[Route("/{p:path}", _echo, methods=methods)]))
    ports = [{"name": "http", "port": 9090}]
    cluster.store.create(
        {
            "kind": "Service",
            "metadata": {"name": "metrics", "namespace": "shop"},
            "spec": {"ports": ports},
        }
    )
    cluster.network.publish("metrics", "shop", 9090, ("127.0.0.1", server.port))
    cluster.network.publish_pod("shop", "web-1", 8005, ("127.0.0.1", server.port))
    yield server
    await server.close()


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize("name", ["metrics:9090", "metrics:http", "metrics", "http:metrics:http"])
async def test_a_service_is_reached_by_any_of_its_names(cluster: Cluster, name: str) -> None:
    path = SERVICE.replace("metrics:9090", name)
    seen = (await cluster.admin.get(f"{path}/a%2Fb//c?x=1&x=2")).json()
    assert (seen["path"], seen["query"]) == ("/a%2Fb//c", "x=1&x=2")


@pytest.mark.usefixtures("backend")
async def test_status_and_body_pass_but_the_authorization_does_not(cluster: Cluster) -> None:
    answer = await cluster.admin.post(f"{SERVICE}/x", content=b"hello", headers={"x-mine": "1"})
    assert answer.status_code == 404
    seen = answer.json()
    assert (seen["method"], seen["body"]) == ("POST", "hello")
    assert "authorization" not in seen["headers"]
    assert seen["headers"]["x-mine"] == "1"


@pytest.mark.usefixtures("backend")
async def test_a_location_gets_the_path_of_the_proxy_before_it(cluster: Cluster) -> None:
    inside = await cluster.admin.get(f"{SERVICE}/")
    assert (inside.status_code, inside.headers["location"]) == (302, f"{SERVICE}/prefix")
    away = await cluster.admin.get(f"{SERVICE}/away")
    assert away.headers["location"] == "https://elsewhere.example/x"
    bare = await cluster.admin.get(f"{SERVICE}?a=1")
    assert (bare.status_code, bare.headers["location"]) == (301, f"{SERVICE}/?a=1")


async def test_a_target_that_cannot_be_reached_is_503(cluster: Cluster, backend: Server) -> None:
    async def message(path: str = f"{SERVICE}/x") -> str:
        answer = await cluster.admin.get(path)
        assert (answer.status_code, answer.json()["reason"]) == (503, "ServiceUnavailable")
        return str(answer.json()["message"])

    address = ("127.0.0.1", backend.port)
    cluster.network.publish("metrics", "shop", 9090, address, mesh=True)
    assert (await message()).startswith("error trying to reach service: read tcp ")
    assert (await message()).endswith("connection reset by peer")
    pod_proxy = "/api/v1/namespaces/shop/pods/web-1:8005/proxy/x"
    assert (await message(pod_proxy)).endswith("connection reset by peer")
    cluster.network.withdraw("metrics", "shop", 9090)
    assert await message() == 'no endpoints available for service "metrics"'
    assert "no service port" in await message(f"{SERVICE.replace('9090', '1')}/x")
    await backend.close()
    cluster.network.publish("metrics", "shop", 9090, address)
    assert (await message()).endswith("connect: connection refused")


@pytest.mark.usefixtures("backend")
async def test_a_pod_is_reached_and_a_missing_service_is_404(cluster: Cluster) -> None:
    pod = await cluster.admin.get("/api/v1/namespaces/shop/pods/web-1:8005/proxy/p?q=1")
    assert (pod.json()["path"], pod.json()["query"]) == ("/p", "q=1")
    missing = await cluster.admin.get(SERVICE.replace("metrics", "nope") + "/x")
    assert (missing.status_code, missing.json()["message"]) == (404, 'services "nope" not found')


async def test_a_client_that_gives_up_does_not_leave_the_request_behind(cluster: Cluster) -> None:
    ended = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        ended.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    ports = [{"name": "http", "port": 9090}]
    meta = {"name": "metrics", "namespace": "shop"}
    cluster.store.create({"kind": "Service", "metadata": meta, "spec": {"ports": ports}})
    address: tuple[str, int] = server.sockets[0].getsockname()[:2]
    cluster.network.publish("metrics", "shop", 9090, address)
    with pytest.raises(httpx.ReadTimeout):
        await cluster.admin.get(f"{SERVICE}/x", timeout=0.2)
    await asyncio.wait_for(ended.wait(), 5)
    server.close()

"""Faults and the gateway: what a client meets on the way to a Service."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.faults import fault
from sandbox.gateway import gateway_app, gateway_client
from sandbox.network import Network
from sandbox.scenario import FaultKind
from sandbox.serving import serve


async def _get(kind: FaultKind, timeout: float = 5.0) -> httpx.Response:
    async with fault(kind) as address, httpx.AsyncClient(timeout=timeout) as client:
        assert address
        return await client.get(f"http://{address[0]}:{address[1]}/api/v1/query")


async def test_a_hanging_service_accepts_and_never_answers() -> None:
    with pytest.raises(httpx.ReadTimeout):
        await _get("hanging", timeout=0.2)


async def test_a_resetting_service_ends_the_connection() -> None:
    with pytest.raises(httpx.ReadError):
        await _get("reset")


async def test_html_is_no_api() -> None:
    answer = await _get("html")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


async def test_an_unavailable_service_says_so() -> None:
    assert (await _get("unavailable")).status_code == 503


async def test_a_huge_answer_can_be_left_in_the_middle() -> None:
    async with (
        fault("huge") as address,
        httpx.AsyncClient() as client,
        client.stream("GET", f"http://127.0.0.1:{address[1] if address else 0}/") as answer,
    ):
        assert int(answer.headers["content-length"]) == 200_000_000
        async for chunk in answer.aiter_bytes():
            assert chunk
            break


async def test_a_refused_service_has_no_address() -> None:
    async with fault("refused") as address:
        assert address is None


async def _told(request: Request) -> JSONResponse:
    return JSONResponse(
        {"path": request.url.path, "query": request.url.query, "token": request.headers["x-token"]}
    )


async def test_the_gateway_takes_the_prefix_off_and_passes_the_rest() -> None:
    network = Network("shop")
    service = await serve(Starlette(routes=[Route("/{path:path}", _told)]))
    network.publish("ops-service", "shop", 8005, ("127.0.0.1", service.port))
    upstream = gateway_client(network)
    door = await serve(gateway_app(upstream, "shop"))
    async with upstream, httpx.AsyncClient(base_url=f"http://127.0.0.1:{door.port}") as client:
        told = await client.get("/api/ops/api/users/me?a=1", headers={"X-Token": "t"})
        assert told.json() == {"path": "/api/users/me", "query": "a=1", "token": "t"}
        assert (await client.get("/api/monitoring/metrics/overview")).status_code == 404
        network.withdraw("ops-service", "shop", 8005)
        gone = await client.get("/api/ops/health/ready")
        assert (gone.status_code, gone.text) == (503, "no healthy upstream")
    await door.close()
    await service.close()

"""The cluster's names, and servers on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.network import Network
from sandbox.serving import serve


@pytest.mark.parametrize(
    "host",
    ["prom", "prom.shop", "prom.shop.svc", "prom.shop.svc.cluster.local", "PROM.shop.svc."],
)
def test_a_service_has_four_spellings(host: str) -> None:
    network = Network("shop")
    network.publish("prom", "shop", 9090, ("127.0.0.1", 4711))
    assert network.address_of(host, 9090) == ("127.0.0.1", 4711)
    assert network.address_of(host, 80) is None
    assert network.address_of(host.replace("shop", "other").replace("prom", "x"), 9090) is None


def test_loopback_is_itself_and_hosts_outside_can_be_named() -> None:
    network = Network()
    network.publish_host("argocd.example.com", 443, ("127.0.0.1", 1))
    assert network.address_of("127.0.0.1", 5432) == ("127.0.0.1", 5432)
    assert network.address_of("localhost", 1) == ("localhost", 1)
    assert network.address_of("argocd.example.com", 443) == ("127.0.0.1", 1)
    assert network.address_of("example.com", 443) is None


async def test_a_client_speaks_to_a_cluster_name_as_a_pod_does() -> None:
    async def host(request: Request) -> Response:
        return PlainTextResponse(f"{request.headers['host']} {request.url.path}")

    server = await serve(Starlette(routes=[Route("/{path:path}", host)]))
    network = Network("shop")
    network.publish("prom", "shop", 9090, ("127.0.0.1", server.port))
    async with network.client() as client:
        answer = await client.get("http://prom.shop.svc.cluster.local:9090/-/ready")
        assert answer.text == "prom.shop.svc.cluster.local:9090 /-/ready"
    await server.close()


async def test_a_client_fails_in_the_words_of_go() -> None:
    network = Network("shop")
    network.publish("prom", "shop", 9090, ("127.0.0.1", 1))
    network.withdraw("prom", "shop", 9090)
    async with network.client() as client:
        with pytest.raises(httpx.ConnectError, match="dial tcp: lookup nope: no such host"):
            await client.get("http://nope/")
        refused = r"dial tcp 10\.100\.\d+\.\d+:9090: connect: connection refused"
        with pytest.raises(httpx.ConnectError, match=refused):
            await client.get("http://prom:9090/")
        network.forget("prom", "shop")
        with pytest.raises(httpx.ConnectError, match="lookup prom: no such host"):
            await client.get("http://prom:9090/")


async def test_closing_a_server_ends_endless_answers_and_frees_the_port() -> None:
    async def endless(_request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            yield b"first"
            await asyncio.Event().wait()

        return StreamingResponse(body())

    server = await serve(Starlette(routes=[Route("/", endless)]))
    async with (
        httpx.AsyncClient() as client,
        client.stream("GET", f"http://127.0.0.1:{server.port}/") as stream,
    ):
        pieces = stream.aiter_bytes()
        assert await anext(pieces) == b"first"
        async with asyncio.timeout(5):
            await server.close()
        with pytest.raises(httpx.HTTPError):
            await anext(pieces)
    with socket.socket() as again:
        assert again.connect_ex(("127.0.0.1", server.port)) != 0


async def test_a_port_that_is_taken_is_an_error() -> None:
    first = await serve(Starlette())
    with pytest.raises(OSError, match="in use"):
        await serve(Starlette(), port=first.port)
    await first.close()

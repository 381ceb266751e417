"""Closing a server: its port refuses, and nothing that was being answered goes on."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox import serving
from sandbox.serving import Server, serve

LIMIT_S = 30


class Answers:
    """One route that answers at once, one that never does, and how the latter was ended."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.cancelled = False

    async def _now(self, request: Request) -> Response:
        return PlainTextResponse("here")

    async def _never(self, request: Request) -> Response:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise AssertionError

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/now", self._now), Route("/never", self._never)])


def url(server: Server, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


async def test_a_closed_server_refuses_although_a_client_kept_its_connection() -> None:
    server = await serve(Answers().app())
    async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as client:
        answer = await client.get(url(server, "/now"))
        assert (answer.text, "date" in answer.headers) == ("here", True)
        await server.close()
        with pytest.raises(httpx.ConnectError):
            await client.get(url(server, "/now"))


async def test_an_answer_that_would_never_end_is_ended_with_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "_GRACE_S", 0.01)
    answers = Answers()
    server = await serve(answers.app())
    async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as client:
        asking = asyncio.create_task(client.get(url(server, "/never")))
        async with asyncio.timeout(LIMIT_S):
            await answers.asked.wait()
        await server.close()
        assert answers.cancelled
        with pytest.raises(httpx.TransportError):
            await asking

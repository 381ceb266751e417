"""Small servers on loopback that answer, or misbehave, exactly as told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs

_READ_S = 5.0


@dataclass(frozen=True)
class Request:
    """One request as the server received it."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """One answer; the special ones below break off instead."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


HANG = Response(status=-1)
"""Accepts the request and never answers."""
RESET = Response(status=-2)
"""Closes the connection without an answer."""
ENDLESS = Response(status=-3, content_type="application/json")
"""Sends a body that does not end."""


def json_answer(document: object, status: int = 200) -> Response:
    return Response(status, json.dumps(document).encode(), "application/json")


def html_answer(text: str = "<!doctype html><title>hello</title>") -> Response:
    return Response(200, text.encode(), "text/html; charset=utf-8")


NOT_FOUND = Response(404, b"404 page not found\n")

Answering = Callable[[Request], Response]


class Loopback:
    """A running server: where it is, and what it was asked."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.most_at_once = 0
        """How many requests waited for their answers at the same time."""
        self.port = 0
        self._waiting = 0
        self._open: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return sorted(one.path for one in self.requests)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open[asyncio.current_task()] = writer
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            while True:
                request = await _request(reader)
                self.requests.append(request)
                if not await self._answered(request, reader, writer):
                    break
        writer.close()

    async def _answered(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        self._waiting += 1
        self.most_at_once = max(self.most_at_once, self._waiting)
        try:
            return await _send(self.answer(request), reader, writer)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Drop every connection, and wait until nothing of them is left."""
        tasks = [task for task in self._open if task]
        for writer in self._open.values():
            writer.transport.abort()
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), _READ_S)


async def _request(reader: asyncio.StreamReader) -> Request:
    async with asyncio.timeout(_READ_S):
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        found = dict(line.split(": ", 1) for line in lines if ": " in line)
        headers = {name.lower(): value for name, value in found.items()}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    values = {name: found[0] for name, found in parse_qs(query).items()}
    return Request(path, values, headers, method, body)


async def _send(
    response: Response, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Whether the connection goes on."""
    if response is HANG:
        await reader.read()
        return False
    if response is RESET:
        return False
    length = {} if response is ENDLESS else {"Content-Length": str(len(response.body))}
    headers = {"Content-Type": response.content_type, **length, **response.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    status = 200 if response is ENDLESS else response.status
    writer.write(f"HTTP/1.1 {status} Told\r\n{lines}\r\n".encode() + response.body)
    await writer.drain()
    while response is ENDLESS:
        writer.write(b" " * 65_536)
        await writer.drain()
    return True


@asynccontextmanager
async def answering(answer: Answering) -> AsyncIterator[Loopback]:
    """A server on a free port of 127.0.0.1 that answers as that function says."""
    loopback = Loopback(answer)
    server = await asyncio.start_server(loopback.serve, "127.0.0.1", 0)
    loopback.port = server.sockets[0].getsockname()[1]
    try:
        yield loopback
    finally:
        server.close()
        await loopback.close()

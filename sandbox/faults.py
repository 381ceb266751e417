"""Faults: what can be wrong on the way to a Service, as a server that stands in its place."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from socket import SO_LINGER, SOL_SOCKET

from sandbox.network import Address
from sandbox.scenario import FaultKind

_HTML = "<!doctype html><html><head><title>Sign in</title></head><body>Sign in</body></html>"
_HUGE_BYTES = 200_000_000
_CHUNK = b" " * 65536

_Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def fault(kind: FaultKind) -> AsyncIterator[Address | None]:
    """A loopback address that fails in this way; None for one that refuses connections."""
    if kind == "refused":
        yield None
        return
    tasks: set[asyncio.Task[None]] = set()
    handler = _HANDLERS[kind]

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        try:
            with contextlib.suppress(ConnectionError):
                await handler(reader, writer)
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()
    finally:
        server.close()
        ending = list(tasks)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)


async def _hanging(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    while await reader.read(4096):
        pass


async def _reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))


async def _unavailable(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _request(reader)
    writer.write(_answer("503 Service Unavailable", "text/plain", b"Service Unavailable"))
    await writer.drain()


async def _html(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _request(reader)
    writer.write(_answer("200 OK", "text/html; charset=utf-8", _HTML.encode()))
    await writer.drain()


async def _huge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """JSON that never makes sense: two hundred megabytes of white space."""
    await _request(reader)
    writer.write(_head("200 OK", "application/json", _HUGE_BYTES))
    for _ in range(_HUGE_BYTES // len(_CHUNK)):
        writer.write(_CHUNK)
        await writer.drain()


async def _request(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        await reader.readuntil(b"\r\n\r\n")


def _head(status: str, content_type: str, length: int) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {content_type}",
        f"Content-Length: {length}",
        "Connection: close",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _answer(status: str, content_type: str, body: bytes) -> bytes:
    return _head(status, content_type, len(body)) + body


_HANDLERS: dict[FaultKind, _Handler] = {
    "hanging": _hanging,
    "reset": _reset,
    "unavailable": _unavailable,
    "html": _html,
    "huge": _huge,
}

"""One TCP connection into a pod, carried by a WebSocket to the API server.

The protocol is `v4.channel.k8s.io` (Kubernetes, `pkg/kubelet/.../streaming/portforward`): the
first byte of each message is its channel, 0 for data and 1 for an error in words, and the first
message of either channel only repeats the port number.

The kubernetes client has a port-forward, too. It is not used: it connects without a time limit,
pumps in a thread that nothing can stop, prints a traceback over the dashboard when the API server
hangs up, and costs 200 ms of import. The `websockets` library does all of it in the event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
from typing import TYPE_CHECKING, Any

import httpx

from probes.model import Failure, FailureKind, ProbeError, Reply
from probes.reach.apipath import CORE, asked, namespaced
from probes.reach.apisession import ApiSession
from probes.reach.apistatus import ApiServer
from probes.reach.exchange import Body, excerpt
from probes.reach.failures import told
from probes.reach.services import Backend
from probes.text import Redactor, safe_text

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

_PROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
_PIECE = 32 * 1024
_LARGEST_MESSAGE = 4 * 1024 * 1024
_CLOSE_S = 1.0
_MESSAGE = 300

_quiet = logging.getLogger(f"{__name__}.wire")
_quiet.disabled = True
"""The library logs whole headers, our Authorization among them, at debug level."""


class Tunnel:
    """An open way in. `error` is what the pod's node said when it gave up."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket = websocket
        self._greeted: set[int] = set()
        self._early = b""
        self.error = ""

    async def settle(self, wait_s: float) -> None:
        """Read for a moment: the refusal of the pod's port comes at once, or never."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                self._early += await self._receive()

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes both ways until either side ends; the connection is over then."""
        sending = asyncio.create_task(self._send(reader))
        receiving = asyncio.create_task(self._write(writer))
        both = (sending, receiving)
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            # A side that broke ends the connection: its reason is `error`, or of no interest.
            await asyncio.gather(*both, return_exceptions=True)

    async def close(self) -> None:
        """Hang up, without waiting for long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await self._websocket.close()

    async def _send(self, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(_PIECE):
            await self._websocket.send(bytes((_DATA,)) + piece)

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        early, self._early = self._early, b""
        writer.write(early)
        while piece := await self._receive():
            writer.write(piece)
            await writer.drain()

    async def _receive(self) -> bytes:
        """The next data; empty at the end, and after an error."""
        async for message in self._websocket:
            if not isinstance(message, bytes) or not message:
                continue
            channel, content = message[0], message[1:]
            if channel not in self._greeted:
                self._greeted.add(channel)
            elif channel == _ERROR:
                self.error = safe_text(content.decode("utf-8", "replace"), _MESSAGE)
                return b""
            elif channel == _DATA and content:
                return content
        return b""


async def open_tunnel(session: ApiSession, address: str | None, backend: Backend) -> Tunnel:
    """Ask the API server for a way to the pod's port. Raises ProbeError; takes no limit of time."""
    # 80 ms of import, paid only where a port-forward is needed, and not in the event loop.
    await asyncio.to_thread(importlib.import_module, "websockets.asyncio.client")
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus, WebSocketException
    from websockets.typing import Subprotocol

    path = namespaced(CORE, backend.namespace, "pods", backend.pod, "portforward")
    url = f"{session.credentials.server}{path}?ports={backend.port}".replace("http", "ws", 1)
    try:
        websocket = await connect(
            url,
            subprotocols=[Subprotocol(_PROTOCOL)],
            compression=None,
            additional_headers=session.headers(),
            proxy=session.credentials.proxy.get_secret_value() or None,
            open_timeout=None,
            ping_interval=None,
            close_timeout=_CLOSE_S,
            max_size=_LARGEST_MESSAGE,
            logger=_quiet,
            **_way(session, address),
        )
    except InvalidStatus as error:
        body = _body(path, error.response.status_code, error.response.headers, error.response.body)
        raise ProbeError(_server(session).failure(asked(path), body)) from error
    except (OSError, WebSocketException, ValueError) as error:
        kind, sentence = told(error, f"the API server {session.credentials.server}")
        raise ProbeError(Failure(kind, sentence, asked=str(asked(path)))) from error
    return Tunnel(websocket)


def _server(session: ApiSession) -> ApiServer:
    return ApiServer(session.credentials.server, session.credentials.context)


def _way(session: ApiSession, address: str | None) -> dict[str, Any]:
    """Where to connect, and by which TLS."""
    url = httpx.URL(session.credentials.server)
    way: dict[str, Any] = {}
    if url.scheme == "https":
        name = session.credentials.tls_server_name or url.host
        way = {"ssl": session.tls, "server_hostname": name}
    if address:
        way |= {"host": address, "port": url.port or (443 if url.scheme == "https" else 80)}
    return way


def _body(path: str, status: int, headers: Any, content: bytes | bytearray | None) -> Body:
    """The refused handshake as an answer like any other."""
    found = bytes(content or b"")
    shown = safe_text(headers.get("Content-Type", ""), 200).lower()
    said = Reply(str(asked(path)), "direct", status, shown, excerpt(found, Redactor()))
    return Body(said, found)


def refused(backend: Backend, error: str, route: str) -> Failure:
    """The pod's node could not connect to the port."""
    who = f"port {backend.port} of pod {backend.namespace}/{backend.pod}"
    if "connection refused" in error:
        return Failure(FailureKind.REFUSED, f"nothing listens at {who}", route=route)
    return Failure(FailureKind.RESET, f"the way to {who} broke: {error}", route=route)

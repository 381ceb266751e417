"""Port-forward: TCP connections into a pod over one WebSocket.

kubectl tunnels SPDY through it (`tunnel.py`). Other clients speak `v4.channel.k8s.io`: each port
has two channels, 2i for data and 2i+1 for an error; the first message of either carries the port
number, little endian. Protocol: kubelet `portforward/websocket.go`.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.kubernetes import errors
from sandbox.kubernetes.call import Backend
from sandbox.kubernetes.podport import PIECE, connect, refusal
from sandbox.kubernetes.tunnel import PROTOCOL, Tunnel

PROTOCOLS = ("v4.channel.k8s.io", "portforward.k8s.io")


class _Channel:
    """One forwarded port: its number, its place among the channels and its connection."""

    def __init__(self, index: int, port: int) -> None:
        self.data = bytes((index * 2,))
        self.error = bytes((index * 2 + 1,))
        self.port = port
        self.writer: asyncio.StreamWriter | None = None
        self.settled = asyncio.Event()


def ports_of(socket: WebSocket) -> list[int]:
    """The ports asked for, `ports=1&ports=2` or `ports=1,2`. Raises ApiError 400."""
    texts = [part for given in socket.query_params.getlist("ports") for part in given.split(",")]
    if not texts:
        raise errors.bad_request('query parameter "ports" is required')
    for text in texts:
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise errors.bad_request(f'unable to parse "{text}" as a port')
    return [int(text) for text in texts]


async def forward(socket: WebSocket, backend: Backend, namespace: str, pod: str) -> None:
    """Serves an authorized port-forward until the client or every connection has ended.

    Raises ApiError 400 or 404 before the WebSocket is accepted.
    """
    offered = socket.scope.get("subprotocols", [])
    tunnelled = PROTOCOL in offered
    # kubectl names the ports of each connection only when it opens that.
    ports = [] if tunnelled else ports_of(socket)
    phase = backend.store.get("Pod", namespace, pod).get("status", {}).get("phase", "Pending")
    if phase != "Running":
        message = f"unable to forward port because pod is not running. Current status={phase}"
        raise errors.bad_request(message)
    if tunnelled:
        await socket.accept(subprotocol=PROTOCOL)
        await Tunnel(socket, backend, namespace, pod).run()
        return
    await socket.accept(subprotocol=next((p for p in PROTOCOLS if p in offered), None))
    channels = [_Channel(i, port) for i, port in enumerate(ports)]
    for channel in channels:
        opening = channel.port.to_bytes(2, "little")
        await socket.send_bytes(channel.data + opening)
        await socket.send_bytes(channel.error + opening)
    await _pump(socket, backend, (namespace, pod), channels)
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close()


async def _pump(
    socket: WebSocket, backend: Backend, pod: tuple[str, str], channels: list[_Channel]
) -> None:
    """Runs both directions; ends with the client, or when no connection is left."""
    receiving = asyncio.create_task(_receive(socket, channels))
    sending = asyncio.create_task(_send(socket, backend, pod, channels))
    try:
        await asyncio.wait([receiving, sending], return_when="FIRST_COMPLETED")
    finally:
        receiving.cancel()
        sending.cancel()
        await asyncio.gather(receiving, sending, return_exceptions=True)


async def _send(
    socket: WebSocket, backend: Backend, pod: tuple[str, str], channels: list[_Channel]
) -> None:
    async with asyncio.TaskGroup() as group:
        for channel in channels:
            group.create_task(_serve_port(socket, backend, *pod, channel))


async def _serve_port(
    socket: WebSocket, backend: Backend, namespace: str, pod: str, channel: _Channel
) -> None:
    """Connects one port and passes on what it sends, until it ends."""
    try:
        reader, writer = await connect(backend, namespace, pod, channel.port)
        channel.writer = writer
    except OSError:
        await socket.send_bytes(channel.error + refusal(pod, channel.port))
        return
    finally:
        channel.settled.set()
    try:
        while piece := await reader.read(PIECE):
            await socket.send_bytes(channel.data + piece)
    except ConnectionError as error:
        await socket.send_bytes(channel.error + str(error).encode())
    finally:
        writer.close()


async def _receive(socket: WebSocket, channels: list[_Channel]) -> None:
    """Passes on what the client sends, until it hangs up."""
    by_byte = {channel.data[0]: channel for channel in channels}
    while True:
        try:
            message = await socket.receive_bytes()
        except (WebSocketDisconnect, KeyError):
            return
        channel = by_byte.get(message[0]) if message else None
        if channel is None:
            continue
        await channel.settled.wait()
        if channel.writer is not None and not channel.writer.is_closing():
            channel.writer.write(message[1:])
            with contextlib.suppress(ConnectionError):
                await channel.writer.drain()

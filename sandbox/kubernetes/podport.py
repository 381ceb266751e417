"""A connection to a port of a pod, and what the kubelet says where there is none."""

from __future__ import annotations

import asyncio

from sandbox.kubernetes.call import Backend

PIECE = 64 * 1024
_CONNECT_TIMEOUT_S = 10.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connect(backend: Backend, namespace: str, pod: str, port: int) -> Streams:
    """Connects. Raises OSError where nothing listens, or nothing answers in time."""
    address = backend.network.pod_address(namespace, pod, port)
    if address is None:
        raise ConnectionRefusedError
    return await asyncio.wait_for(asyncio.open_connection(*address), _CONNECT_TIMEOUT_S)


def refusal(pod: str, port: int) -> bytes:
    """The kubelet's words for a port that nobody listens on."""
    refused = f"dial tcp4 127.0.0.1:{port}: connect: connection refused"
    return (
        f"error forwarding port {port} to pod {pod}, uid : failed to execute portforward in "
        f"network namespace: failed to connect to localhost:{port} inside namespace, "
        f"IPv4: {refused}"
    ).encode()

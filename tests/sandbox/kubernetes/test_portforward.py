"""Port-forward with the real Python client."""

from __future__ import annotations

import asyncio
import base64
import ssl
from typing import Any

import pytest
import yaml
from kubernetes import client, config
from kubernetes.stream import portforward
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from .conftest import Cluster, pod

_TIMEOUT_S = 10


def _core(cluster: Cluster, user: str) -> client.CoreV1Api:
    # The package carries no types for its config module.
    load: Any = config.new_client_from_config
    api_client: client.ApiClient = load(str(cluster.kubeconfig), context=user)
    return client.CoreV1Api(api_client)


def _exchange(cluster: Cluster, sent: bytes, port: int = 5432) -> tuple[bytes, str | None]:
    """What comes back for `sent`, and what the error channel says."""
    core = _core(cluster, "sandbox")
    forward = portforward(
        core.connect_get_namespaced_pod_portforward, "web-1", "shop", ports=str(port)
    )
    connection = forward.socket(port)
    received = b""
    try:
        connection.settimeout(_TIMEOUT_S)
        connection.sendall(sent)
        while len(received) < len(sent):
            piece = connection.recv(65536)
            if not piece:
                break
            received += piece
    except (BrokenPipeError, ConnectionResetError):
        pass  # the forward ended before everything was sent: the caller looks at the error
    finally:
        connection.close()
        core.api_client.close()
    return received, forward.error(port)


@pytest.mark.usefixtures("echo")
async def test_bytes_go_there_and_come_back(cluster: Cluster) -> None:
    received, error = await asyncio.to_thread(_exchange, cluster, b"select 1")
    assert (received, error) == (b"SELECT 1", None)


@pytest.mark.usefixtures("echo")
async def test_a_megabyte_comes_back_whole(cluster: Cluster) -> None:
    sent = b"abcdefgh" * 40_000
    received, _error = await asyncio.to_thread(_exchange, cluster, sent)
    assert received == sent.upper()


async def test_a_port_where_nothing_listens_is_told_on_the_error_channel(cluster: Cluster) -> None:
    received, error = await asyncio.to_thread(_exchange, cluster, b"x", 9999)
    assert received == b""
    assert error is not None
    assert "connect: connection refused" in error


async def test_a_user_without_permission_and_a_pod_not_running_are_refused(
    cluster: Cluster,
) -> None:
    cluster.store.create(pod("web-2", phase="Pending"))

    async def attempt(user: str, name: str) -> int:
        path = f"/api/v1/namespaces/shop/pods/{name}/portforward?ports=5432"
        with pytest.raises(InvalidStatus) as failed:
            async with connect(
                cluster.url.replace("https", "wss") + path,
                ssl=_trust(cluster),
                additional_headers=cluster.as_user(user),
                subprotocols=[Subprotocol("v4.channel.k8s.io")],
                proxy=None,
            ):
                pass
        return failed.value.response.status_code

    assert await attempt("viewer", "web-1") == 403
    assert await attempt("sandbox", "nope") == 404
    assert await attempt("sandbox", "web-2") == 400


def _trust(cluster: Cluster) -> ssl.SSLContext:
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    data = config["clusters"][0]["cluster"]["certificate-authority-data"]
    return ssl.create_default_context(cadata=base64.b64decode(data).decode())


async def test_the_connection_into_the_pod_ends_with_the_client(cluster: Cluster) -> None:
    ended = asyncio.Event()

    async def until_eof(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hi")
        await reader.read()
        writer.close()
        ended.set()

    server = await asyncio.start_server(until_eof, "127.0.0.1", 0)
    address: tuple[str, int] = server.sockets[0].getsockname()[:2]
    cluster.network.publish_pod("shop", "web-1", 5432, address)
    received, _error = await asyncio.to_thread(_exchange, cluster, b"ab")
    assert received == b"hi"
    await asyncio.wait_for(ended.wait(), _TIMEOUT_S)
    server.close()

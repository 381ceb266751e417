"""Probes: the kubelet's HTTP probes, really sent, with its user agent and its words."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.kubernetes.store import Obj
from sandbox.network import Address

USER_AGENT = "kube-probe/1.34"


def client() -> httpx.AsyncClient:
    """The client that all probes share; a probe opens its connection anew, as the kubelet does."""
    return httpx.AsyncClient(
        headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Connection": "close"},
        trust_env=False,
        follow_redirects=False,
    )


def http_port(container: Obj, probe: Obj) -> int:
    """The container port that an HTTP probe asks, given by number or by name."""
    port = probe["httpGet"]["port"]
    if isinstance(port, int):
        return port
    named = (one for one in container.get("ports") or () if one.get("name") == port)
    found: dict[str, Any] = next(named, {})
    return int(found.get("containerPort", 0))


async def ask(http: httpx.AsyncClient, probe: Obj, shown: str, address: Address | None) -> str:
    """Sends an HTTP probe; what went wrong in the kubelet's words, or empty.

    `shown` is the pod's own `ip:port`, `address` where it really listens (None: nowhere).
    """
    path = probe["httpGet"].get("path", "/")
    told = f'Get "http://{shown}{path}"'
    if address is None:
        return f"{told}: dial tcp {shown}: connect: connection refused"
    url = f"http://{address[0]}:{address[1]}{path}"
    try:
        answer = await http.get(
            url, timeout=probe.get("timeoutSeconds", 1), headers={"Host": shown}
        )
    except httpx.TimeoutException:
        limit = "(Client.Timeout exceeded while awaiting headers)"
        return f"{told}: context deadline exceeded {limit}"
    except httpx.ConnectError:
        return f"{told}: dial tcp {shown}: connect: connection refused"
    except httpx.TransportError:
        return f"{told}: EOF"
    if 200 <= answer.status_code < 400:
        return ""
    return f"HTTP probe failed with statuscode: {answer.status_code}"

"""The direct route: a connection from here, to the address that accepted one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from probes.model import FailureKind, ProbeError
from probes.reach.clients import Clients
from probes.reach.dial import CLUSTER_CONNECT_S, Dialer
from probes.reach.exchange import Body
from probes.reach.request import Request
from probes.servicename import Service

ROUTE = "direct"
_NO_CONNECTION = (FailureKind.REFUSED, FailureKind.TIMEOUT)


class Direct:
    """Remembers, for each host and port, the address that accepted last."""

    def __init__(self, dialer: Dialer, clients: Clients) -> None:
        self._dialer = dialer
        self._clients = clients
        self._addresses: dict[tuple[str, int], str] = {}

    async def get(self, wanted: Request, service: Service | None, timeout_s: float) -> Body:
        """The answer. Raises ProbeError."""
        ends = asyncio.get_running_loop().time() + timeout_s
        host, port = wanted.url.host, wanted.port
        kept = self._addresses.get((host, port))
        address = kept or await self._dial(wanted, service, timeout_s)
        target = wanted.target(ROUTE, address)
        left = max(0.05, ends - asyncio.get_running_loop().time())
        try:
            body = await self._clients.send(wanted, target, left)
        except ProbeError as error:
            if error.failure.kind in _NO_CONNECTION:
                self._addresses.pop((host, port), None)
            raise
        self._addresses[host, port] = address
        return body

    async def _dial(self, wanted: Request, service: Service | None, timeout_s: float) -> str:
        limit = min(timeout_s, CLUSTER_CONNECT_S) if service and service.certain else timeout_s
        try:
            return await self._dialer.dial(
                wanted.url.host, wanted.port, limit, cluster=service is not None
            )
        except ProbeError as error:
            failure = replace(error.failure, asked=wanted.shown, route=ROUTE)
            raise ProbeError(failure) from error

"""Port-forward: a listener on loopback, and one tunnel into the pod per connection."""

from __future__ import annotations

import asyncio
import contextlib

from probes.model import Failure, FailureKind, ProbeError
from probes.reach.cluster import Cluster
from probes.reach.services import Backend
from probes.reach.tunnel import Tunnel, open_tunnel, refused

_CONNECT_S = 5.0
_SETTLE_S = 0.25
"""How long the pod's refusal may take to arrive; there is no word for `connected`."""

_FRESH_S = 5.0


class Forward:
    """A way to one pod's port: connect to 127.0.0.1 at `port`."""

    def __init__(self, cluster: Cluster, backend: Backend) -> None:
        self.backend = backend
        self.port = 0
        self.problem: Failure | None = None
        """Why the newest connection broke, where the API server or the pod's node said so."""
        self._cluster = cluster
        self._server: asyncio.Server | None = None
        self._first: tuple[Tunnel, float] | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def route(self) -> str:
        """The way as the evidence tells it."""
        return f"port-forward to pod {self.backend.namespace}/{self.backend.pod}"

    async def open(self, timeout_s: float, *, settle: bool = False) -> None:
        """Make sure that the API server lets us in, and listen. Raises ProbeError.

        `settle`: wait a moment for the refusal of a port at which nothing listens, too.
        """
        tunnel = await self._tunnel(timeout_s)
        if settle:
            await tunnel.settle(_SETTLE_S)
        if tunnel.error:
            await tunnel.close()
            raise ProbeError(refused(self.backend, tunnel.error, self.route))
        self._first = tunnel, _now()
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening, and end every connection."""
        if self._server:
            self._server.close()
        for one in self._connections:
            one.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        if self._first:
            await self._first[0].close()

    async def _tunnel(self, timeout_s: float) -> Tunnel:
        try:
            async with asyncio.timeout(timeout_s):
                session, address = await self._cluster.connection(timeout_s)
                return await open_tunnel(session, address, self.backend)
        except TimeoutError:
            sentence = f"the port-forward was not open within {timeout_s:.1f} s"
            raise ProbeError(
                Failure(FailureKind.TIMEOUT, sentence, asked=self.route, route=self.route)
            ) from None

    async def _take(self) -> Tunnel:
        """The tunnel that was opened to try the way, if it still is fresh, else a new one."""
        first, self._first = self._first, None
        if first is None:
            return await self._tunnel(_CONNECT_S)
        tunnel, opened_at = first
        if _now() - opened_at <= _FRESH_S:
            return tunnel
        await tunnel.close()
        return await self._tunnel(_CONNECT_S)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._accepted(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._carry(reader, writer)
        except ProbeError as error:
            self.problem = error.failure
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tunnel = await self._take()
        self.problem = None
        try:
            await tunnel.pump(reader, writer)
        finally:
            if tunnel.error:
                self.problem = refused(self.backend, tunnel.error, self.route)
            await tunnel.close()


def _now() -> float:
    return asyncio.get_running_loop().time()

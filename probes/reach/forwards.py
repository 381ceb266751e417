"""The port-forwards of one session: each opened once, shared, and closed at the end."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from probes.model import ProbeError
from probes.reach.cluster import Cluster
from probes.reach.portforward import Forward
from probes.reach.services import backend
from probes.servicename import Service

_Key = tuple[str, str, int]


class Forwards:
    """Keeps a way open to each Service's port that was needed."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._open: dict[_Key, Forward] = {}
        self._locks: defaultdict[_Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def to(
        self, service: Service, port: int, timeout_s: float, *, settle: bool = False
    ) -> tuple[Forward, bool]:
        """The way to a ready pod behind the Service, and whether it is new. Raises ProbeError."""
        key = (service.namespace, service.name, port)
        ends = asyncio.get_running_loop().time() + timeout_s
        async with self._locks[key]:
            kept = self._open.get(key)
            if kept:
                return kept, False
            left = max(0.05, ends - asyncio.get_running_loop().time())
            forward = await self._new(service, port, left, settle)
            self._open[key] = forward
            return forward, True

    async def _new(self, service: Service, port: int, timeout_s: float, settle: bool) -> Forward:
        behind = await backend(self._cluster, service, port, timeout_s)
        forward = Forward(self._cluster, behind)
        try:
            await forward.open(timeout_s, settle=settle)
        except ProbeError:
            await forward.close()
            raise
        return forward

    async def drop(self, forward: Forward) -> None:
        """It leads nowhere any more: the next to ask gets another."""
        for key, one in list(self._open.items()):
            if one is forward:
                del self._open[key]
        await forward.close()

    async def close(self) -> None:
        """Close them all."""
        forwards, self._open = list(self._open.values()), {}
        await asyncio.gather(*(one.close() for one in forwards))

"""The live feed: reaches the target, with its sandbox where one is asked for, and sweeps it."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from probes.diagnosis import diagnose
from probes.model import NO_HISTORY, Snapshot
from tui.feed import FeedError, Note, Publish, Reading
from tui.target import Request, Target, TargetError, open_target


class LiveFeed:
    """A feed of what a request asks for."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @asynccontextmanager
    async def open(self, note: Note) -> AsyncIterator[LiveWay]:
        """The way to the target. Raises FeedError with the sentence of what stands in its way."""
        # The clients of HTTP, Kubernetes and PostgreSQL cost about 400 ms: they come after the
        # first paint, and in a thread, so that keys are answered meanwhile.
        await asyncio.to_thread(importlib.import_module, "probes.sweep")
        try:
            async with open_target(self._request, note) as target:
                yield LiveWay(target)
        except TargetError as error:
            raise FeedError(str(error)) from error


class LiveWay:
    """The way to one open target."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._first = True

    async def sweep(self, publish: Publish) -> None:
        """One sweep; the first one is drawn as its answers arrive."""
        await self._target.sweeper.run(self._judged(publish))
        self._first = False

    def _judged(self, publish: Publish) -> Callable[[Snapshot], None]:
        """Judges snapshots; after the first sweep only whole ones, so that no verdict flickers."""
        partly, cluster = self._first, self._target.reach.cluster

        def judge(snapshot: Snapshot) -> None:
            if partly or snapshot.finished:
                diagnosis = diagnose(snapshot)
                where = (cluster.context, cluster.address)
                publish(Reading(snapshot, diagnosis, NO_HISTORY, *where))

        return judge

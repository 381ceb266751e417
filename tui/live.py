"""The live feed: reaches the target, with its sandbox where one is asked for, and sweeps it."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from probes.diagnosis import diagnose
from probes.model import Snapshot
from tui.feed import FeedError, Note, Publish, Reading, Sweep
from tui.target import Request, TargetError, open_target


class LiveFeed:
    """A feed of what a request asks for."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @asynccontextmanager
    async def open(self, note: Note) -> AsyncIterator[Sweep]:
        """The way to the target. Raises FeedError with the sentence of what stands in its way."""
        # The clients of HTTP, Kubernetes and PostgreSQL cost about 400 ms: they come after the
        # first paint, and in a thread, so that keys are answered meanwhile.
        await asyncio.to_thread(importlib.import_module, "probes.sweep")
        try:
            async with open_target(self._request, note) as target:
                first = True

                async def sweep(publish: Publish) -> None:
                    nonlocal first
                    await target.sweeper.run(_judged(publish, partly=first))
                    first = False

                yield sweep
        except TargetError as error:
            raise FeedError(str(error)) from error


def _judged(publish: Publish, *, partly: bool) -> Callable[[Snapshot], None]:
    """Judges snapshots; after the first sweep only whole ones, so that no verdict flickers."""

    def judge(snapshot: Snapshot) -> None:
        if partly or snapshot.finished:
            publish(Reading(snapshot, diagnose(snapshot)))

    return judge

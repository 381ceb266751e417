"""The live feed: reaches the target, with its sandbox where one is asked for, and sweeps it."""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from probes.diagnosis import diagnose
from probes.model import (
    NO_HISTORY,
    ApplicationDetail,
    Failure,
    LogLine,
    Observation,
    PodDetail,
    Snapshot,
    WorkloadSeen,
    seen_in,
)
from probes.opsservice import OpsConfig, ops_config
from tui.feed import FeedError, Note, Publish, Reading
from tui.target import Request, Target, TargetError, open_target

if TYPE_CHECKING:
    from tui.acting import Session, WhyNot


class LiveFeed:
    """A feed of what a request asks for."""

    def __init__(self, request: Request) -> None:
        self._request = request

    @asynccontextmanager
    async def open(self, note: Note) -> AsyncIterator[LiveWay]:
        """The way to the target. Raises FeedError with the sentence of what stands in its way."""
        await asyncio.to_thread(_load_clients)
        try:
            async with open_target(self._request, note) as target:
                way = LiveWay(target)
                try:
                    yield way
                finally:
                    await way.close()
        except TargetError as error:
            raise FeedError(str(error)) from error


def _load_clients() -> None:
    """Loads the clients of HTTP, Kubernetes and PostgreSQL, which costs about 400 ms.

    So it comes after the first paint, and in a thread: keys are answered meanwhile. What is
    loaded then stays, and is no business of the garbage collector any more: going through it
    would stop the event loop for 40 ms each time.
    """
    if "probes.sweep" not in sys.modules:
        importlib.import_module("probes.sweep")
        gc.freeze()


class LiveWay:
    """The way to one open target."""

    def __init__(self, target: Target) -> None:
        from probes.logs import Tail  # after the first paint, see LiveFeed.open

        self._target = target
        self._first = True
        self._newest: Snapshot | None = None
        self._tail = Tail(target.reach.cluster, target.profile)

    async def sweep(self, publish: Publish) -> None:
        """One sweep; the first one is drawn as its answers arrive."""
        await self._target.sweeper.run(self._judged(publish))
        self._first = False

    async def session(self, why_not: WhyNot) -> Session:
        """The hands on this target."""
        await asyncio.to_thread(importlib.import_module, "tui.acting")
        from tui.acting import session_on

        return session_on(self._target, why_not)

    def follow(self) -> AsyncIterator[tuple[LogLine, ...]]:
        """New log lines, from where the first sweep has read."""
        return self._tail.batches()

    def unfollowed(self) -> Mapping[str, Failure]:
        """Pods whose stream fails."""
        return self._tail.failures

    async def pod(self, namespace: str, name: str) -> Observation[PodDetail]:
        """One pod whole."""
        from probes.outcome import observed
        from probes.workload import pod_detail

        profile, cluster = self._target.profile, self._target.reach.cluster
        limit = profile.timeout_s
        look = pod_detail(cluster, profile, namespace, name, timeout_s=limit)
        return await observed(f"pod {name}", look, limit)

    async def application(self, namespace: str, name: str) -> Observation[ApplicationDetail]:
        """One Application whole."""
        from probes.application import detail
        from probes.outcome import observed

        limit = self._target.profile.timeout_s
        look = detail(self._target.reach, self._config(), name, namespace, timeout_s=limit)
        return await observed(f"Application {name}", look, limit)

    def _config(self) -> OpsConfig | None:
        """ops-service's settings, as the newest sweep read them."""
        observation = self._newest.workload if self._newest else None
        seen = seen_in(observation)
        if not isinstance(seen, WorkloadSeen) or isinstance(seen.environment, Failure):
            return None
        return ops_config(seen.environment, seen.startup)

    async def close(self) -> None:
        """Stop following."""
        await self._tail.close()

    def _judged(self, publish: Publish) -> Callable[[Snapshot], None]:
        """Judges snapshots; after the first sweep only whole ones, so that no verdict flickers."""
        partly, cluster = self._first, self._target.reach.cluster
        kubeconfig = str(self._target.profile.kubeconfig or "")

        def judge(snapshot: Snapshot) -> None:
            if snapshot.finished:
                self._tail.heed(snapshot)
                self._newest = snapshot
            if partly or snapshot.finished:
                diagnosis = diagnose(snapshot)
                where = (cluster.context, cluster.address, kubeconfig)
                publish(Reading(snapshot, diagnosis, NO_HISTORY, *where))

        return judge

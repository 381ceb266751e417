"""Following the logs: every new line of every pod of the workload, as it is written.

One `follow` stream for each pod, from the last line that is known. A stream that ends or breaks
off is taken up again where it ended (`mark.py`). A reader that is slow holds the streams back (the
queue is bounded, and TCP does the rest): nothing is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress

from probes.logline import parse
from probes.logs.mark import Mark
from probes.logs.probe import MOST_PODS, has_begun
from probes.model import (
    EnvironmentSeen,
    Failure,
    FailureKind,
    LogLine,
    LogsSeen,
    PodSeen,
    ProbeError,
    Snapshot,
    WorkloadSeen,
    seen_in,
)
from probes.outcome import not_understood
from probes.profile import Profile
from probes.reach.apipath import CORE, namespaced
from probes.reach.cluster import Cluster
from probes.secrecy import secrets_of
from probes.text import Redactor

_logger = logging.getLogger(__name__)
_logger.addHandler(logging.NullHandler())  # as in `outcome.py`

_MOST_WAITING = 4_000
"""Lines between the streams and their reader."""

_MOST_BATCH = _MOST_WAITING
_SILENCE_S = 120.0
"""A stream that says nothing for so long is asked for anew: it may be dead."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_FINAL = (FailureKind.FORBIDDEN, FailureKind.NOT_FOUND)
"""Failures that asking again does not help: the next sweep tells when it does."""


class Tail:
    """The new lines of one workload. `heed` tells it the pods, `batches` gives the lines."""

    def __init__(self, cluster: Cluster, profile: Profile) -> None:
        self._cluster = cluster
        self._profile = profile
        self._redact = Redactor()
        self._queue: asyncio.Queue[LogLine] = asyncio.Queue(_MOST_WAITING)
        self._streams: dict[str, asyncio.Task[None]] = {}
        self._marks: dict[str, Mark] = {}
        self._began = False
        self.failures: dict[str, Failure] = {}
        """Why a pod's log cannot be followed now, by the pod's name."""

    def heed(self, snapshot: Snapshot) -> None:
        """Follow the pods of the newest snapshot, and let those go that are gone.

        What the first snapshot has of the logs is known; of a pod that comes later, nothing is.
        """
        workload = seen_in(snapshot.workload)
        if not isinstance(workload, WorkloadSeen):
            return
        if isinstance(workload.environment, EnvironmentSeen):
            self._redact = Redactor(secrets_of(workload.environment))
        known = {} if self._began else _known(snapshot)
        self._began = True
        begun = [one for one in workload.pods if has_begun(one, self._profile.container)]
        followed = {one.name: one for one in begun[:MOST_PODS]}
        for pod in followed.values():
            self._take_up(pod, known)
        for name in self._streams.keys() - followed.keys():
            self._streams.pop(name).cancel()
            self._marks.pop(name, None)
            self.failures.pop(name, None)

    @property
    def is_full(self) -> bool:
        """Whether the streams wait for their reader."""
        return self._queue.full()

    async def batches(self) -> AsyncGenerator[tuple[LogLine, ...], None]:
        """The lines as they come, as many at a time as wait; it ends when it is closed."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < _MOST_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            yield tuple(batch)

    async def close(self) -> None:
        """Stop following."""
        streams = list(self._streams.values())
        self._streams.clear()
        for one in streams:
            one.cancel()
        await asyncio.gather(*streams, return_exceptions=True)

    def _take_up(self, pod: PodSeen, known: Mapping[str, list[LogLine]]) -> None:
        stream = self._streams.get(pod.name)
        if stream is not None and not stream.done():
            return
        self._marks.setdefault(pod.name, Mark(known.get(pod.name, ())))
        self._streams[pod.name] = asyncio.create_task(self._follow(pod))

    async def _follow(self, pod: PodSeen) -> None:
        """One pod's stream, taken up again until asking is of no use."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                if await self._read(pod):
                    pause = _FIRST_PAUSE_S
            except ProbeError as error:
                self.failures[pod.name] = error.failure
                if error.failure.kind in _FINAL:
                    return
            except Exception as error:
                _logger.exception("following the log of %s broke", pod.name)
                self.failures[pod.name] = not_understood("its log", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _read(self, pod: PodSeen) -> bool:
        """Read one stream to its end or its silence; whether it gave anything new."""
        path = namespaced(CORE, pod.namespace, "pods", pod.name, "log")
        mark, any_new = self._marks[pod.name], False
        params = {"container": self._profile.container, "timestamps": "true", "follow": "true"}
        lines = self._cluster.lines(path, params | mark.resume())
        with suppress(TimeoutError, StopAsyncIteration):
            async with aclosing(lines):
                while True:
                    async with asyncio.timeout(_SILENCE_S):
                        text, length = await anext(lines)
                    self.failures.pop(pod.name, None)
                    line = parse(pod.name, text, self._redact, length)
                    if line.raw and mark.is_new(line):
                        any_new = True
                        await self._queue.put(line)
        return any_new


def _known(snapshot: Snapshot) -> dict[str, list[LogLine]]:
    """The lines that the snapshot has of each pod's running container."""
    seen = seen_in(snapshot.logs)
    known: dict[str, list[LogLine]] = {}
    for log in seen.pods if isinstance(seen, LogsSeen) else ():
        if not log.previous:
            known[log.pod] = [*LogsSeen((log,)).lines()]
    return known

"""Observing the logs of all pods of the workload: how each container began, and its newest lines.

The start as well as the tail: the warnings that matter are startup lines, and the kubelet's own
requests write some 20 lines a minute, so that a tail forgets them within minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from probes.logline import parse, startup
from probes.logs.lines import after, lines_of, whole_lines
from probes.logs.mark import Mark
from probes.model import (
    ContainerSeen,
    EnvironmentSeen,
    Failure,
    FailureKind,
    LogLine,
    LogsSeen,
    PodLog,
    PodSeen,
    ProbeError,
    Run,
    WorkloadSeen,
)
from probes.profile import Profile
from probes.reach.apipath import CORE, namespaced
from probes.reach.cluster import Cluster
from probes.secrecy import secrets_of
from probes.text import Redactor

MOST_PODS = 10
_HEAD_BYTES = 65_536
_TAIL_LINES = 500
_START = {"limitBytes": str(_HEAD_BYTES)}
_END = {"tailLines": str(_TAIL_LINES)}
_ROTATED_AFTER = timedelta(seconds=60)
"""A container that says nothing for this long after its start: its first lines are gone."""

_BEGUN_AFTER = timedelta(minutes=2)
"""A container that runs for so long has said at its start what it says there."""

_NO_PREVIOUS = (FailureKind.NOT_FOUND, FailureKind.MALFORMED)
"""The API server answers 404 or 400 for a container that has been cleaned up."""


class LogReader:
    """Reads the logs of one workload, sweep after sweep: of a log that it knows only the rest."""

    def __init__(self, cluster: Cluster, profile: Profile) -> None:
        self._cluster = cluster
        self._profile = profile
        self._secrets: tuple[SecretStr, ...] = ()
        self._known: dict[_PodRun, _Known] = {}

    async def observe(self, workload: WorkloadSeen) -> LogsSeen:
        """The logs of the newest pods of the workload. Raises nothing: what is not read says so.

        At most `MOST_PODS` pods are read, the newest; the others' names are in `unread`.
        """
        if isinstance(workload.environment, EnvironmentSeen):
            self._hide(secrets_of(workload.environment))
        begun = [one for one in workload.pods if has_begun(one, self._profile.container)]
        look = _Look(self._cluster, self._profile, Redactor(self._secrets), self._known)
        look.forget_all_but(begun)
        found = await asyncio.gather(*(look.pod(one) for one in begun[:MOST_PODS]))
        left_out = tuple(one.name for one in begun[MOST_PODS:])
        return LogsSeen(tuple(log for logs in found for log in logs), left_out)

    def _hide(self, secrets: tuple[SecretStr, ...]) -> None:
        """Other secrets than before may stand in lines that were taken for harmless."""
        if secrets != self._secrets:
            self._secrets, self._known = secrets, {}


def has_begun(pod: PodSeen, name: str) -> bool:
    """Whether there is a log: a container that never ran has none, and asking is an error."""
    container = pod.container(name)
    if container is None:
        return False
    return bool(container.started_at or container.restarts or container.last_finished_at)


_PodRun = tuple[str, Run]
"""A pod's name, and the present run of its container."""


def _run_of(pod: PodSeen, container: ContainerSeen | None) -> _PodRun:
    if container is None:
        return pod.name, Run()
    code = container.last_exit_code
    told = ("" if code is None else f"exit {code}", container.last_reason)
    how = ", ".join(filter(None, told))
    if container.started_at is None:  # it waits: the last run that has ended is the present one
        return pod.name, Run(container.restarts, ended=how)
    return pod.name, Run(container.restarts, container.started_at, how)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a run's log, and the log of the run before it, which grows no more."""

    log: PodLog
    tail: tuple[LogLine, ...]
    mark: Mark
    before: tuple[PodLog, ...]


@dataclass(frozen=True, slots=True)
class _Look:
    """Reads the logs of one container name in many pods, and adds what the next look can use."""

    cluster: Cluster
    profile: Profile
    redact: Redactor
    known: dict[_PodRun, _Known]
    parsing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def forget_all_but(self, pods: Iterable[PodSeen]) -> None:
        """Let go of runs that have ended."""
        running = {_run_of(one, one.container(self.profile.container)) for one in pods}
        for run in self.known.keys() - running:
            del self.known[run]

    async def pod(self, pod: PodSeen) -> tuple[PodLog, ...]:
        """The log of the running container, and of the one before its last restart."""
        container = pod.container(self.profile.container)
        if container is None:
            return ()
        run = _run_of(pod, container)
        if run in self.known:
            return await self._rest(pod, run)
        log, before = await asyncio.gather(
            self._whole(pod, container), self._before(pod, container)
        )
        if not isinstance(log.tail, Failure) and _is_settled(log, before, container):
            self.known[run] = _Known(log, log.tail, Mark(LogsSeen((log,)).lines()), before)
        return (log, *before)

    async def _rest(self, pod: PodSeen, run: _PodRun) -> tuple[PodLog, ...]:
        """The log as it is known, with what was written since."""
        known = self.known[run]
        text = await self._text(pod, _END | known.mark.resume())
        if isinstance(text, Failure):
            return (replace(known.log, tail=text), *known.before)
        lines = await self._parsed(pod, lines_of(text))
        new = tuple(one for one in lines if known.mark.is_new(one))
        tail = (*known.tail, *new)[-_TAIL_LINES:]
        self.known[run] = replace(known, tail=tail)
        return (replace(known.log, tail=tail), *known.before)

    async def _whole(self, pod: PodSeen, container: ContainerSeen) -> PodLog:
        head, tail = await asyncio.gather(self._text(pod, _START), self._text(pod, _END))
        first = head if isinstance(head, Failure) else whole_lines(head, _HEAD_BYTES)
        last = tail if isinstance(tail, Failure) else lines_of(tail)
        if not isinstance(first, Failure) and not isinstance(last, Failure):
            last = after(first, last)
        begins = first if isinstance(first, Failure) else await self._parsed(pod, first)
        ends = last if isinstance(last, Failure) else await self._parsed(pod, last)
        is_start = isinstance(begins, Failure) or _is_start(begins, container)
        _, run = _run_of(pod, container)
        return PodLog(pod.name, container.name, begins, ends, is_start, run=run)

    async def _before(self, pod: PodSeen, container: ContainerSeen) -> tuple[PodLog, ...]:
        """Nothing where there was no run before, or the node has cleaned it up."""
        if not container.restarts:
            return ()
        text = await self._text(pod, {**_END, "previous": "true"})
        if isinstance(text, Failure) and text.kind in _NO_PREVIOUS:
            return ()
        tail = text if isinstance(text, Failure) else await self._parsed(pod, lines_of(text))
        _, run = _run_of(pod, container)
        return (PodLog(pod.name, container.name, (), tail, previous=True, run=run),)

    async def _text(self, pod: PodSeen, what: dict[str, str]) -> str | Failure:
        path = namespaced(CORE, pod.namespace, "pods", pod.name, "log")
        params = {"container": self.profile.container, "timestamps": "true", **what}
        try:
            return await self.cluster.text(path, params)
        except ProbeError as error:
            return error.failure

    async def _parsed(self, pod: PodSeen, lines: Sequence[str]) -> tuple[LogLine, ...]:
        """One log at a time: many that come at once would hold up everything else."""
        async with self.parsing:
            await asyncio.sleep(0)
            parsed = (parse(pod.name, line, self.redact) for line in lines)
            return tuple(one for one in parsed if one.raw)


def _is_settled(log: PodLog, before: Sequence[PodLog], container: ContainerSeen) -> bool:
    """Whether all could be read, and the start is whole: of a young container more is to come."""
    parts = [log.head, *(one.tail for one in before)]
    if container.started_at is None or any(isinstance(one, Failure) for one in parts):
        return False
    return datetime.now(UTC) - container.started_at > _BEGUN_AFTER


def _is_start(head: Sequence[LogLine], container: ContainerSeen) -> bool:
    """Whether these are the container's first lines: a rotated log begins later."""
    if not head or startup("", head):
        return True
    first = next((line.time for line in head if line.time), None)
    if first is None or container.started_at is None:
        return True
    return first - container.started_at < _ROTATED_AFTER

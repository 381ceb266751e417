"""Observing the logs of all pods of the workload: how each container began, and its newest lines.

The start as well as the tail: the warnings that matter are startup lines, and the kubelet's own
requests write some 20 lines a minute, so that a tail forgets them within minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from probes.logline import parse, startup
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
    WorkloadSeen,
)
from probes.profile import Profile
from probes.reach.apipath import CORE, namespaced
from probes.reach.cluster import Cluster
from probes.secrecy import secrets_of
from probes.text import Redactor

MOST_PODS = 10
_HEAD_BYTES = 65_536
_TAIL_LINES = "500"
_ROTATED_AFTER = timedelta(seconds=60)
"""A container that says nothing for this long after its start: its first lines are gone."""

_NO_PREVIOUS = (FailureKind.NOT_FOUND, FailureKind.MALFORMED)
"""The API server answers 404 or 400 for a container that has been cleaned up."""

Redact = Callable[[str], str]


async def observe(cluster: Cluster, profile: Profile, workload: WorkloadSeen) -> LogsSeen:
    """The logs of the newest pods of the workload. Raises nothing: what could not be read says so.

    At most `MOST_PODS` pods are read, the newest; the others' names are in `unread`.
    """
    known = workload.environment
    secrets = secrets_of(known) if isinstance(known, EnvironmentSeen) else ()
    look = _Look(cluster, profile, Redactor(secrets))
    begun = [one for one in workload.pods if has_begun(one, profile.container)]
    found = await asyncio.gather(*(look.pod(one) for one in begun[:MOST_PODS]))
    left_out = tuple(one.name for one in begun[MOST_PODS:])
    return LogsSeen(tuple(log for logs in found for log in logs), left_out)


def has_begun(pod: PodSeen, name: str) -> bool:
    """Whether there is a log: a container that never ran has none, and asking is an error."""
    container = pod.container(name)
    if container is None:
        return False
    return bool(container.started_at or container.restarts or container.last_finished_at)


@dataclass(frozen=True, slots=True)
class _Look:
    """Reads the logs of one container name in many pods."""

    cluster: Cluster
    profile: Profile
    redact: Redact

    async def pod(self, pod: PodSeen) -> tuple[PodLog, ...]:
        """The log of the running container, and of the one before its last restart."""
        container = pod.container(self.profile.container)
        if container is None:
            return ()
        start = {"limitBytes": str(_HEAD_BYTES)}
        end = {"tailLines": _TAIL_LINES}
        if not container.restarts:
            head, tail = await asyncio.gather(self._text(pod, start), self._text(pod, end))
            return (self._log(pod, container, head, tail),)
        head, tail, before = await asyncio.gather(
            self._text(pod, start),
            self._text(pod, end),
            self._text(pod, {**end, "previous": "true"}),
        )
        log = self._log(pod, container, head, tail)
        previous = self._previous(pod, before)
        return (log, previous) if previous else (log,)

    async def _text(self, pod: PodSeen, what: dict[str, str]) -> str | Failure:
        path = namespaced(CORE, pod.namespace, "pods", pod.name, "log")
        params = {"container": self.profile.container, "timestamps": "true", **what}
        try:
            return await self.cluster.text(path, params)
        except ProbeError as error:
            return error.failure

    def _log(
        self, pod: PodSeen, container: ContainerSeen, head: str | Failure, tail: str | Failure
    ) -> PodLog:
        first = head if isinstance(head, Failure) else whole_lines(head, _HEAD_BYTES)
        last = tail if isinstance(tail, Failure) else lines_of(tail)
        if not isinstance(first, Failure) and not isinstance(last, Failure):
            last = after(first, last)
        parsed = self._parsed(pod, first)
        return PodLog(
            pod=pod.name,
            container=container.name,
            head=parsed,
            tail=self._parsed(pod, last),
            head_is_start=isinstance(parsed, Failure) or _is_start(parsed, container),
        )

    def _previous(self, pod: PodSeen, text: str | Failure) -> PodLog | None:
        """Nothing where the node has cleaned the old container up."""
        if isinstance(text, Failure) and text.kind in (
            FailureKind.NOT_FOUND,
            FailureKind.MALFORMED,
        ):
            return None
        lines = text if isinstance(text, Failure) else text.splitlines()
        tail = self._parsed(pod, lines)
        return PodLog(pod.name, self.profile.container, (), tail, previous=True)

    def _parsed(
        self, pod: PodSeen, lines: Sequence[str] | Failure
    ) -> tuple[LogLine, ...] | Failure:
        if isinstance(lines, Failure):
            return lines
        parsed = (parse(pod.name, line, self.redact) for line in lines)
        return tuple(one for one in parsed if one.raw)


def lines_of(text: str) -> list[str]:
    """The lines of a log: only a line feed ends one, whatever else Unicode takes for it."""
    return text.removesuffix("\n").split("\n") if text else []


def whole_lines(text: str, limit_bytes: int) -> list[str]:
    """The lines of a text that was cut off at that size: without the last, which is a piece."""
    lines = lines_of(text)
    cut_off = len(text.encode("utf-8", "replace")) >= limit_bytes and not text.endswith("\n")
    return lines[:-1] if cut_off else lines


def after(head: Sequence[str], tail: Sequence[str]) -> list[str]:
    """What of the tail the head does not have yet.

    Both are pieces of one log, and the kubelet's timestamps tell equal lines apart: where they
    overlap, the last line of the head is in the tail.
    """
    if not head:
        return list(tail)
    last = head[-1]
    found = next((at for at in range(len(tail) - 1, -1, -1) if tail[at] == last), None)
    return list(tail) if found is None else list(tail[found + 1 :])


def _is_start(head: Sequence[LogLine], container: ContainerSeen) -> bool:
    """Whether these are the container's first lines: a rotated log begins later."""
    if not head or startup("", head):
        return True
    first = next((line.time for line in head if line.time), None)
    if first is None or container.started_at is None:
        return True
    return first - container.started_at < _ROTATED_AFTER

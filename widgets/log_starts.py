"""Log starts: with which lines containers began, and what there is from before. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from probes.model import LogsSeen, Snapshot, WorkloadSeen, seen_in
from widgets.kept import Kept
from widgets.logbook import Logbook

_SOON = timedelta(seconds=60)
"""A container writes its first line sooner; one that comes later is not its first."""


def starts_among(book: Logbook, snapshot: Snapshot | None) -> list[Kept]:
    """The first line of each container, oldest first, as far as it is kept.

    Those that the logbook knows, and the first line since the cluster says that the container
    runs: one that restarts while its lines come goes on under the same name.
    """
    began = _began(snapshot) if snapshot else {}
    found = {kept.number: kept for kept in book if kept.starts}
    found.update((kept.number, kept) for kept in _first_since(book, began))
    return [found[number] for number in sorted(found)]


def why_nothing_before(snapshot: Snapshot | None) -> str:
    """Why no line from before a restart is kept, in a sentence."""
    workload = seen_in(snapshot.workload) if snapshot else None
    logs = seen_in(snapshot.logs) if snapshot else None
    if not isinstance(workload, WorkloadSeen) or not isinstance(logs, LogsSeen):
        return "No line from before a restart is known: the last look did not see the logs."
    names = {log.container for log in logs.pods}
    containers = (one for pod in workload.pods for one in pod.containers if one.name in names)
    if any(one.restarts for one in containers):
        return "No line from before a restart could be read: the node may have let them go."
    return "No container has restarted: there are no lines from before."


def _first_since(book: Logbook, began: Mapping[str, datetime]) -> Iterator[Kept]:
    waited = dict(began)
    for kept in book:
        begun, time = waited.get(kept.line.pod), kept.line.time
        if begun and time and time >= begun and not (kept.previous or kept.rule):
            del waited[kept.line.pod]
            if time - begun < _SOON:
                yield kept


def _began(snapshot: Snapshot) -> dict[str, datetime]:
    """When the container that logs began, by the name of its pod."""
    workload = seen_in(snapshot.workload)
    logs = seen_in(snapshot.logs)
    if not isinstance(workload, WorkloadSeen) or not isinstance(logs, LogsSeen):
        return {}
    names = {log.container for log in logs.pods}
    return {
        pod.name: one.started_at
        for pod in workload.pods
        for one in pod.containers
        if one.name in names and one.started_at
    }

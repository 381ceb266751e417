"""The incident as a report tells it: this sweep, what is remembered, and what the journal has.

Its functions wait for the disk: call them in a thread where something else goes on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from probes.model import NO_HISTORY, Diagnosis, History, Snapshot
from remedies.history import Record, records
from remedies.model import Plan
from tui import paths
from tui.feed import Reading
from tui.files import write_new
from tui.memory import LONGEST, Memory, Place, Remembered, after
from tui.output.report import Actions, Incident, Timeline, render
from tui.target import Request


@dataclass(frozen=True, slots=True)
class Seen:
    """What one finished sweep saw, and how the target was reached.

    `context` is the kubeconfig's in use, `cluster` the API server's address; empty: not known.
    """

    snapshot: Snapshot
    diagnosis: Diagnosis
    context: str = ""
    cluster: str = ""
    history: History = NO_HISTORY
    """What this run saw before, where it saw anything."""

    @classmethod
    def of(cls, reading: Reading) -> Seen:
        """What the dashboard saw."""
        return cls(
            reading.snapshot,
            reading.told,
            reading.context,
            reading.cluster,
            reading.history,
        )


def report(request: Request, seen: Seen, memory: Memory | None, made: str) -> str:
    """The report as text; `made` says who wrote it."""
    known = None
    if memory and request.sandbox is None:
        known = memory.recall(Place.of(request.profile, seen.context))
    return render(
        Incident(
            request.target,
            seen.snapshot,
            seen.diagnosis,
            _timeline(known, seen),
            _actions(seen),
            made,
            version("opsportal-tui"),
        )
    )


def put_somewhere(text: str, request: Request, at: datetime) -> Path:
    """Write it into the working directory, else the state folder, under a name of its own.

    The path. Raises OSError where neither can be written.
    """
    target = re.sub(r"[^A-Za-z0-9_-]+", "-", request.target)[:60]
    name = f"opsportal-{target}-{at:%Y%m%dT%H%M%SZ}"
    try:
        return _put(Path.cwd(), name, text)
    except OSError:
        folder = paths.reports_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _put(folder, name, text)


def _put(folder: Path, name: str, text: str) -> Path:
    """Nothing is overwritten: a second report of the same second gets a number."""
    for number in ("", *(f"-{number}" for number in range(2, 100))):
        path = folder / f"{name}{number}.md"
        try:
            write_new(path, f"{text}\n")
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder} has a hundred reports of this second")


def _timeline(known: Remembered | None, seen: Seen) -> Timeline:
    if known is None:
        if not seen.history.looks:
            return Timeline("Of one sweep: no run of the dashboard on this target is remembered.")
        return Timeline("As this run of the dashboard saw it.", seen.history.changes)
    now = after(known, seen.diagnosis, seen.snapshot.finished_at or seen.snapshot.started_at)
    told = f"As the dashboard saw it since {now.since:%Y-%m-%d %H:%M} UTC"
    if not seen.history.looks:
        told = f"{told}, last at {known.at:%Y-%m-%d %H:%M} UTC, and this sweep"
    return Timeline(f"{told}.", now.changes)


def _actions(seen: Seen) -> Actions:
    """What the journal has of this target. A name may have been another cluster's before."""
    from tui.acting import the_journal  # with all remedies

    try:
        told = records(the_journal().entries())
    except OSError as error:
        return Actions(trouble=f"The journal cannot be read: {error.strerror}.")
    return Actions(tuple(one for one in told if _is_of(one, seen)))


def _is_of(one: Record, seen: Seen) -> bool:
    return (
        one.profile == seen.snapshot.profile
        and one.at >= seen.snapshot.started_at - LONGEST
        and (one.plan is None or _is_for(one.plan, seen))
    )


def _is_for(plan: Plan, seen: Seen) -> bool:
    is_there = not seen.cluster or plan.cluster == seen.cluster
    return is_there and plan.namespace == seen.snapshot.namespace

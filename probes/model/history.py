"""History: how the verdicts of the last sweeps stood, and when one of them changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from probes.model.ids import CheckId
from probes.model.status import Status
from probes.model.verdict import CheckResult

MOST_LOOKS = 20
"""Sweeps that are remembered of each check."""

MOST_CHANGES = 500
"""Changes that are remembered of all checks; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Look:
    """One check's verdict in one sweep. `at` is the end of that sweep, UTC."""

    at: datetime
    status: Status
    summary: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that became another from one sweep to the next."""

    check: CheckId
    before: Status
    after: Status
    at: datetime
    summary: str


@dataclass(frozen=True, slots=True)
class History:
    """What finished sweeps said, oldest first. `since` tells how long a status stands by now."""

    looks: Mapping[CheckId, tuple[Look, ...]] = field(default_factory=dict)
    since: Mapping[CheckId, datetime] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()

    def after(self, results: Iterable[CheckResult], at: datetime) -> History:
        """The history with one more finished sweep."""
        looks, since, changes = dict(self.looks), dict(self.since), list(self.changes)
        for result in results:
            before = looks.get(result.id, ())
            look = Look(at, result.status, result.summary, result.duration_s)
            looks[result.id] = (*before, look)[-MOST_LOOKS:]
            if before and before[-1].status is result.status:
                continue
            since[result.id] = at
            if before:
                was = before[-1].status
                changes.append(Change(result.id, was, result.status, at, result.summary))
        return History(looks, since, tuple(changes[-MOST_CHANGES:]))

    def changed(self, check: CheckId) -> bool:
        """Whether the newest sweep changed its status."""
        looks = self.looks.get(check, ())
        return len(looks) > 1 and looks[-1].status is not looks[-2].status


NO_HISTORY = History()

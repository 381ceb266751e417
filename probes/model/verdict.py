"""Verdict: what the pure middle makes of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from probes.model.ids import CauseId, CheckId
from probes.model.status import Status


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was seen: `source` says of whom it was asked and by which route."""

    label: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class NamedCause:
    """A cause as a check names it, with the values that its explanation tells.

    `about` are the names of what it concerns: for a stale configuration the settings that a new
    start would mend, for a migration the tables that are absent. `only_after` is the cause that
    must be gone before anything helps with this one, where there is such.
    """

    id: CauseId
    values: Mapping[str, str] = field(default_factory=dict)
    about: frozenset[str] = frozenset()
    only_after: CauseId | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's verdict. `duration_s` is that of the observation it rests on, in seconds."""

    id: CheckId
    status: Status
    summary: str
    evidence: tuple[Evidence, ...] = ()
    causes: tuple[NamedCause, ...] = ()
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Cause:
    """A root cause, told: `explanation` says why, `advice` what to do about it.

    `remedies` are ids, the one to try first at the head; `consequence_of` names the cause it
    follows from, if any.
    """

    id: CauseId
    title: str
    explanation: str
    checks: tuple[CheckId, ...]
    advice: str = ""
    remedies: tuple[str, ...] = ()
    consequence_of: CauseId | None = None


@dataclass(frozen=True, slots=True)
class PathEdge:
    """One edge of the data path: `label` is what crosses it (`404`, `no token`, `200`)."""

    source: str
    target: str
    status: Status
    label: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The whole verdict: one sentence, causes ordered by what to mend first, the path."""

    status: Status
    sentence: str
    results: tuple[CheckResult, ...]
    causes: tuple[Cause, ...]
    path: tuple[PathEdge, ...]

    @property
    def roots(self) -> tuple[Cause, ...]:
        """The causes that follow from nothing else."""
        return tuple(cause for cause in self.causes if cause.consequence_of is None)

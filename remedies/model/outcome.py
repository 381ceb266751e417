"""Outcome: how a plan went, told as it goes and at its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from remedies.model.plan import Permission


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found out before anything is done: whether the plan may and can be applied.

    `denied` are permissions that are missing, `stale` what has changed since the plan was made,
    `done` the ids of steps whose change is there already, `refused` what a dry run said. `notes`
    stand in nobody's way: what could not be rehearsed.
    """

    denied: tuple[Permission, ...] = ()
    stale: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def clear(self) -> bool:
        """Whether nothing stands in the way."""
        return not (self.denied or self.stale or self.refused)


class StepState(StrEnum):
    """How one step stands."""

    RUNNING = "running"
    DONE = "done"
    ALREADY = "already so"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Nobody knows whether it was done: the connection broke, and the world could not be asked."""
    REVERTED = "reverted"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Progress:
    """Something to show while a plan is applied: `step` is empty for the verification."""

    step: str
    state: StepState
    text: str


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """The end of one step."""

    step: str
    state: StepState
    text: str


class OutcomeKind(StrEnum):
    """The end of a plan."""

    VERIFIED = "applied and verified"
    WAITING = "applied, not yet effective"
    FAILING = "applied, still failing"
    FAILED = "a step failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the whole went. `left_behind` says what of it is in force where it did not end well.

    `lasted` is False where a live edit was seen to be taken back already.
    """

    kind: OutcomeKind
    sentence: str
    steps: tuple[StepOutcome, ...] = ()
    left_behind: str = ""
    lasted: bool = True

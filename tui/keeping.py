"""Keeping: what was seen last stays on screen while nothing can be seen. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from probes import catalogue
from probes.model import Failure, FailureKind, Snapshot
from tui.feed import Reading


class Sight(StrEnum):
    """How much a sweep could see."""

    CLEAR = "clear"
    """What there is: sources that alone failed are part of it."""

    DENIED = "denied"
    """Nothing may be seen; that is the truth of now."""

    UNREACHABLE = "unreachable"
    """Nothing could be asked, so that nothing is known to have changed."""


_ANSWERS = {FailureKind.NOT_FOUND: Sight.CLEAR, FailureKind.FORBIDDEN: Sight.DENIED}
"""What the cluster itself says; anything else stands between us and it."""


def sight(snapshot: Snapshot) -> Sight:
    """By the workload, from which everything else is asked."""
    hidden = _hidden(snapshot)
    return _ANSWERS.get(hidden.kind, Sight.UNREACHABLE) if hidden else Sight.CLEAR


def out_of_reach(snapshot: Snapshot) -> Failure | None:
    """What stood between the sweep and all that it was to see, if anything did."""
    return _hidden(snapshot) if sight(snapshot) is Sight.UNREACHABLE else None


def _hidden(snapshot: Snapshot) -> Failure | None:
    seen = snapshot.workload.seen if snapshot.workload else None
    return seen if isinstance(seen, Failure) else None


def sight_now(reading: Reading) -> Sight:
    """How much the newest sweep could see, also where what is shown is older."""
    return Sight.UNREACHABLE if reading.lost else sight(reading.snapshot)


def seen_at(reading: Reading) -> datetime | None:
    """When the sweep that is shown has ended; None where it goes on, or saw nothing."""
    blind = sight(reading.snapshot) is Sight.UNREACHABLE
    return None if blind else reading.snapshot.finished_at


def kept(before: Reading, new: Reading) -> Reading:
    """What to show now: the new reading, or the one before where the new one could ask nothing."""
    known = before.snapshot.finished and sight(before.snapshot) is Sight.CLEAR
    if not known or sight(new.snapshot) is not Sight.UNREACHABLE:
        return new
    told = new.diagnosis.sentence.removesuffix(".")
    sentence = catalogue.sentence("kept", {"sentence": told})
    return replace(before, lost=replace(new.diagnosis, sentence=sentence))

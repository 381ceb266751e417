"""History: the journal's lines told as plans, each with its beginning and its end. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from remedies.findingout import again, look_of
from remedies.journal import Entry, Event
from remedies.model import OutcomeKind, Plan, Step, StepOutcome, StepState

_WELL = (OutcomeKind.VERIFIED, OutcomeKind.WAITING, OutcomeKind.FAILING)
"""What was applied to its end: an undo that ended otherwise can be tried again."""

_MAYBE = (StepState.DONE, StepState.UNKNOWN, StepState.INTERRUPTED)
"""States of a step that was done, or that may have been."""


@dataclass(frozen=True, slots=True)
class Record:
    """A plan that was begun or refused. `at` is its beginning in UTC, `who` as the journal has it.

    `ended` is how it ended (an `OutcomeKind`, `refused: stale`), empty where nobody knows.
    `under_way` is the step that had begun and whose end is not told, also where a person has looked
    after it since. `plan` is None where it was refused.
    """

    id: str
    at: datetime
    who: str
    profile: str
    remedy: str
    sentence: str
    ended: str = ""
    told: str = ""
    under_way: str = ""
    steps: tuple[StepOutcome, ...] = ()
    undoes: str = ""
    undone_by: str = ""
    plan: Plan | None = None

    @property
    def kept(self) -> tuple[Step, ...]:
        """The steps that were done, or may have been."""
        states = {one.step: one.state for one in self.steps}
        maybe = {name for name, state in states.items() if state in _MAYBE} | {self.under_way}
        return tuple(one for one in self.plan.steps if one.id in maybe) if self.plan else ()


def records(entries: Iterable[Entry]) -> tuple[Record, ...]:
    """Every plan of the journal, oldest first; what was undone names the plan that undid it."""
    found: dict[str, Record] = {}
    for entry in entries:
        found[entry.id] = _after(found.get(entry.id), entry)
    undone = {one.undoes: one.id for one in found.values() if one.undoes and one.ended in _WELL}
    return tuple(replace(one, undone_by=undone.get(one.id, "")) for one in found.values())


def open_ends(told: Iterable[Record]) -> tuple[Record, ...]:
    """Those whose end nobody knows, oldest first.

    A later plan of the same remedy on the same target has looked at the world anew, and an undo
    has taken it back: then there is nothing left to find out.
    """
    left: list[Record] = []
    for one in told:
        left = [before for before in left if not _looks_anew(one, before)]
        if one.plan and not one.ended and not one.undone_by:
            left.append(one)
    return tuple(left)


def how_to_find_out(record: Record) -> tuple[str, ...]:
    """Commands that say whether what was under way was done, the most telling last."""
    plan = record.plan
    if plan is None:
        return ()
    name = record.under_way.removeprefix("undo ")
    look = next((look_of(step) for step in plan.steps if step.id == name), "")
    return tuple(filter(None, (look, again(plan))))


def _looks_anew(one: Record, before: Record) -> bool:
    """Whether it is the same remedy on the same target, and was begun."""
    if one.plan is None or before.plan is None:
        return False
    return one.remedy == before.remedy and one.plan.site.is_same(before.plan.site)


def _interrupted(steps: Iterable[StepOutcome]) -> str:
    """The step that was broken off and not taken back, also where others have been since."""
    last = {one.step: one.state for one in steps}
    return next((name for name, state in last.items() if state is StepState.INTERRUPTED), "")


def _after(before: Record | None, entry: Entry) -> Record:
    """The record with one entry more."""
    record = before or Record(
        entry.id,
        entry.at,
        entry.who,
        entry.profile,
        entry.remedy,
        entry.text,
        undoes=entry.undoes,
        plan=entry.plan,
    )
    match entry.event:
        case Event.INTENT:
            return replace(record, under_way=entry.step)
        case Event.STEP:
            ended = StepOutcome(entry.step, StepState(entry.state), entry.text)
            steps = (*record.steps, ended)
            return replace(record, under_way=_interrupted(steps), steps=steps)
        case Event.FINISHED:
            return replace(record, ended=entry.state, told=entry.text)
        case Event.REFUSED:
            return replace(record, ended=f"refused: {entry.state}", told=entry.text)
        case Event.PLANNED:
            return record

"""Undoing: from the journal to a plan that takes a plan back, with the same care as any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from remedies.journal import SETTLED, Entry, Event
from remedies.model import OutcomeKind, Plan, Refusal, RefusedError, Step, StepState
from remedies.performing import is_waiting

_UNDER_WAY = "under way"
_MAYBE = frozenset({StepState.DONE, StepState.UNKNOWN, StepState.INTERRUPTED, _UNDER_WAY})
"""States of a step that was done, or that may have been."""


@dataclass(frozen=True, slots=True)
class Done:
    """A plan of the journal, with the states its steps ended in and who has undone it since."""

    plan: Plan
    states: Mapping[str, str]
    undone_by: str = ""

    @property
    def kept(self) -> tuple[Step, ...]:
        """The steps that were done, or may have been."""
        return tuple(one for one in self.plan.steps if self.states.get(one.id) in _MAYBE)

    @property
    def changes(self) -> tuple[Step, ...]:
        """Those of them that can be taken back."""
        return tuple(one for one in self.kept if one.undo and not is_waiting(one.action))


def done_plans(entries: Iterable[Entry]) -> tuple[Done, ...]:
    """The plans that changed something, or may have, oldest first; none that took another back.

    A step that began and whose end nobody knows may have been done: its undo looks first.
    An undo counts where it came to its end: one that failed can be tried again.
    """
    plans: dict[str, Plan] = {}
    states: dict[str, dict[str, str]] = {}
    undoes: dict[str, str] = {}
    undone: dict[str, str] = {}
    for entry in entries:
        if entry.event is Event.PLANNED and entry.undoes:
            undoes[entry.id] = entry.undoes
        elif entry.event is Event.PLANNED and entry.plan:
            plans[entry.id] = entry.plan
        elif entry.event is Event.INTENT and not entry.step.startswith("undo "):
            states.setdefault(entry.id, {})[entry.step] = _UNDER_WAY
        elif entry.event is Event.STEP:
            states.setdefault(entry.id, {})[entry.step] = entry.state
        elif entry.event is Event.FINISHED and entry.id in undoes and not _failed(entry):
            undone[undoes[entry.id]] = entry.id
    return tuple(
        Done(plan, states[name], undone.get(name, ""))
        for name, plan in plans.items()
        if _MAYBE & set(states.get(name, {}).values())
    )


def _failed(entry: Entry) -> bool:
    return entry.state in (OutcomeKind.FAILED, SETTLED)


def chosen(done: Sequence[Done], wanted: str = "") -> Done:
    """The plan of that id, or the newest one that was not undone yet. Raises RefusedError.

    What has no way back (a restart, a question) stands in nobody's way to what was done before it.
    """
    undoable = [one for one in done if one.changes and not one.undone_by]
    found = [one for one in done if one.plan.id == wanted] if wanted else undoable
    if not found:
        words = f"there is no entry {wanted}" if wanted else "there is nothing to undo"
        raise RefusedError(Refusal.NOTHING_TO_DO, f"{words}; `journal` lists what was done")
    if found[-1].undone_by:
        raise RefusedError(
            Refusal.NOTHING_TO_DO, f"{wanted} was undone already, by {found[-1].undone_by}"
        )
    return found[-1]


def undo_plan(done: Done, id: str, now: datetime) -> Plan:
    """What takes it back: its changes, the last first; then what makes them read, and the waits.

    Raises RefusedError.
    """
    plan = done.plan
    changes = done.changes
    if not changes:
        why = "; ".join(one.undo_words for one in done.kept if one.undo_words)
        raise RefusedError(Refusal.NOT_APPLICABLE, f"it cannot be undone: {why or 'no way back'}")
    first = [_undone(one) for one in reversed(changes) if not one.follows]
    then = [
        _undone(one)
        for one in plan.steps
        if one.undo and (is_waiting(one.action) or (one.follows and one in changes))
    ]
    return replace(
        plan,
        id=id,
        made_at=now,
        sentence=f"Take back: {plan.sentence}",
        steps=(*first, *then),
        checks=(),
        causes=(),
        durable="",
        attended="",
        waits_for="",
        watch=None,
    )


def _undone(step: Step) -> Step:
    """The step that takes this one back; it has no undo of its own: do the remedy again."""
    if step.undo is None:
        raise ValueError(f"step {step.id} has no undo")
    return replace(
        step,
        id=f"undo-{step.id}",
        title=f"Take back: {step.title}",
        action=step.undo,
        shell=step.undo_words,
        diff="",
        undo=None,
        undo_words="",
        revert_on_failure=False,
    )

"""Undoing: from the journal to a plan that takes a plan back, with the same care as any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from remedies.history import Record
from remedies.model import Plan, Refusal, RefusedError, Step, StoreInSecret
from remedies.wayback import taken_back
from remedies.words import NOT_KEPT


def changes(one: Record) -> tuple[Step, ...]:
    """The steps that were done, or may have been, and that can be taken back."""
    return tuple(step for step in one.kept if step.undo and not step.waits)


def chosen(told: Sequence[Record], wanted: str = "") -> Record:
    """The plan of that id, or the newest one that was not undone yet. Raises RefusedError.

    What has no way back (a restart, a question) stands in nobody's way to what was done before it,
    and what took another plan back is not taken back itself: do the remedy again.
    """
    done = [one for one in told if one.kept and not one.undoes]
    undoable = [one for one in done if changes(one) and not one.undone_by]
    found = [one for one in done if one.id == wanted] if wanted else undoable
    if not found:
        words = f"there is no entry {wanted}" if wanted else "there is nothing to undo"
        raise RefusedError(Refusal.NOTHING_TO_DO, f"{words}; `journal` lists what was done")
    if found[-1].undone_by:
        raise RefusedError(
            Refusal.NOTHING_TO_DO, f"{wanted} was undone already, by {found[-1].undone_by}"
        )
    return found[-1]


def undo_plan(done: Record, id: str, now: datetime) -> Plan:
    """What takes it back: its changes, the last first; then what makes them read, and the waits.

    Raises RefusedError.
    """
    plan, back = done.plan, changes(done)
    if plan is None or not back:
        why = "; ".join(one.undo_words for one in done.kept if one.undo_words)
        raise RefusedError(Refusal.NOT_APPLICABLE, f"it cannot be undone: {why or 'no way back'}")
    first = [taken_back(one, plan.remedy, now) for one in reversed(back) if not one.follows]
    then = [
        taken_back(one, plan.remedy, now)
        for one in plan.steps
        if one.undo and (one.waits or (one.follows and one in back))
    ]
    return replace(
        plan,
        id=id,
        made_at=now,
        sentence=f"Take back: {plan.sentence}",
        steps=(*first, *then),
        undoes=done.id,
        warnings=tuple(_beware(plan, back)),
        durable="",
        attended="",
        waits_for="",
        watch=None,
    )


def _beware(plan: Plan, back: Iterable[Step]) -> Iterator[str]:
    """What is to be said before the way back; what was said before the plan is about the plan."""
    if plan.watch and plan.watch.owner:
        yield (
            f"{plan.watch.owner} declares this Application: where Git has another value by now, "
            "that is the one that stays"
        )
    if any(isinstance(one.action, StoreInSecret) and one.action.before for one in back):
        yield NOT_KEPT

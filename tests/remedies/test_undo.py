"""Undo: from what the journal knows of a plan to a plan that takes it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from remedies.history import records
from remedies.journal import Journal
from remedies.model import (
    AwaitRollout,
    ObjectRef,
    Outcome,
    OutcomeKind,
    PatchObject,
    Plan,
    Refusal,
    RefusedError,
    Step,
    StepOutcome,
    StepState,
)
from remedies.planning import unified
from remedies.undo import chosen, undo_plan
from remedies.wayback import reverse
from sandbox.kubernetes.store import Obj
from tests.remedies.argoworld import ArgoWorld
from tests.remedies.plans import NAMES, NOW, furnish, plan, step, values

WAIT = AwaitRollout(ObjectRef("apis/apps/v1", "deployments", "ops", "ops-service"))
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.jsonl")


def record(
    journal: Journal,
    made: Plan,
    states: dict[str, StepState],
    end: OutcomeKind | None = OutcomeKind.VERIFIED,
) -> None:
    """As the executor writes it; `RUNNING` for a step that began and whose end is not known."""
    journal.planned(made)
    for name, state in states.items():
        journal.intent(made, name)
        if state is not StepState.RUNNING:
            journal.step(made, StepOutcome(name, state, ""))
    if end:
        journal.finished(made, Outcome(end, ""))


def everything(state: StepState = StepState.DONE) -> dict[str, StepState]:
    return dict.fromkeys(NAMES, state)


def back(journal: Journal, wanted: str = "") -> Plan:
    return undo_plan(chosen(records(journal.entries()), wanted), "back", LATER)


def refused(journal: Journal, wanted: str = "") -> RefusedError:
    with pytest.raises(RefusedError) as error:
        back(journal, wanted)
    return error.value


def ids(made: Plan) -> list[str]:
    return [one.id for one in made.steps]


# the plan back


def test_the_last_change_is_taken_back_first_and_each_with_the_same_care(journal: Journal) -> None:
    made = plan(causes=(), warnings=("the root app reverts it",))
    record(journal, made, everything())
    undo = back(journal)
    assert ids(undo) == ["undo-three", "undo-two", "undo-one"]
    assert (undo.sentence, undo.id) == ("Take back: Set all three", "back")
    assert (undo.remedy, undo.cluster) == (made.remedy, made.cluster)
    first, theirs = undo.steps[0], made.steps[2]
    assert first.action == theirs.undo
    assert first.shell == theirs.undo_words
    assert first.permissions == theirs.permissions
    assert (first.undo, first.revert_on_failure) == (None, False)


def test_a_restart_comes_after_what_the_pods_read_and_is_waited_for(journal: Journal) -> None:
    steps = [
        step("one"),
        step("restart", follows=True),
        step("wait", action=WAIT, undo=WAIT),
    ]
    states = {"one": StepState.DONE, "restart": StepState.DONE, "wait": StepState.FAILED}
    record(journal, plan(steps), states, OutcomeKind.FAILED)
    assert ids(back(journal)) == ["undo-one", "undo-restart", "undo-wait"]


@pytest.mark.parametrize(
    ("states", "steps"),
    [
        ({"one": StepState.DONE, "two": StepState.FAILED}, ["undo-one"]),
        ({"one": StepState.ALREADY, "two": StepState.DONE}, ["undo-two"]),
        ({"one": StepState.DONE, "two": StepState.UNKNOWN}, ["undo-two", "undo-one"]),
        ({"one": StepState.DONE, "two": StepState.INTERRUPTED}, ["undo-two", "undo-one"]),
        ({"one": StepState.DONE, "two": StepState.RUNNING}, ["undo-two", "undo-one"]),
        ({"one": StepState.REVERTED, "two": StepState.DONE}, ["undo-two"]),
    ],
)
def test_only_what_was_done_or_may_have_been_is_taken_back(
    journal: Journal, states: dict[str, StepState], steps: list[str]
) -> None:
    record(journal, plan(), states, OutcomeKind.FAILED)
    assert ids(back(journal)) == steps


def test_a_step_without_a_way_back_is_left_out_and_alone_it_says_why(journal: Journal) -> None:
    irreversible = step("two", undo=None, undo_words="rows are not made again")
    both = {"one": StepState.DONE, "two": StepState.DONE}
    record(journal, plan([step("one"), irreversible]), both)
    assert ids(back(journal)) == ["undo-one"]
    record(journal, plan([irreversible], id="alone"), {"two": StepState.DONE})
    error = refused(journal, "alone")
    assert error.refusal is Refusal.NOT_APPLICABLE
    assert str(error) == "it cannot be undone: rows are not made again"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc", "a\nB\nc"),
        ("", "made: new\nwhole: yes"),
        ("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk", "a\n-- b\nc\nd\ne\nf\ng\nh\ni\nk\nl\nm"),
        ("same", "same"),
    ],
)
def test_the_diff_of_the_way_back_is_the_diff_backwards(before: str, after: str) -> None:
    assert reverse(unified(before, after, "x")) == unified(after, before, "x")


# which plan


def test_the_newest_is_chosen_that_has_a_way_back(journal: Journal) -> None:
    record(journal, plan(id="first"), everything())
    record(journal, plan(id="second"), everything())
    restart = [step("restart", undo=None, undo_words="a restart changes nothing")]
    record(journal, plan(restart, id="third"), {"restart": StepState.DONE})
    record(journal, plan(id="fourth"), everything(StepState.FAILED), OutcomeKind.FAILED)
    journal.refused(plan(id="fifth"), "stale", "")
    assert chosen(records(journal.entries())).id == "second"
    assert chosen(records(journal.entries()), "first").id == "first"


def test_what_was_undone_is_not_undone_again_nor_is_the_undo(journal: Journal) -> None:
    record(journal, plan(id="first"), everything())
    undo = back(journal)
    record(journal, undo, dict.fromkeys(ids(undo), StepState.DONE))
    error = refused(journal, "first")
    assert (error.refusal, str(error)) == (
        Refusal.NOTHING_TO_DO,
        "first was undone already, by back",
    )
    assert "there is nothing to undo" in str(refused(journal))
    assert "there is no entry back" in str(refused(journal, "back"))


@pytest.mark.parametrize("end", [OutcomeKind.FAILED, None])
def test_an_undo_that_did_not_come_to_its_end_can_be_tried_again(
    journal: Journal, end: OutcomeKind | None
) -> None:
    record(journal, plan(id="first"), everything())
    undo = back(journal)
    record(journal, undo, {"undo-three": StepState.FAILED}, end)
    assert ids(back(journal, "first")) == ["undo-three", "undo-two", "undo-one"]


@pytest.mark.parametrize("wanted", ["", "20260106-000000-none"])
def test_where_nothing_was_done_there_is_nothing_to_undo(journal: Journal, wanted: str) -> None:
    journal.refused(plan(), "stale", "")
    error = refused(journal, wanted)
    assert error.refusal is Refusal.NOTHING_TO_DO
    assert "`journal` lists what was done" in str(error)


# and really


@pytest.mark.asyncio(loop_scope="session")
async def test_what_was_there_is_there_again_and_somebody_elses_change_is_not_overwritten(
    there: ArgoWorld,
) -> None:
    furnish(there.store)
    await there.apply(plan())
    undo = back(there.journal)
    there.store.change("ConfigMap", "wealist-prod", "two", set_to("somebody else's"))
    with pytest.raises(RefusedError) as error:
        await there.apply(undo)
    assert error.value.refusal is Refusal.STALE
    assert values(there.store) == ["new", "somebody else's", "new"]
    there.store.change("ConfigMap", "wealist-prod", "two", set_to("new"))
    assert (await there.apply(undo)).kind is OutcomeKind.VERIFIED
    assert values(there.store) == ["old"] * 3


def set_to(value: str) -> Callable[[Obj], None]:
    return lambda obj: obj["data"].update(URL=value)


@pytest.mark.asyncio(loop_scope="session")
async def test_a_step_that_was_never_done_after_all_is_taken_back_by_looking(
    there: ArgoWorld,
) -> None:
    """Killed in the middle: nobody knows, and the world does."""
    furnish(there.store)
    made = plan()
    record(there.journal, made, {"one": StepState.RUNNING}, None)
    undo = back(there.journal)
    outcome = await there.apply(undo)
    assert [one.state for one in outcome.steps] == [StepState.ALREADY]
    assert values(there.store) == ["old"] * 3


def test_every_undo_is_itself_an_action_on_the_same_object() -> None:
    for one in plan().steps:
        assert isinstance(one.undo, PatchObject)
        assert isinstance(one.action, PatchObject)
        assert one.undo.ref == one.action.ref
        assert _round(one) == one


def _round(one: Step) -> Step:
    """Taken back twice, it is as it was."""
    assert isinstance(one.undo, PatchObject)
    twice = replace(one.undo, expected=one.undo.wanted, wanted=one.undo.expected)
    return replace(one, action=twice)

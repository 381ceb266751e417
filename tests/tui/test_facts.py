"""What is told of a step and of a plan in the journal is the same on screen and in print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from remedies.history import records
from remedies.journal import Journal
from remedies.model import (
    ArgoServer,
    AwaitRollout,
    Preflight,
    Step,
    StepOutcome,
    StepState,
    TryToken,
)
from tests.remedies.plans import plan, ref, step
from tui.facts import Told, record_facts, step_facts
from tui.output import journal as journal_output
from tui.output import plan as plan_output
from tui.planrows import plan_rows, told_rows
from widgets.pieces import Fact

STEP = step("one", guard="nobody else has", shell="kubectl one\nkubectl two")
DENIED = Preflight(denied=STEP.permissions)


def facts(one: Step, found: Preflight = DENIED) -> dict[str, Told]:
    return {told.label: told for told in step_facts(one, found)}


def test_a_step_tells_its_way_back_with_the_commands_and_what_is_denied() -> None:
    told = facts(STEP)
    assert list(told) == [
        "risk",
        "only while",
        "needs",
        "at most",
        "way back",
        "by hand",
        "and back",
    ]
    assert told["needs"] == Told(
        "needs", "patch configmaps in namespace wealist-prod - DENIED", alarming=True
    )
    assert told["and back"].value == STEP.undo_words
    assert facts(replace(STEP, undo=None, undo_words="it only asks"))["way back"].value == (
        "it only asks"
    )


@pytest.mark.parametrize(
    "action",
    [AwaitRollout(ref("one")), TryToken(ArgoServer("https://argocd"), "id")],
    ids=["await-rollout", "try-token"],
)
def test_what_changes_nothing_has_nothing_to_take_back(action: AwaitRollout | TryToken) -> None:
    waits = replace(STEP, action=action, undo=None, undo_words="")
    assert not {"way back", "and back"} & set(facts(waits))


def test_screen_and_print_tell_all_of_a_step() -> None:
    made = plan([STEP])
    page = plan_output.as_text(made, DENIED)
    rows = [
        (row.label.strip(), row.value) for row in plan_rows(made, DENIED) if isinstance(row, Fact)
    ]
    on_screen = [(label, text) for label, ((text, _),) in rows]
    for told in step_facts(STEP, DENIED):
        for line in told.value.splitlines():
            assert (told.label, line) in on_screen
            assert line in page


def test_screen_and_print_tell_all_of_what_was_never_finished(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    made = plan()
    journal.planned(made)
    journal.step(made, StepOutcome("one", StepState.DONE, "patched"))
    journal.intent(made, "two")
    (left,) = records(journal.entries())
    told = tuple(record_facts(left, is_open=True))
    assert ("one", "done: patched") in [(one.label, one.value) for one in told]
    page = " ".join(journal_output.as_text([left], [left]).split())
    rows = [row for row in told_rows(told) if isinstance(row, Fact)]
    on_screen = [(row.label, row.value[0][0]) for row in rows]
    for one in told:
        for line in one.value.splitlines():
            assert (one.label, line) in on_screen
            assert line in page

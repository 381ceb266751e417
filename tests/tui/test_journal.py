"""`journal`: what was never finished stands first, with how to find out what was done."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from remedies.history import open_ends, records
from remedies.journal import Journal
from remedies.model import (
    Field,
    ObjectRef,
    Outcome,
    OutcomeKind,
    PatchObject,
    Plan,
    RemedyId,
    Step,
    StepOutcome,
    StepState,
)
from tui import cli

REF = ObjectRef("apis/argoproj.io/v1alpha1", "applications", "argocd", "ops-service-prod")
PATCH = PatchObject(REF, (Field("/spec/a", 1),), (Field("/spec/a", 2),))
PLAN = Plan(
    id="20260106-110000-aaaa",
    remedy=RemedyId.SET_PROMETHEUS_URL,
    profile="prod",
    namespace="wealist-prod",
    made_at=datetime(2026, 1, 6, 2, tzinfo=UTC),
    sentence="Give PROMETHEUS_URL its route prefix.",
    steps=(Step("patch", "Patch it", PATCH, "kubectl patch", 10),),
    cluster="https://here",
)
DONE = StepOutcome("patch", StepState.DONE, "patched")
VERIFIED = Outcome(OutcomeKind.VERIFIED, "portal.metrics: 5 requests")
FAILED = Outcome(OutcomeKind.FAILED, "step patch failed")


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Journal(tmp_path / "opsportal-tui" / "journal.jsonl")


def said(*args: str) -> Result:
    return CliRunner().invoke(cli.main, ["journal", *args])


def begin(journal: Journal, plan: Plan, undoes: str = "") -> None:
    journal.planned(replace(plan, undoes=undoes))
    journal.intent(plan, plan.steps[0].id)


def end(journal: Journal, plan: Plan, outcome: Outcome = VERIFIED) -> None:
    journal.step(plan, replace(DONE, step=plan.steps[0].id))
    journal.finished(plan, outcome)


def left(journal: Journal) -> list[str]:
    return [one.id for one in open_ends(records(journal.entries()))]


def test_an_empty_journal_says_so(journal: Journal) -> None:
    assert "nothing was ever applied" in said().stdout
    assert json.loads(said("--format", "json").stdout) == {
        "schema": 1, "unfinished": [], "plans": [],
    }  # fmt: skip


def test_what_was_under_way_is_named_with_the_commands_to_find_out(journal: Journal) -> None:
    done = replace(PLAN, id="20260105-090000-bbbb")
    begin(journal, done)
    end(journal, done)
    begin(journal, PLAN)
    text = said().stdout
    assert text.startswith("! Not finished: set-prometheus-url in profile prod")
    assert "step patch was under way: it may be done or not" in text
    assert "kubectl -n argocd get applications.argoproj.io/ops-service-prod -o yaml" in text
    assert "opsportal-tui fix set-prometheus-url --plan" in text
    assert f"opsportal-tui journal --settled {PLAN.id}" in text
    assert text.index("under way") < text.index("applied and verified")


def test_an_interrupted_step_is_still_the_one_under_way(journal: Journal) -> None:
    begin(journal, PLAN)
    journal.step(PLAN, StepOutcome("patch", StepState.INTERRUPTED, "interrupted"))
    assert "step patch was under way" in said().stdout
    (found,) = json.loads(said("--format", "json").stdout)["plans"]
    assert (found["under_way"], found["ended"]) == ("patch", None)


def test_looked_after_by_hand_it_is_finished(journal: Journal) -> None:
    begin(journal, PLAN)
    assert said("--settled", PLAN.id).exit_code == 0
    assert left(journal) == []
    assert "set-prometheus-url: looked after" in said().stdout
    assert said("--settled", PLAN.id).exit_code == 2


def test_the_same_remedy_on_the_same_cluster_has_looked_anew(journal: Journal) -> None:
    begin(journal, PLAN)
    elsewhere = replace(PLAN, id="20260106-120000-cccc", cluster="https://there")
    begin(journal, elsewhere)
    end(journal, elsewhere)
    assert left(journal) == [PLAN.id]
    again = replace(PLAN, id="20260106-130000-dddd")
    begin(journal, again)
    end(journal, again)
    assert left(journal) == []


def test_an_undo_is_told_with_what_it_took_back(journal: Journal) -> None:
    begin(journal, PLAN)
    end(journal, PLAN)
    undo = replace(PLAN, id="20260106-140000-eeee")
    begin(journal, undo, PLAN.id)
    end(journal, undo, FAILED)
    (first, _) = records(journal.entries())
    assert first.undone_by == ""
    again = replace(PLAN, id="20260106-150000-ffff")
    begin(journal, again, PLAN.id)
    end(journal, again)
    assert f"undone by {again.id}" in said().stdout


def test_a_refusal_is_told_with_its_reason(journal: Journal) -> None:
    journal.refused(PLAN, "stale", "the world has changed since: /spec/a is 3, it was 1")
    assert "set-prometheus-url: refused: stale" in said().stdout
    assert "the world has changed since" in said().stdout

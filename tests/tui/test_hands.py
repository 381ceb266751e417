"""The keys of acting: what a person presses, what then stands there, and what the cluster has."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from inspect import isawaitable
from pathlib import Path
from typing import Any

import pytest

from remedies.history import open_ends, records
from remedies.model import Field, LiveEdit, Outcome, OutcomeKind, RefusedError
from remedies.words import WORDS
from tests.tui.dashboards import incident, unseen
from tests.tui.handy import AFTER, BEFORE, ID, REF, URL, Workbench, workbench
from tests.tui.test_dashboard import COMPACT, FULL, Pressing, sentence, title, until
from tui.app import OpsPortalApp
from tui.screens.arming import ArmingScreen
from tui.screens.journal import JournalScreen
from tui.screens.leaving import LeavingScreen
from tui.screens.overview import OverviewScreen
from tui.screens.plan import PlanScreen
from tui.screens.progress import ProgressScreen
from tui.screens.remedies import RemediesScreen, RemedyList
from widgets.causes_panel import CausesPanel
from widgets.choice import Choice
from widgets.sheet import Sheet


def told(app: OpsPortalApp) -> str:
    """What stands in the sheet of the present dialog."""
    return " ".join(str(app.screen.query_one(Sheet).render()).split())


async def begun(bench: Workbench, pilot: Pressing) -> None:
    await until(pilot, lambda: "4 causes" in sentence(bench.app))


@asynccontextmanager
async def at_work(
    tmp_path: Path, size: tuple[int, int] = COMPACT, **options: Any
) -> AsyncIterator[tuple[Workbench, Pressing]]:
    """A dashboard with hands that has looked once."""
    async with workbench(tmp_path, **options) as bench, bench.app.run_test(size=size) as pilot:
        await begun(bench, pilot)
        yield bench, pilot


async def asked(bench: Workbench, pilot: Pressing, key: str = "f") -> None:
    """Until the plan stands there with its answers."""
    await pilot.press(key)
    await until(pilot, lambda: bool(bench.app.screen.query(Choice)))
    await pilot.pause()


async def applied(bench: Workbench, pilot: Pressing) -> None:
    await pilot.press("right", "enter")
    await until(pilot, lambda: has_ended(bench.app))


def has_ended(app: OpsPortalApp) -> bool:
    return isinstance(app.screen, ProgressScreen) and app.screen.outcome is not None


async def test_f_shows_the_plan_with_its_warning_first_and_nothing_is_done(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        await asked(bench, pilot)
        page = told(bench.app)
        assert "Give PROMETHEUS_URL its route prefix. ! The root app takes a live edit" in page
        assert f"+PROMETHEUS_URL: {AFTER}" in page
        assert "nothing is interrupted" in page
        assert "patch configmaps in namespace wealist-prod" in page
        assert "kubectl -n wealist-prod patch configmaps" in page
        assert "The durable fix, for Git" in page
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(bench.app.screen, OverviewScreen))
        assert bench.url() == BEFORE
        assert not bench.journal.path.exists()


async def test_yes_applies_and_the_outcome_tells_the_verdict(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        await asked(bench, pilot)
        sweeps = bench.feed.sweeps
        await applied(bench, pilot)
        assert bench.url() == AFTER
        assert "✓ pass applied and verified" in told(bench.app)
        assert "✓ 1. Set PROMETHEUS_URL in the ConfigMap done" in told(bench.app)
        await until(pilot, lambda: bench.feed.sweeps > sweeps)
        await pilot.press("enter")
        assert isinstance(bench.app.screen, OverviewScreen)


async def test_keys_pressed_ahead_do_not_fall_through_into_the_answer(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        bench.remedy.gate.clear()
        await pilot.press("f", "right", "enter", "enter", "y")
        await until(pilot, lambda: isinstance(bench.app.screen, PlanScreen))
        assert "planning set-prometheus-url" in told(bench.app)
        await pilot.press("right", "enter")
        bench.remedy.gate.set()
        await until(pilot, lambda: bool(bench.app.screen.query(Choice)))
        await pilot.pause()
        assert bench.app.screen.query_one(Choice).place == 0
        assert bench.url() == BEFORE


def test_a_choice_hears_nothing_before_it_was_drawn() -> None:
    choice = Choice("No", "Yes")
    choice.action_move(1)
    choice.action_take()
    assert choice.place == 0


async def test_escape_gives_up_a_plan_that_is_still_being_made(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        bench.remedy.gate.clear()
        await pilot.press("f")
        await until(pilot, lambda: isinstance(bench.app.screen, PlanScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(bench.app.screen, OverviewScreen))
        bench.remedy.gate.set()
        await asked(bench, pilot)  # and then another one can be made


async def test_read_only_is_left_by_typing_the_profiles_name_and_the_title_shouts(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path) as (bench, pilot):
        assert "read-only" in title(bench.app)
        await asked(bench, pilot)
        await pilot.press("right", "enter")
        await until(pilot, lambda: isinstance(bench.app.screen, ArmingScreen))
        await pilot.press(*"prud", "enter")
        assert "that is not its name" in told(bench.app)
        await pilot.press("backspace", "backspace", *"od", "enter")
        await until(pilot, lambda: isinstance(bench.app.screen, PlanScreen))
        await until(pilot, lambda: bool(bench.app.screen.query(Choice)))
        await pilot.pause()
        assert bench.url() == BEFORE
        await applied(bench, pilot)
        assert bench.url() == AFTER
        await pilot.press("enter")
        assert "! ARMED" in title(bench.app)
        await pilot.press("A")
        assert "read-only" in title(bench.app)
        assert "ARMED" not in title(bench.app)


async def test_another_target_is_read_only_again(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (bench, pilot):
        await pilot.press("A", *"prod", "enter")
        await until(pilot, lambda: "! ARMED" in title(bench.app))
        bench.app.switch(bench.app.request)
        await until(pilot, lambda: "read-only" in title(bench.app))


async def test_what_is_denied_is_named_and_only_the_commands_are_offered(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11", user="reader") as (bench, pilot):
        await asked(bench, pilot)
        assert "✗ not permitted: patch configmaps in namespace wealist-prod" in told(bench.app)
        await pilot.press("right", "enter")
        await until(pilot, lambda: isinstance(bench.app.screen, OverviewScreen))
        assert bench.url() == BEFORE


async def test_y_copies_the_commands_and_d_the_diff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    copied = tmp_path / "opsportal-tui" / "copied.txt"
    async with at_work(tmp_path) as (bench, pilot):
        await asked(bench, pilot)
        await pilot.press("y")
        await until(pilot, copied.is_file)
        assert "# 1. Set PROMETHEUS_URL in the ConfigMap\nkubectl" in copied.read_text()
        await pilot.press("d")
        await until(pilot, lambda: "+value: new" in copied.read_text())


async def test_a_stale_plan_is_refused_and_the_outcome_says_so(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        await asked(bench, pilot)
        bench.set_url("http://another")
        await applied(bench, pilot)
        assert "! warn refused the world has changed since" in told(bench.app)
        assert bench.url() == "http://another"


async def test_a_verdict_that_still_fails_is_told_as_such(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11", sees=incident) as (bench, pilot):
        await asked(bench, pilot)
        await applied(bench, pilot)
        assert "✗ fail applied, still failing still there: PROMETHEUS_URL" in told(bench.app)


async def test_u_takes_back_what_was_done_last(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        await asked(bench, pilot)
        await applied(bench, pilot)
        await asked(bench, pilot, "u")
        assert "Take back: Give PROMETHEUS_URL its route prefix." in told(bench.app)
        await applied(bench, pilot)
        assert bench.url() == BEFORE
        await pilot.press("escape")
        await pilot.press("u")
        await until(pilot, lambda: isinstance(bench.app.screen, PlanScreen))
        await until(pilot, lambda: "there is nothing to undo" in told(bench.app))


async def test_the_journal_lists_and_undoes_from_its_list(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        await pilot.press("J")
        await until(pilot, lambda: isinstance(bench.app.screen, JournalScreen))
        assert "Nothing was ever applied" in told(bench.app)
        await pilot.press("escape")
        await asked(bench, pilot)
        await applied(bench, pilot)
        await pilot.press("enter", "J")
        await until(pilot, lambda: isinstance(bench.app.screen, JournalScreen))
        assert "applied and verified" in told(bench.app)
        await asked(bench, pilot, "u")
        await applied(bench, pilot)
        assert bench.url() == BEFORE


async def test_what_was_never_finished_is_told_at_the_start_and_stands_first(
    tmp_path: Path,
) -> None:
    async with workbench(tmp_path, sandbox="incident-v11") as bench:
        plan = await bench.plan()
        bench.journal.planned(plan)
        bench.journal.intent(plan, "set-url")
        async with bench.app.run_test(size=FULL, notifications=True) as pilot:
            await begun(bench, pilot)
            await until(pilot, lambda: "stopped at step set-url" in notified(bench.app))
            await pilot.press("J")
            await until(pilot, lambda: isinstance(bench.app.screen, JournalScreen))
            await until(pilot, lambda: "step set-url was under way" in told(bench.app))
            assert "kubectl get configmaps/ops-service-config -o yaml -n" in told(bench.app)
            await pilot.press("x")
            await until(pilot, lambda: "ended looked after" in told(bench.app))
            assert open_ends(records(bench.journal.entries())) == ()


async def test_a_journal_that_cannot_be_read_is_told_wherever_it_is_wanted(tmp_path: Path) -> None:
    async with workbench(tmp_path, sandbox="incident-v11") as bench:
        bench.journal.path.mkdir()
        async with bench.app.run_test(size=FULL, notifications=True) as pilot:
            await begun(bench, pilot)
            why = "cannot be read: Is a directory"
            await until(pilot, lambda: why in notified(bench.app))
            await pilot.press("u")
            await until(pilot, lambda: isinstance(bench.app.screen, PlanScreen))
            await until(pilot, lambda: why in told(bench.app))
            await pilot.press("escape")
            bench.app.clear_notifications()
            await until(pilot, lambda: why not in notified(bench.app))
            await pilot.press("J")
            await until(pilot, lambda: why in notified(bench.app))


async def test_a_journal_that_cannot_be_written_lets_nothing_begin(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        bench.journal.path.mkdir()
        await asked(bench, pilot)
        await applied(bench, pilot)
        assert "! warn refused nothing was changed: the journal" in told(bench.app)
        assert bench.url() == BEFORE


async def test_a_defect_while_planning_ends_the_planning_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise KeyError("spec")

    async with workbench(tmp_path, sandbox="incident-v11") as bench:
        monkeypatch.setattr(bench.remedy, "plan", broken)
        async with bench.app.run_test(size=FULL, notifications=True) as pilot:
            await begun(bench, pilot)
            await pilot.press("f")
            await until(pilot, lambda: isinstance(bench.app.screen, PlanScreen))
            await until(pilot, lambda: "planning broke off by a defect" in told(bench.app))
            await until(pilot, lambda: "KeyError" in notified(bench.app))


async def test_who_took_an_edit_back_is_told_though_it_cannot_be_journaled(tmp_path: Path) -> None:
    async with workbench(tmp_path) as bench:
        assert bench.feed.hands
        bench.remedy.watch = LiveEdit(REF, (Field(URL, "another"),), "Application root")
        plan = await bench.plan()
        bench.journal.path.mkdir()
        done = Outcome(OutcomeKind.VERIFIED, "it answers")
        seen = await bench.feed.hands(lambda: "").watched(plan, done, lambda _: None)
        assert seen
        assert seen.sentence.startswith("taken back at ")
        assert "the journal lacks it: " in seen.sentence


async def test_quitting_while_a_plan_is_applied_asks_first(tmp_path: Path) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        bench.remedy.waits = True
        await asked(bench, pilot)
        await pilot.press("right", "enter")
        await until(pilot, lambda: "1 of 2 pods are new" in told(bench.app))
        await pilot.press("escape")
        assert isinstance(bench.app.screen, ProgressScreen)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(bench.app.screen, LeavingScreen))
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(bench.app.screen, ProgressScreen))
        await pilot.press("q")
        await until(pilot, lambda: isinstance(bench.app.screen, LeavingScreen))
        await pilot.pause()
        await pilot.press("right", "enter")
        await until(pilot, lambda: not bench.app.is_running)
        (left,) = open_ends(records(bench.journal.entries()))
        assert left.under_way == "await-rollout"
        assert [one.step for one in left.steps] == ["set-url", "await-rollout"]


@pytest.mark.parametrize("leaves", ["by a key", "by a signal"])
async def test_whoever_leaves_gets_what_must_not_stay_taken_back_first(
    tmp_path: Path, leaves: str
) -> None:
    async with at_work(tmp_path, sandbox="incident-v11") as (bench, pilot):
        bench.remedy.waits = bench.remedy.reverts = True
        await asked(bench, pilot)
        await pilot.press("right", "enter")
        await until(pilot, lambda: "1 of 2 pods are new" in told(bench.app))
        assert bench.url() == AFTER
        if leaves == "by a signal":
            signal.raise_signal(signal.SIGTERM)
        else:
            await pilot.press("q")
            await until(pilot, lambda: isinstance(bench.app.screen, LeavingScreen))
            await pilot.pause()
            await pilot.press("right", "enter")
        await until(pilot, lambda: not bench.app.is_running)
        assert bench.url() == BEFORE
        assert bench.app.return_code == (143 if leaves == "by a signal" else 0)
        said = "set-prometheus-url was broken off; taken back: Set PROMETHEUS_URL in the ConfigMap"
        assert said in bench.app.hands.farewell


async def test_keys_of_ones_own_are_the_ones_that_are_shown(tmp_path: Path) -> None:
    async with workbench(tmp_path) as bench:
        bench.app.set_keymap({"fix.first": "m"})
        async with bench.app.run_test(size=(120, 50)) as pilot:
            await begun(bench, pilot)
            panel = bench.app.screen.query_one("#causes", CausesPanel)
            await until(pilot, lambda: "m set-prometheus-url" in str(panel.sheet.render()))


async def test_the_palette_has_the_keys_of_acting_and_every_remedy(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (bench, pilot):
        commands = {one.title: one for one in bench.app.get_system_commands(bench.app.screen)}
        for title in ("fix: fix", "fix: remedies", "fix: undo", "fix: journal", "fix: arm"):
            assert title in commands
        assert {f"fix: {one.title.lower()}" for one in WORDS.values()} <= set(
            map(str.lower, commands)
        )
        running = commands["fix: fix"].callback()
        assert isawaitable(running)
        await running
        await until(pilot, lambda: bool(bench.app.screen.query(Choice)))


async def test_what_cannot_be_looked_at_anew_is_not_planned_for_and_says_why(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path, sees=unseen) as (bench, pilot):
        await pilot.press("f")
        await until(pilot, lambda: "10.0.0.1:6443 refuses the connection" in told(bench.app))
        assert not bench.app.screen.query(Choice)


async def test_the_causes_have_a_cursor_and_the_keys_that_mend(tmp_path: Path) -> None:
    async with at_work(tmp_path, (120, 50)) as (bench, pilot):
        panel = bench.app.screen.query_one("#causes", CausesPanel)
        assert "f set-prometheus-url   F 1 more" in str(panel.query_one(Sheet).render())
        await pilot.press("0", "j")
        assert panel.cause
        assert panel.cause.title == "ops-service has no Argo CD token"
        await pilot.press("f")
        await pilot.pause()
        assert isinstance(bench.app.screen, OverviewScreen)
        await pilot.press("k", "enter")
        await until(pilot, lambda: isinstance(bench.app.screen, RemediesScreen))
        await pilot.press("enter")
        await until(pilot, lambda: bool(bench.app.screen.query(Choice)))
        assert "Give PROMETHEUS_URL its route prefix." in told(bench.app)


async def test_the_change_for_git_is_chosen_by_keys_alone(tmp_path: Path) -> None:
    async with at_work(tmp_path, FULL, git_clone=Path("~/wealist")) as (bench, pilot):
        for downs in range(3):
            await pilot.press("F", *["j"] * downs)
            await until(pilot, lambda: isinstance(bench.app.screen, RemediesScreen))
            rows = [str(one.prompt) for one in bench.app.screen.query_one(RemedyList).options]
            await asked(bench, pilot, "enter")
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(bench.app.screen, OverviewScreen))
    assert rows[:2] == [
        "set-prometheus-url   Correct PROMETHEUS_URL, live",
        "   or as a commit in ~/wealist",
    ]
    live, commit, save = bench.remedy.asked
    assert (live, commit) == ({}, {"clone": "~/wealist"})
    assert set(save) == {"save"}
    assert str(Path.cwd() / "set-prometheus-url-2") in save["save"]


async def test_what_no_remedy_takes_is_refused_before_anybody_looks(tmp_path: Path) -> None:
    async with workbench(tmp_path) as bench:
        assert bench.feed.hands
        with pytest.raises(RefusedError, match="set-prometheus-url does not take `prune`; it"):
            await bench.feed.hands(lambda: "").plan(ID, {"prune": "yes"})
        assert bench.remedy.asked == []


def notified(app: OpsPortalApp) -> str:
    return " ".join(str(one.render()) for one in app.screen.query("Toast"))

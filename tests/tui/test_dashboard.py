"""The dashboard's keys and states: what a person presses, and what then stands on screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from probes.model import CheckId, Level, LogsSeen, Snapshot
from tests.tui.dashboards import (
    NOW,
    REQUEST,
    BrokenFeed,
    FrozenFeed,
    SilentFeed,
    app_on,
    begun,
    dashboard,
    denied,
    healthy,
    incident,
    read,
    unseen,
)
from tui.app import OpsPortalApp
from tui.screens.check_detail import CheckDetailScreen
from tui.screens.help import HelpScreen
from tui.screens.least import TooSmall
from tui.screens.overview import OverviewScreen
from widgets.checklist import Checklist
from widgets.data_path import DataPath
from widgets.logs_panel import LogsPanel
from widgets.panel import Panel
from widgets.sentence import Sentence
from widgets.sheet import Sheet
from widgets.title_bar import TitleBar

FULL = (120, 36)
COMPACT = (80, 24)

Pressing = Pilot[None]


async def until(pilot: Pressing, seen: Callable[[], bool], limit_s: float = 10) -> None:
    """Lets the app work until it is so; a deadline, no sleeps."""
    deadline = time.monotonic() + limit_s
    while not seen():
        assert time.monotonic() < deadline, "it did not come to that"
        await pilot.pause(0.01)


def text(app: OpsPortalApp, widget: type[Sheet] | type[TitleBar] = Sentence) -> str:
    return str(app.screen.query_one(widget).render())


def sentence(app: OpsPortalApp) -> str:
    return " ".join(text(app).split())


def title(app: OpsPortalApp) -> str:
    return text(app, TitleBar)


def panel_text(app: OpsPortalApp, name: str) -> str:
    return str(app.screen.query_one(f"#{name}", Panel).query_one(Sheet).render())


def displayed(app: OpsPortalApp) -> list[str]:
    return [str(panel.id) for panel in app.screen.query("#panels Panel") if panel.display]


async def test_the_incident_is_told_in_one_sentence() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        assert "First: PROMETHEUS_URL lacks the route prefix." in sentence(app)
        assert "✓ live  03:00:00 UTC" in title(app)
        assert "read-only" in title(app)
        assert "not in the URL" in " ".join(panel_text(app, "prometheus").split())


async def test_the_frame_stands_before_anything_has_answered() -> None:
    app = app_on(SilentFeed(), "incident-v11")
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "starting sandbox incident-v11" in sentence(app))
        assert app.screen.query_one(Checklist).option_count == len(CheckId)
        assert "… connecting" in title(app)
        assert "sandbox incident-v11" in title(app)


async def test_answers_fill_the_frame_as_they_arrive() -> None:
    app = dashboard(begun())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "2 of 14 checks" in sentence(app))
        assert "… sweeping" in title(app)


async def test_enter_opens_the_evidence_and_escape_leads_back() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("j", "j", "enter")
        assert isinstance(app.screen, CheckDetailScreen)
        told = str(app.screen.query_one(Sheet).render())
        assert "query as ops-service sends it" in told
        assert "404 page not found" in told
        await pilot.press("right")
        assert "have a token" in str(app.screen.query_one(Sheet).render())
        await pilot.press("left", "left", "left", "left")
        assert "Is LOKI_URL set" in str(app.screen.query_one(Sheet).render())
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)


async def test_a_click_opens_the_evidence() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.click(Checklist, offset=(5, 3))
        assert isinstance(app.screen, CheckDetailScreen)


@pytest.mark.parametrize(
    ("key", "row"), [("j", 1), ("down", 1), ("G", 13), ("end", 13), ("k", 13), ("up", 13)]
)
async def test_moving_in_the_checklist(key: str, row: int) -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press(key)
        assert app.screen.query_one(Checklist).highlighted == row
        await pilot.press("g")
        assert app.screen.query_one(Checklist).highlighted == 0


async def test_the_cursor_stays_where_it_is_when_a_sweep_lands() -> None:
    feed = FrozenFeed([read(incident())])
    app = app_on(feed)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("j", "j", "j")
        feed.readings = (read(healthy()),)
        await pilot.press("r")
        await until(pilot, lambda: "Nothing is wrong" in sentence(app))
        assert app.screen.query_one(Checklist).highlighted == 3
        assert "✓ pass" in str(app.screen.query_one(Checklist).get_option_at_index(3).prompt)


async def test_r_sweeps_at_once_and_p_pauses() -> None:
    feed = FrozenFeed([read(healthy())])
    app = app_on(feed)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: feed.sweeps == 1 and "live" in title(app))
        await pilot.press("r")
        await until(pilot, lambda: feed.sweeps == 2)
        await pilot.press("p")
        assert "‖ paused  <1 min old" in title(app)
        await pilot.press("r")
        await until(pilot, lambda: feed.sweeps == 3)
        assert "paused" in title(app)
        await pilot.press("p")
        await until(pilot, lambda: feed.sweeps == 4)
        assert "live" in title(app)


async def test_a_sweep_comes_by_itself_when_its_time_has_come_but_not_while_paused() -> None:
    feed = FrozenFeed([read(healthy())])
    app = app_on(feed, interval_s=0.02)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: feed.sweeps >= 3)
        await pilot.press("p")
        swept = feed.sweeps
        await pilot.pause(0.1)
        assert feed.sweeps <= swept + 1  # the one that was under way


async def test_old_data_are_called_stale_with_their_age() -> None:
    times = [NOW + timedelta(seconds=3)]
    feed = FrozenFeed([read(healthy())])
    app = OpsPortalApp(lambda _: feed, REQUEST, clock=lambda: times[-1])
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "live" in title(app))
        times.append(NOW + timedelta(minutes=4, seconds=10))
        app.hand_out()
        assert "! stale  4 min old" in title(app)
        assert app.screen.has_class("-stale")


async def test_paused_data_grow_stale_like_any_other() -> None:
    times = [NOW + timedelta(seconds=3)]
    feed = FrozenFeed([read(healthy())])
    app = OpsPortalApp(lambda _: feed, REQUEST, clock=lambda: times[-1])
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "live" in title(app))
        await pilot.press("p")
        assert not app.screen.has_class("-stale")
        times.append(NOW + timedelta(minutes=4))
        app.hand_out()
        assert "‖ paused  4 min old" in title(app)
        assert app.screen.has_class("-stale")


async def test_a_cut_connection_leaves_what_was_seen_and_mends_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    times = [NOW + timedelta(seconds=3)]
    feed = FrozenFeed([read(incident())])
    profile = REQUEST.profile.model_copy(update={"interval_s": 0.02, "timeout_s": 60})
    request = replace(REQUEST, profile=profile)
    app = OpsPortalApp(lambda _: feed, request, clock=lambda: times[-1])
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        checks = [str(one.prompt) for one in app.screen.query_one(Checklist).options]
        times.append(NOW + timedelta(minutes=2))
        feed.readings = (read(replace(unseen(), finished_at=times[-1])),)
        await until(pilot, lambda: "10.0.0.1:6443 refuses the connection" in sentence(app))
        assert "? unknown" in sentence(app)
        assert "✗ unreachable  2 min old" in title(app)
        assert app.screen.has_class("-stale")
        assert "not in the URL" in " ".join(panel_text(app, "prometheus").split())
        assert [str(one.prompt).split()[:3] for one in app.screen.query_one(Checklist).options] == [
            one.split()[:3] for one in checks
        ]
        await pilot.press("y")
        await until(pilot, lambda: "4. The migration is switched off" in app.clipboard)
        assert "What stands below was seen before." in " ".join(app.clipboard.split())
        feed.readings = (read(replace(incident(), finished_at=times[-1])),)
        await until(pilot, lambda: "4 causes" in sentence(app))
        assert "✓ live  03:02:00 UTC" in title(app)
        assert not app.screen.has_class("-stale")


@pytest.mark.parametrize(
    ("world", "state"), [(unseen, "✗ unreachable"), (denied, "✗ denied  03:00:00 UTC")]
)
async def test_where_nothing_can_be_seen_nothing_is_called_live(
    world: Callable[[], Snapshot], state: str
) -> None:
    app = dashboard(world())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "Nothing could be seen" in sentence(app))
        assert state in title(app)
        assert "old" not in title(app)
        for name in ("prometheus", "argocd", "database", "logs"):
            told = " ".join(panel_text(app, name).split())
            assert told == "? unknown not asked: the workload could not be seen"
        assert "not seen" in str(app.screen.query_one(DataPath).render())
        assert not app.screen.has_class("-stale")


async def test_what_stands_in_the_way_is_told_and_r_tries_again() -> None:
    feed = BrokenFeed("there is no kubeconfig", read(healthy()))
    app = app_on(feed)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "disconnected" in title(app))
        assert "? unknown there is no kubeconfig" in sentence(app)
        feed.mended = True
        await pilot.press("r")
        await until(pilot, lambda: "Nothing is wrong" in sentence(app))
        assert "live" in title(app)


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "0"])
async def test_number_keys_choose_the_panel_where_there_is_room_for_one(key: str) -> None:
    app = dashboard(incident())
    async with app.run_test(size=COMPACT) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press(key)
        shown = ["causes-alone", "prometheus", "argocd", "database", "logs"][int(key)]
        assert displayed(app) == [shown]
        assert app.focused is app.screen.query_one(f"#{shown}")
        await pilot.press("escape")
        assert isinstance(app.focused, Checklist)


async def test_tab_goes_round_the_panels_and_the_checklist_keeps_the_keys() -> None:
    app = dashboard(incident())
    async with app.run_test(size=COMPACT) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        seen = []
        for _ in range(5):
            await pilot.press("tab")
            seen += displayed(app)
        assert seen == ["prometheus", "argocd", "database", "logs", "causes-alone"]
        assert isinstance(app.focused, Checklist)
        await pilot.press("shift+tab")
        assert displayed(app) == ["logs"]


async def test_tab_moves_the_focus_where_all_panels_are_shown() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("tab")
        assert app.focused is app.screen.query_one("#causes")
        await pilot.press("tab")
        assert app.focused is app.screen.query_one("#prometheus")
        await pilot.press("0")
        assert app.focused is app.screen.query_one("#causes")


async def test_resizing_at_any_moment_keeps_the_focus_on_something_shown() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("2")
        for size in (COMPACT, (50, 12), (200, 60), (60, 16), FULL):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert app.focused is None or app.focused.region
        assert displayed(app) == ["prometheus", "argocd", "database", "logs"]


@pytest.mark.parametrize(
    ("key", "compact"), [("2", "argocd"), ("4", "logs"), ("0", "causes-alone")]
)
async def test_the_panel_that_one_looks_at_is_the_one_that_stays(key: str, compact: str) -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press(key)
        focused = app.focused
        await pilot.resize_terminal(*COMPACT)
        await until(pilot, lambda: displayed(app) == [compact])
        assert app.focused is app.screen.query_one(f"#{compact}")
        await pilot.resize_terminal(*FULL)
        await until(pilot, lambda: len(displayed(app)) == 4)
        assert app.focused is focused


async def test_below_the_least_size_only_the_need_is_told() -> None:
    app = dashboard(incident())
    async with app.run_test(size=(59, 30)) as pilot:
        await pilot.pause()
        told = str(app.screen.query_one(TooSmall).render())
        assert "needs 60x16 cells, this terminal has 59x30" in " ".join(told.split())


async def test_help_lists_the_keys_of_the_screen_below() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        told = str(app.screen.query_one(Sheet).render())
        for words in ("Sweep now", "Pause the sweeps", "End the program", "Prometheus"):
            assert words in told
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)
        await pilot.press("f1")
        assert isinstance(app.screen, HelpScreen)


async def test_the_palette_knows_checks_and_views_by_their_prefix() -> None:
    app = dashboard(incident())
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        commands = list(app.get_system_commands(app.screen))
        assert {one.title.split(":")[0] for one in commands} == {
            "check",
            "checklist",
            "fix",
            "logs",
            "objects",
            "view",
        }
        next(one for one in commands if one.title == "check: db.migration").callback()
        await until(pilot, lambda: isinstance(app.screen, CheckDetailScreen))
        next(one for one in commands if one.title == "view: Logs panel").callback()
        await until(pilot, lambda: isinstance(app.focused, LogsPanel))


async def test_q_ends_it_from_everywhere_and_closes_the_feed() -> None:
    feed = FrozenFeed([read(incident())])
    app = app_on(feed)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("enter", "q")
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 0
    assert feed.closed


async def test_text_from_outside_is_never_markup() -> None:
    app = dashboard(_hostile())
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: "5 causes" in sentence(app))
        assert "[/] [red]boom[/red] [@click=app.quit]x" in " ".join(panel_text(app, "logs").split())
        await pilot.press("j", "j", "j", "j", "j", "enter")
        assert "[red]boom[/red]" in " ".join(str(app.screen.query_one(Sheet).render()).split())


async def test_an_equal_reading_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = FrozenFeed([read(incident())])
    app = app_on(feed)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await until(pilot, lambda: "f set-prometheus-url" in panel_text(app, "causes"))
        await pilot.pause()
        drawn: list[str] = []
        for kind in (Sheet, TitleBar, Checklist):
            _count_refreshes(monkeypatch, kind, drawn)
        feed.readings = (read(incident()),)
        await pilot.press("r")
        await until(pilot, lambda: feed.sweeps == 2)
        await pilot.pause()
        assert drawn == []


def _count_refreshes(monkeypatch: pytest.MonkeyPatch, kind: type, drawn: list[str]) -> None:
    refresh = kind.refresh  # type: ignore[attr-defined]  # any widget

    def counted(self: object, *args: object, **options: object) -> object:
        drawn.append(kind.__name__)
        return refresh(self, *args, **options)

    monkeypatch.setattr(kind, "refresh", counted)


def _hostile() -> Snapshot:
    world = incident()
    assert world.logs is not None
    seen = world.logs.seen
    assert isinstance(seen, LogsSeen)
    line = seen.lines()[0]
    bad = replace(line, level=Level.ERROR, message="[/] [red]boom[/red] [@click=app.quit]x[/]")
    pod = replace(seen.pods[0], head=(), tail=(bad,))
    return replace(world, logs=replace(world.logs, seen=LogsSeen((pod,))))

"""The logs screen: given lines of two pods, when keys are pressed, these lines are shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from probes.logline import parse
from probes.model import Failure, FailureKind, Level, LogLine, LogsSeen, PodLog, Run, Snapshot
from tests.checks.worlds import NOW
from tests.tui.dashboards import FrozenFeed, FrozenWay, app_on, healthy, read
from tests.tui.test_dashboard import sentence, until
from tests.tui.test_overview import told
from tui.app import OpsPortalApp
from tui.feed import Note, Publish
from tui.screens.log_line import LogLineScreen
from tui.screens.logs import LogsScreen
from tui.screens.overview import OverviewScreen
from widgets.log_view import LogView
from widgets.logs_panel import LogsPanel
from widgets.prompt import Prompt
from widgets.sheet import Sheet

ONE, TWO = "ops-service-7d9f-aaaaa", "ops-service-7d9f-bbbbb"


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def line(number: int, level: Level, message: str, pod: str = ONE, **fields: str) -> LogLine:
    return LogLine(pod, NOW + timedelta(seconds=number), level, message, message, fields)


STARTED = (
    line(0, Level.INFO, "Starting Ops Service"),
    line(1, Level.WARN, "ArgoCD client not configured"),
    line(2, Level.INFO, "Request completed"),
    line(4, Level.ERROR, "Failed to get recent errors", stacktrace="main.run\n\t/app/main.go:7"),
    line(5, Level.INFO, "Request completed"),
    line(6, Level.INFO, "한국어 로그 메시지"),
)
OTHER = (line(3, Level.INFO, "Starting Ops Service", TWO),)
ENDED = (line(-9, Level.FATAL, "panic: boom", TWO),)


def world(*logs: PodLog) -> Snapshot:
    snapshot = healthy()
    assert snapshot.logs is not None
    return replace(snapshot, logs=replace(snapshot.logs, seen=LogsSeen(logs)))


def two_pods() -> Snapshot:
    return world(
        PodLog(ONE, "ops-service", STARTED, ()),
        PodLog(TWO, "ops-service", OTHER, ()),
        PodLog(TWO, "ops-service", (), ENDED, previous=True),
    )


@asynccontextmanager
async def opened(
    snapshot: Snapshot | None = None, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[OpsPortalApp, Pilot[None], FrozenFeed]]:
    """The logs screen on a world of two pods."""
    feed = FrozenFeed([read(snapshot or two_pods())])
    app = app_on(feed)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.logbook.begun)
        await pilot.press("L")
        await until(pilot, lambda: isinstance(app.screen, LogsScreen) and len(shown(app)) > 0)
        yield app, pilot, feed


def view(app: OpsPortalApp) -> LogView:
    return app.screen.query_one(LogView)


def shown(app: OpsPortalApp) -> list[str]:
    """The messages of the lines that the view has."""
    return [kept.line.message for kept in view(app).rows]


def drawn(app: OpsPortalApp) -> list[str]:
    """The lines as they stand on the screen."""
    height = view(app).scrollable_content_region.height
    return [view(app).render_line(y).text.rstrip() for y in range(height)]


def state(app: OpsPortalApp) -> str:
    """What the line below the logs tells."""
    return str(app.screen.query_one("#log-state", Sheet).render())


def at_cursor(app: OpsPortalApp) -> str:
    cursor = view(app).cursor
    return cursor.line.message if cursor else ""


async def answer(pilot: Pilot[None], key: str, text: str) -> None:
    """Press a key that asks, and type the answer."""
    await pilot.press(key)
    prompt = pilot.app.screen.query_one(Prompt)
    prompt.value = text
    await pilot.press("enter")
    await until(pilot, lambda: not prompt.display or bool(prompt.border_subtitle))
    await pilot.pause()


async def logged(pilot: Pilot[None], feed: FrozenFeed, lines: Iterable[LogLine]) -> None:
    """The pods log something more, and it has come."""
    app = pilot.app
    assert isinstance(app, OpsPortalApp)
    lines = tuple(lines)
    end = app.logbook.end + len(lines)
    feed.lines.put_nowait(lines)
    await until(pilot, lambda: app.logbook.end == end)
    await pilot.pause()


async def test_lines_of_all_pods_stand_in_the_order_of_time() -> None:
    async with opened() as (app, _, _):
        assert shown(app)[:4] == [
            "Starting Ops Service",
            "ArgoCD client not configured",
            "Request completed",
            "Starting Ops Service",
        ]
        assert "03:00:01 ! warn  aaaaa ArgoCD client not configured" in drawn(app)[1]
        assert "panic" not in "".join(shown(app))


async def test_new_lines_are_followed() -> None:
    async with opened() as (app, pilot, feed):
        await logged(pilot, feed, [line(9, Level.WARN, f"new {n}") for n in range(100)])
        assert "new 99" in drawn(app)[-1]
        assert at_cursor(app) == "new 99"
        await pilot.press("g")
        await logged(pilot, feed, [line(10, Level.WARN, "later")])
        assert at_cursor(app) == "Starting Ops Service"
        assert "standing still" in state(app)
        await pilot.press("G")
        assert at_cursor(app) == "later"


async def test_levels_and_pods_go_round() -> None:
    async with opened() as (app, pilot, _):
        for key, left in [("v", 7), ("v", 2), ("v", 1), ("v", 7), ("o", 6), ("o", 1), ("o", 7),
                          ("O", 1), ("O", 6), ("O", 7)]:  # fmt: skip
            await pilot.press(key)
            assert len(shown(app)) == left


async def test_probes_and_scrapes_are_hidden_on_demand() -> None:
    async with opened() as (app, pilot, feed):
        await logged(pilot, feed, [line(9, Level.INFO, "probe", **{"http.target": "/health/live"})])
        await pilot.press("z")
        assert "probe" not in shown(app)
        assert "without probes and scrapes" in state(app)
        await pilot.press("z")
        assert "probe" in shown(app)


async def test_what_cannot_be_followed_is_told() -> None:
    async with opened() as (app, pilot, feed):
        feed.gaps[TWO] = Failure(FailureKind.RESET, "the connection broke off")
        await logged(pilot, feed, [line(9, Level.INFO, "one")])
        gaps = str(app.screen.query_one("#log-gaps", Sheet).render())
        assert gaps == f"? unknown  {TWO}: the connection broke off"
        feed.gaps.clear()
        await logged(pilot, feed, [line(9, Level.INFO, "two")])
        assert not app.screen.query_one("#log-gaps", Sheet).rows


async def test_a_log_that_may_be_read_of_no_pod_leaves_room_for_the_lines() -> None:
    def forbidden(pod: str) -> Failure:
        return Failure(
            FailureKind.FORBIDDEN,
            f'may not get pods/log {pod} in namespace wealist-prod: pods "{pod}" is forbidden: '
            'User "system:serviceaccount:ops:reader" cannot get resource "pods/log" in API group '
            '"" in the namespace "wealist-prod"',
        )

    pods = [f"ops-service-7d9f-{number:05}" for number in range(12)]
    logs = (PodLog(pod, "ops-service", forbidden(pod), forbidden(pod)) for pod in pods)
    snapshot = world(PodLog(ONE, "ops-service", STARTED, ()), *logs)
    async with opened(snapshot, (80, 24)) as (app, pilot, feed):
        feed.gaps.update({pod: forbidden(pod) for pod in pods})
        feed.gaps["a"] = feed.gaps["b"] = Failure(FailureKind.RESET, "the connection broke off")
        feed.gaps["c"] = Failure(FailureKind.TIMEOUT, "no answer")
        feed.gaps["d"] = Failure(FailureKind.TIMEOUT, "no answer of another")
        await logged(pilot, feed, [line(9, Level.INFO, "one")])
        gaps = str(app.screen.query_one("#log-gaps", Sheet).render()).splitlines()
        assert len(gaps) == 3
        assert gaps[0].startswith("? unknown  12 pods: may not get pods/log … in namespace")
        assert gaps[1] == "? unknown  a, b: the connection broke off"
        assert gaps[2].startswith("? unknown  and 2 more reasons")
        assert "one" in "".join(drawn(app))


async def test_expressions_hold_for_lines_to_come() -> None:
    async with opened() as (app, pilot, feed):
        await answer(pilot, "i", "failed|request")
        await answer(pilot, "x", "completed")
        assert shown(app) == ["Failed to get recent errors"]
        await logged(pilot, feed, [line(9, Level.INFO, "Request completed"),
                                   line(9, Level.INFO, "Request failed")])  # fmt: skip
        assert shown(app) == ["Failed to get recent errors", "Request failed"]
        assert "with /failed|request/ · without /completed/" in state(app)
        await answer(pilot, "i", "")
        await answer(pilot, "x", "")
        assert len(shown(app)) == 9


async def test_a_wrong_expression_says_why_and_leaves_the_old_one() -> None:
    async with opened() as (app, pilot, _):
        await answer(pilot, "i", "failed")
        await answer(pilot, "i", "fail(ed")
        assert "not a regular expression" in str(app.screen.query_one(Prompt).border_subtitle)
        await pilot.press("escape")
        assert shown(app) == ["Failed to get recent errors"]
        assert app.focused is view(app)


async def test_an_expression_that_takes_too_long_is_refused_and_the_screen_lives() -> None:
    async with opened() as (app, pilot, feed):
        await logged(pilot, feed, [line(9, Level.INFO, "a" * 3_000 + "b")])
        await answer(pilot, "i", "(a+)+$")
        assert "takes too long" in str(app.screen.query_one(Prompt).border_subtitle)
        await pilot.press("escape")
        assert len(shown(app)) == 8
        await answer(pilot, "i", "(c+)+$|x")
        await logged(pilot, feed, [line(9, Level.INFO, "c" * 3_000 + "b")])
        await until(pilot, lambda: bool(told(app)))
        assert "/(c+)+$|x/ is not used: it takes too long" in " ".join(told(app))
        assert "with /" not in state(app)


async def test_a_bookmark_on_a_hidden_line_says_so() -> None:
    async with opened() as (app, pilot, _):
        await pilot.press("g", "m", "v", "v", "apostrophe")
        await until(pilot, lambda: bool(told(app)))
        assert "UTC, its line is hidden by what is chosen" in " ".join(told(app))


async def test_search_goes_from_hit_to_hit_round_the_ends() -> None:
    async with opened() as (app, pilot, _):
        await pilot.press("n")
        await until(pilot, lambda: bool(told(app)))
        assert "search with / first" in " ".join(told(app))
        await answer(pilot, "slash", "request")
        assert "hit 2 of 2" in state(app)
        await pilot.press("g")
        await answer(pilot, "slash", "request")
        assert at_cursor(app) == "Request completed"
        first = view(app).cursor
        assert "hit 1 of 2" in state(app)
        await pilot.press("n")
        assert at_cursor(app) == "Request completed"
        assert "hit 2 of 2" in state(app)
        assert view(app).cursor is not first
        await pilot.press("n")
        assert view(app).cursor is first
        await pilot.press("N")
        assert view(app).cursor is not first


async def test_neighbours_of_hits_on_demand() -> None:
    async with opened() as (app, pilot, _):
        await pilot.press("c")
        await until(pilot, lambda: bool(told(app)))
        assert "Nothing is hidden" in " ".join(told(app))
        await answer(pilot, "i", "failed")
        await pilot.press("c")
        assert len(shown(app)) == 5
        await pilot.press("c", "c")
        assert len(shown(app)) == 1


async def test_bookmarks_tell_their_time() -> None:
    async with opened() as (app, pilot, _):
        await pilot.press("g", "j", "m", "j", "j", "m", "G", "apostrophe")
        assert at_cursor(app) == "ArgoCD client not configured"
        await until(pilot, lambda: "03:00:01" in " ".join(told(app)))
        assert drawn(app)[1].startswith("◆")
        await pilot.press("m", "apostrophe", "apostrophe")
        assert at_cursor(app) == "Starting Ops Service"
        await pilot.press("escape", "L", "apostrophe")
        await pilot.pause()
        assert at_cursor(app) == "Starting Ops Service"
        assert drawn(app)[3].startswith("◆")


async def test_to_the_startup_lines() -> None:
    async with opened() as (app, pilot, _):
        await pilot.press("s")
        assert at_cursor(app) == "Starting Ops Service"
        assert view(app).cursor is not None
        assert view(app).rows[3] is view(app).cursor
        await pilot.press("s")
        assert view(app).rows[0] is view(app).cursor


async def test_lines_from_before_a_restart() -> None:
    async with opened() as (app, pilot, _):
        await pilot.press("b")
        assert shown(app)[0] == "panic: boom"
        await pilot.press("b")
        assert "panic: boom" not in shown(app)


async def test_where_nothing_restarted_the_key_says_so() -> None:
    async with opened(world(PodLog(ONE, "ops-service", STARTED, ()))) as (app, pilot, _):
        await pilot.press("b")
        await until(pilot, lambda: bool(told(app)))
        assert "No container has restarted" in " ".join(told(app))


async def test_what_a_first_look_missed_is_there_after_the_next() -> None:
    snapshot = two_pods()
    assert snapshot.logs is not None
    late = Failure(FailureKind.TIMEOUT, "no answer within 3 s")
    feed = FrozenFeed([read(replace(snapshot, logs=replace(snapshot.logs, seen=late)))])
    app = app_on(feed)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.logbook.begun)
        await pilot.press("L")
        await logged(pilot, feed, [line(7, Level.INFO, "midway")])
        await pilot.press("s", "b")
        await until(pilot, lambda: len(told(app)) == 2)
        assert "No startup line is kept" in " ".join(told(app))
        assert "No container has restarted" not in " ".join(told(app))
        feed.readings = (read(snapshot),)
        await pilot.press("r")
        await until(pilot, lambda: len(app.logbook) > 1)
        await pilot.press("b", "s")
        assert at_cursor(app) == "Starting Ops Service"
        assert shown(app)[0] == "panic: boom"
        assert shown(app)[-1] == "midway"


async def test_what_a_container_said_that_ends_before_ones_eyes_stays() -> None:
    feed = FrozenFeed([read(world(PodLog(ONE, "ops-service", STARTED, ())))])
    app = app_on(feed)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.logbook.begun)
        await pilot.press("L", "g", "j")
        again = (line(9, Level.INFO, "Starting again"),)
        await logged(pilot, feed, again)
        run = Run(1, again[0].time, "exit 2")
        last = (*STARTED, line(8, Level.FATAL, "panic: boom"))
        crashed = world(
            PodLog(ONE, "ops-service", again, (), run=run),
            PodLog(ONE, "ops-service", (), last, previous=True, run=run),
        )
        feed.readings = (read(crashed),)
        await pilot.press("r")
        await until(pilot, lambda: app.logbook.restarts == 1)
        await pilot.pause()
        assert at_cursor(app) == "ArgoCD client not configured"
        await pilot.press("G")
        rule = "── container restarted, exit 2 ──"
        assert shown(app)[-3:] == ["panic: boom", rule, "Starting again"]
        await pilot.press("b")
        assert shown(app) == [rule, "Starting again"]


async def test_standing_still_counts_what_waits() -> None:
    async with opened() as (app, pilot, feed):
        await pilot.press("space")
        await logged(pilot, feed, [line(9, Level.INFO, "one"), line(9, Level.INFO, "two")])
        assert "one" not in shown(app)
        assert "2 waiting" in state(app)
        await pilot.press("space")
        assert shown(app)[-2:] == ["one", "two"]


async def flood(app: OpsPortalApp, pilot: Pilot[None], feed: FrozenFeed, batches: int) -> None:
    """Each pod logs a thousand lines at a time; all of it has come, or the streams wait."""
    for batch in range(batches):
        feed.lines.put_nowait(tuple(line(9, Level.INFO, f"{batch} {n}") for n in range(1_000)))
    await until(pilot, lambda: feed.lines.empty() or app.logbook.held_back, 30)
    await pilot.pause()


async def test_what_one_reads_further_up_is_not_pushed_out_by_a_flood() -> None:
    async with opened() as (app, pilot, feed):
        await flood(app, pilot, feed, 3)
        await pilot.press("g", "pagedown", "pagedown")
        before = drawn(app)
        await flood(app, pilot, feed, 12)
        assert drawn(app) == before
        assert "standing still at" in state(app)
        assert "waiting, the pods' streams wait" in state(app)
        await pilot.press("f")
        await until(pilot, lambda: "11 999" in drawn(app)[-1], 30)
        assert "following" in state(app)


async def test_a_panel_that_stands_still_holds_nothing_back_from_the_logs_in_front() -> None:
    feed = FrozenFeed([read(two_pods())])
    app = app_on(feed)
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: app.logbook.begun)
        await pilot.press("4", "space")
        await flood(app, pilot, feed, 12)
        panel = app.screen.query_one(LogsPanel)
        assert "the pods' streams wait" in str(panel.border_subtitle)
        await pilot.press("enter")
        await until(pilot, lambda: "11 999" in drawn(app)[-1], 30)
        assert "following" in state(app)


async def test_only_lines_that_pass_are_counted_as_waiting() -> None:
    async with opened() as (app, pilot, feed):
        await answer(pilot, "i", "request")
        await pilot.press("k")
        await logged(pilot, feed, [line(9, Level.INFO, "one"), line(9, Level.INFO, "Request x")])
        assert "· 1 waiting" in state(app)


async def test_long_lines_wrap_or_scroll_sideways() -> None:
    long = line(9, Level.INFO, "x" * 150 + "THE END")
    async with opened(size=(80, 24)) as (app, pilot, feed):
        await logged(pilot, feed, [long])
        assert "THE END" not in "".join(drawn(app))
        await pilot.press(*["right"] * 20)
        assert "THE END" in "".join(drawn(app))
        await pilot.press(*["left"] * 20, "w")
        await pilot.pause()
        assert "THE END" in "".join(drawn(app))


async def test_enter_shows_the_whole_line_with_its_stack_trace() -> None:
    async with opened() as (app, pilot, _):
        await answer(pilot, "slash", "failed")
        await pilot.press("enter")
        assert isinstance(app.screen, LogLineScreen)
        whole = str(app.screen.query_one(Sheet).render()).splitlines()
        assert "main.run" in whole
        assert any(row.strip() == "/app/main.go:7" for row in whole)
        await pilot.press("y", "escape")
        assert app.clipboard == "Failed to get recent errors"


async def test_copy_save_and_back(tmp_path: Path) -> None:
    async with opened() as (app, pilot, _):
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == "한국어 로그 메시지")
        await pilot.press("v", "v", "S")
        folder = tmp_path / "opsportal-tui" / "logs"
        await until(pilot, lambda: folder.is_dir() and bool(list(folder.glob("logs-*.txt"))))
        (saved,) = folder.glob("logs-*.txt")
        lines = saved.read_text(encoding="utf-8").splitlines()
        assert [one.split(" ", 2)[2] for one in lines] == [
            "ArgoCD client not configured",
            "Failed to get recent errors",
        ]
        assert saved.stat().st_mode & 0o777 == 0o600
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)


async def test_of_an_overlong_line_it_is_told_everywhere_how_much_there_is(tmp_path: Path) -> None:
    first = "the first 4,000 of 1,048,576 characters"
    async with opened() as (app, pilot, feed):
        start = '{"level":"error","msg":"Failed","error":"'.ljust(250_000, "x")
        await logged(pilot, feed, [parse(ONE, start, length=1_048_576)])
        await pilot.press("v", "v", "v")
        assert shown(app)[-1] == "Failed"
        await pilot.press("enter")
        assert f"as it was written: {first}" in str(app.screen.query_one(Sheet).render())
        await pilot.press("y")
        await until(pilot, lambda: first.capitalize() in " ".join(told(app)))
        await pilot.press("escape", "S")
        await until(pilot, lambda: "1 of them only in part" in " ".join(told(app)))
        (saved,) = (tmp_path / "opsportal-tui" / "logs").glob("logs-*.txt")
        assert saved.read_text(encoding="utf-8").endswith(f"… ({first})\n")


async def test_wide_characters_keep_the_columns_straight() -> None:
    async with opened() as (app, _, _):
        korean = next(row for row in drawn(app) if "한국어" in row)
        assert korean.index("aaaaa") == drawn(app)[0].index("aaaaa")


async def test_the_panel_has_the_summary_and_the_live_tail() -> None:
    feed = FrozenFeed([read(two_pods())])
    app = app_on(feed)
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: "Nothing is wrong" in sentence(app) or app.logbook.begun)
        await logged(pilot, feed, [line(9, Level.WARN, "fresh")])
        panel = app.screen.query_one(LogsPanel)
        summary = str(panel.query_one(Sheet).render())
        assert "error" in summary.splitlines()[0]
        assert "fresh" in "".join(drawn(app))
        await pilot.press("4", "space")
        await logged(pilot, feed, [line(9, Level.WARN, "held back")])
        assert "held back" not in "".join(drawn(app))
        assert "1 waiting" in str(panel.border_subtitle)


class LosingFeed(FrozenFeed):
    """Its way is lost in the next sweep once it is to be; each new way has lines of its own."""

    lost = False

    @asynccontextmanager
    async def open(self, note: Note) -> AsyncIterator[FrozenWay]:
        self.lines = asyncio.Queue()
        yield LosingWay(self)


class LosingWay(FrozenWay):
    async def sweep(self, publish: Publish) -> None:
        if isinstance(self._feed, LosingFeed) and self._feed.lost:
            raise RuntimeError("the way is lost")
        await super().sweep(publish)


async def test_after_a_lost_way_the_lines_go_on_on_the_next_one() -> None:
    feed = LosingFeed([read(two_pods())])
    app = app_on(feed)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.logbook.begun)
        await logged(pilot, feed, [line(9, Level.INFO, "before")])
        feed.lost = True
        await pilot.press("r")
        await until(pilot, lambda: app.looking.standing.disconnected)
        await pilot.press("L")
        await until(pilot, lambda: "not connected" in state(app))
        assert "following" not in state(app)
        feed.lost = False
        await pilot.press("escape", "r")
        await until(
            pilot, lambda: not app.looking.standing.disconnected and app.looking.way is not None
        )
        await pilot.press("L")
        await until(pilot, lambda: "following" in state(app))
        await logged(pilot, feed, [line(10, Level.INFO, "after")])
        assert shown(app)[-2:] == ["before", "after"]


async def test_the_reader_waits_for_the_screen_and_memory_is_capped() -> None:
    async with opened() as (app, pilot, feed):
        for batch in range(12):
            feed.lines.put_nowait(tuple(line(9, Level.INFO, f"{batch} {n}") for n in range(1_000)))
        await until(pilot, lambda: "11 999" in shown(app)[-1:][0], 30)
        assert len(app.logbook) == 10_000
        assert len(shown(app)) <= 10_000

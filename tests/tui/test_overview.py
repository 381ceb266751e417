"""The overview: ages and marks in the checklist, the third column, copying, disabled keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from probes.model import Status
from tests.checks import worlds
from tests.tui.dashboards import (
    NOW,
    REQUEST,
    FrozenFeed,
    app_on,
    begun,
    dashboard,
    healthy,
    incident,
    read,
)
from tests.tui.test_dashboard import panel_text, sentence, until
from tui.app import OpsPortalApp
from tui.feed import Reading
from widgets.causes_panel import CausesPanel
from widgets.checklist import Checklist
from widgets.prompt import Prompt
from widgets.sentence import Sentence


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def rows(app: OpsPortalApp) -> list[str]:
    return [str(option.prompt).rstrip() for option in app.screen.query_one(Checklist).options]


def told(app: OpsPortalApp) -> list[str]:
    """What the notifications say."""
    return [str(one.render()) for one in app.screen.query("Toast")]


async def swept(pilot: Pilot[None], app: OpsPortalApp, feed: FrozenFeed) -> None:
    """One more sweep."""
    done = feed.sweeps
    await pilot.press("r")
    await until(pilot, lambda: feed.sweeps > done)
    await pilot.pause()


async def test_a_row_tells_how_long_the_verdict_stands_and_how_long_the_look_took() -> None:
    times = [NOW + timedelta(seconds=3)]
    feed = FrozenFeed([read(incident())])
    app = OpsPortalApp(lambda _: feed, REQUEST, clock=lambda: times[-1])
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        assert rows(app)[2].split() == ["✗", "fail", "prometheus.url", "<1m", "0.10s"]
        times.append(NOW + timedelta(minutes=5))
        app.hand_out()
        assert rows(app)[2].split()[3] == "5m"


@pytest.mark.parametrize("height", [24, 20])
async def test_at_80_columns_a_row_tells_at_least_how_long_the_verdict_stands(height: int) -> None:
    app = dashboard(incident())
    async with app.run_test(size=(80, height)) as pilot:  # with 20 lines it has a scrollbar
        await until(pilot, lambda: "4 causes" in sentence(app))
        await until(pilot, lambda: rows(app)[1].split()[2:] == ["prometheus.route-prefix", "<1m"])


async def test_what_the_last_sweep_changed_is_marked_until_the_next() -> None:
    feed = FrozenFeed([read(incident())])
    app = app_on(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        assert not any("•" in row for row in rows(app))
        feed.readings = (read(healthy()),)
        await swept(pilot, app, feed)
        marked = [row.split("•")[1].split()[0] for row in rows(app) if "•" in row]
        assert "prometheus.url" in marked
        assert "prometheus.route-prefix" not in marked
        await swept(pilot, app, feed)
        assert not any("•" in row for row in rows(app))


async def test_the_logs_stand_beside_where_there_is_room_and_below_where_there_is_not() -> None:
    app = dashboard(incident())
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.pause()
        logs, prometheus = (
            app.screen.query_one(f"#{name}").region for name in ("logs", "prometheus")
        )
        assert logs.y == prometheus.y
        assert logs.height > 2 * prometheus.height
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        logs, database = (app.screen.query_one(f"#{name}").region for name in ("logs", "database"))
        assert (logs.y, logs.height) == (database.y, database.height)


async def test_y_copies_the_verdict_to_the_clipboard_and_to_a_file(tmp_path: Path) -> None:
    app = dashboard(incident())
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("y")
        await until(pilot, lambda: "clipboard" in " ".join(told(app)))
        kept = tmp_path / "opsportal-tui" / "copied.txt"
        assert app.clipboard == kept.read_text(encoding="utf-8")
        assert "PROMETHEUS_URL lacks the route prefix" in app.clipboard
        assert kept.stat().st_mode & 0o777 == 0o600
        assert str(kept) in "".join(told(app)).replace("\n", "")


async def test_a_folder_that_cannot_be_written_costs_the_file_only(tmp_path: Path) -> None:
    (tmp_path / "opsportal-tui").write_text("in the way")
    app = dashboard(incident())
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("y")
        await until(pilot, lambda: "clipboard" in " ".join(told(app)))
        assert "PROMETHEUS_URL" in app.clipboard
        assert "to the clipboard; not to" in " ".join(told(app))


async def test_a_disabled_key_says_why() -> None:
    app = dashboard(begun())
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: "2 of 14 checks" in sentence(app))
        await pilot.press("y")
        await until(pilot, lambda: bool(told(app)))
        assert "Nothing to copy yet: the first sweep has not ended." in told(app)[0]
        assert not app.screen.active_bindings["y"].enabled


async def test_another_target_starts_from_nothing_and_closes_the_way_before() -> None:
    feeds = {"prod": FrozenFeed([read(incident())]), "dev": FrozenFeed([read(healthy())])}
    app = OpsPortalApp(lambda request: feeds[request.profile.name], REQUEST, clock=lambda: NOW)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        app.switch(replace(REQUEST, profile=REQUEST.profile.model_copy(update={"name": "dev"})))
        await until(pilot, lambda: "Nothing is wrong" in sentence(app))
        await until(pilot, lambda: feeds["prod"].closed)
        assert not feeds["dev"].closed
        assert not any("•" in row for row in rows(app))


async def test_the_checklist_is_filtered_by_id_or_status() -> None:
    app = dashboard(incident())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("slash", *"FAIL", "enter")
        await pilot.pause()
        assert len(rows(app)) == 5
        assert all("✗ fail" in row for row in rows(app))
        assert app.screen.query_one(Checklist).border_title == "Checks with fail"
        await pilot.press("G", "enter")
        assert app.screen.query_one("#page").border_title == "db.constraints"
        await pilot.press("escape", "slash", *["backspace"] * 4, "enter")
        await pilot.pause()
        assert len(rows(app)) == 14


async def test_leaving_the_filter_leaves_everything_as_it_is() -> None:
    app = dashboard(incident())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("slash", "q", "escape")
        assert app.is_running
        assert len(rows(app)) == 14
        assert isinstance(app.focused, Checklist)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (110, 32), (120, 36), (170, 45), (200, 60)])
async def test_the_first_cause_shows_its_remedy_and_its_key_at_every_size(
    size: tuple[int, int],
) -> None:
    app = dashboard(incident())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.pause()
        panel = next(one for one in app.screen.query(CausesPanel) if one.region)
        told = str(panel.sheet.render()).split("\n")[: panel.content_size.height]
        assert any("f set-prometheus-url" in line for line in told)


def judged(**statuses: Status) -> Reading:
    """The incident, with the verdicts of these checks (`a__b` for `a.b`), all else passing."""
    reading = read(incident())
    wanted = {name.replace("__", "."): status for name, status in statuses.items()}
    results = tuple(
        replace(one, status=wanted.get(one.id, Status.PASS)) for one in reading.diagnosis.results
    )
    return replace(reading, diagnosis=replace(reading.diagnosis, results=results))


async def test_under_a_filter_the_cursor_keeps_to_its_check_whatever_a_sweep_brings() -> None:
    fail = Status.FAIL
    feed = FrozenFeed([judged(argocd__token=fail, db__migration=fail)])
    app = app_on(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("slash", *"fail", "enter")
        await pilot.pause()
        checklist = app.screen.query_one(Checklist)
        await pilot.press("j")
        assert checklist.at == "db.migration"
        feed.readings = (judged(prometheus__url=fail, db__migration=fail),)  # as many: others
        await swept(pilot, app, feed)
        assert [row.split()[2].lstrip("•") for row in rows(app)] == [
            "prometheus.url" if "prometheus" in row else "db.migration" for row in rows(app)
        ]
        assert checklist.at == "db.migration"
        feed.readings = (judged(prometheus__url=fail, argocd__token=fail, db__migration=fail),)
        await swept(pilot, app, feed)
        assert checklist.at == "db.migration"
        feed.readings = (judged(argocd__token=fail),)
        await swept(pilot, app, feed)
        assert (len(rows(app)), checklist.at) == (1, "argocd.token")
        feed.readings = (judged(),)
        await swept(pilot, app, feed)
        assert not rows(app)
        await pilot.press("j", "enter")
        assert app.is_running
        feed.readings = (judged(argocd__token=fail),)
        await swept(pilot, app, feed)
        await pilot.press("j", "enter")
        assert app.screen.query_one("#page").border_title == "argocd.token"


@pytest.mark.parametrize("width", range(76, 92, 3))
async def test_causes_that_fit_have_no_scrollbar_left_over(width: int) -> None:
    app = dashboard(incident())
    async with app.run_test(size=(width, 20)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("0", "j")  # overflows
        await pilot.resize_terminal(width, 24)
        await pilot.press("k", "escape")
        await pilot.pause()
        panel = app.screen.query_one("#causes-alone", CausesPanel)
        assert panel.sheet.size.height <= panel.content_size.height
        assert not panel.show_vertical_scrollbar


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36)])
async def test_a_sentence_that_is_too_long_keeps_its_end(size: tuple[int, int]) -> None:
    app = dashboard(incident())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        app.overview.tell(Status.FAIL, f"It begins{' and goes on' * 99} to http://it.ends/here.")
        await until(pilot, lambda: "It begins" in sentence(app) and "…" in sentence(app))
        await pilot.pause()
        widget = app.screen.query_one(Sentence)
        told = str(widget.render()).split("\n")
        assert len(told) == widget.content_size.height <= size[1] * 0.36
        assert "It begins" in told[0]
        assert sentence(app).endswith("to http://it.ends/here.")
        app.overview.tell(Status.FAIL, "It is short.")
        await until(pilot, lambda: sentence(app) == "✗ fail It is short.")


async def test_the_logs_tell_as_many_of_the_worst_as_there_is_room_for() -> None:
    app = dashboard(incident())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("4")
        await until(pilot, lambda: "ArgoCD configurat" in panel_text(app, "logs"))


async def test_the_token_counts_down_while_nothing_is_swept() -> None:
    times = [NOW + timedelta(seconds=3)]
    seen = worlds.argocd(token=worlds.token(expires_at=NOW + timedelta(hours=2)))
    feed = FrozenFeed([read(worlds.world(argocd=seen))])
    app = OpsPortalApp(lambda _: feed, REQUEST, clock=lambda: times[-1])
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "1 h 59 min left" in panel_text(app, "argocd"))
        await pilot.press("p")
        times.append(NOW + timedelta(minutes=61))
        app.hand_out()
        await until(pilot, lambda: "59 min left" in panel_text(app, "argocd"))
        times.append(NOW + timedelta(minutes=121))
        app.hand_out()
        await until(pilot, lambda: "expired 1 min" in panel_text(app, "argocd"))


async def test_what_was_chosen_is_opened_though_the_rows_are_others_by_now() -> None:
    feed = FrozenFeed([judged(argocd__token=Status.FAIL, db__migration=Status.FAIL)])
    app = app_on(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("slash", *"fail", "enter", "j")
        checklist = app.screen.query_one(Checklist)
        checklist.action_select()  # its message waits while the rows shrink
        checklist.rows = ()
        await pilot.pause()
        assert app.screen.query_one("#page").border_title == "db.migration"


async def test_a_prompt_keeps_what_one_types_while_the_terminal_is_resized() -> None:
    app = dashboard(incident())
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press("slash", "p")
        for size, letter in (((80, 24), "r"), ((50, 12), "o"), ((120, 36), "m")):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press(letter)
        prompt = app.screen.query_one(Prompt)
        assert (prompt.value, app.focused) == ("prom", prompt)
        await pilot.press("enter")
        await pilot.pause()
        assert {row.split()[2].partition(".")[0] for row in rows(app)} == {"prometheus"}

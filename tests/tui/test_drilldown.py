"""Drill-down: into a check, a pod, an Application, a table, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from probes.model import (
    ApplicationDetail,
    ApplicationRow,
    ConditionSeen,
    ContainerDetail,
    EventSeen,
    FailureKind,
    PodDetail,
    ResourceSeen,
    RevisionSeen,
    Snapshot,
    SourceSeen,
    ValueShown,
    VariableShown,
)
from tests.checks import worlds
from tests.tui.dashboards import NOW, FrozenFeed, app_on, denied, healthy, incident, read
from tests.tui.test_dashboard import until
from tests.tui.test_overview import swept, told
from tui.app import OpsPortalApp
from tui.feed import Reading
from tui.palette import pressed_commands
from tui.screens.application_detail import ApplicationDetailScreen
from tui.screens.check_detail import CheckDetailScreen
from tui.screens.objects import ObjectsScreen
from tui.screens.overview import OverviewScreen
from tui.screens.pod_detail import PodDetailScreen
from widgets.objects import Objects
from widgets.prompt import Prompt
from widgets.sheet import Sheet


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


POD = PodDetail(
    worlds.pod(),
    "node-1",
    (
        ContainerDetail(
            replace(worlds.pod().containers[0], restarts=2, last_reason="OOMKilled"),
            limits={"cpu": "500m", "memory": "256Mi"},
            probes={"liveness": "GET /health/live port http, after 60 s, every 10 s"},
        ),
    ),
    "ops-service",
    (
        VariableShown(ValueShown("DB_AUTO_MIGRATE", "true"), "ConfigMap ops-service-config",
                      ("ConfigMap wealist-shared-config",)),
        VariableShown(ValueShown("ARGOCD_TOKEN", "212 characters, print 1a2b3c4d", secret=True),
                      "Secret wealist-argocd-secret"),
    ),
    absent=("Secret wealist-other (optional)",),
    events=(EventSeen("Warning", "BackOff", "restarting [/] failed container", "Pod/x", 3, NOW),),
)  # fmt: skip

APPLICATION = ApplicationDetail(
    replace(
        worlds.application(),
        automated=True,
        self_heal=True,
        operation_phase="Failed",
        operation_message="one or more objects failed to apply",
        finished_at=NOW,
        conditions=(ConditionSeen("SyncError", "True", "", "no way"),),
    ),
    destination="namespace wealist-prod of in-cluster",
    operation_by="kim",
    sources=(
        SourceSeen(
            "https://git.example.com/wealist.git",
            "k8s/helm/charts/ops-service",
            "k8s-deploy-prod",
            "deadbeefcafe1234",
            parameters=(
                ValueShown("config.PROMETHEUS_URL", worlds.ORIGIN),
                ValueShown("config.SECRET_KEY", "8 characters, print 1a2b3c4d", secret=True),
            ),
        ),
    ),
    resources=(
        ResourceSeen("Service", "x", "ops-service", "Synced", "Healthy"),
        ResourceSeen("Deployment", "x", "ops-service", "OutOfSync", "Degraded", "no pods"),
    ),
    history=(RevisionSeen("7", "deadbeefcafe1234", NOW, "automated"),),
    images=("ops-service:135-bd070f7",),
    asked="get applications ops-service-prod in argocd",
    route="Kubernetes API",
)


@asynccontextmanager
async def dashboard(
    world: Snapshot | None = None, size: tuple[int, int] = (120, 60)
) -> AsyncIterator[tuple[OpsPortalApp, Pilot[None], FrozenFeed]]:
    feed = FrozenFeed([read(world or incident())])
    feed.pods[worlds.pod().name] = POD
    feed.applications["ops-service-prod"] = APPLICATION
    app = app_on(feed)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.reading.snapshot.finished)
        yield app, pilot, feed


def later(**changes: object) -> Reading:
    """A sweep that looked after the frozen looks on demand."""
    world = worlds.world(**changes)
    after = NOW + timedelta(seconds=1)
    assert world.workload is not None
    assert world.application is not None
    return read(
        replace(
            world,
            workload=replace(world.workload, started_at=after),
            application=replace(world.application, started_at=after),
        )
    )


def page(app: OpsPortalApp) -> str:
    sheets = app.screen.query(Sheet)
    return " ".join(str(sheets.first().render()).split()) if sheets else ""


async def test_a_check_tells_how_it_stood_and_how_to_see_it_by_hand() -> None:
    async with dashboard() as (app, pilot, feed):
        feed.readings = (read(healthy()),)
        await swept(pilot, app, feed)
        await swept(pilot, app, feed)
        await pilot.press("j", "j", "enter")
        assert isinstance(app.screen, CheckDetailScreen)
        last = page(app).split("The last sweeps")[1]
        assert last.index("✓ pass") < last.index("✗ fail")
        assert "2 sweeps" in last
        assert "kubectl -n wealist-prod get configmap ops-service-config" in page(app)
        await pilot.press("y")
        await until(pilot, lambda: "# PROMETHEUS_URL in its ConfigMap\nkubectl" in app.clipboard)
        await pilot.press("1")
        await until(pilot, lambda: app.clipboard.startswith("kubectl -n wealist-prod get config"))
        await pilot.press("9")
        await until(pilot, lambda: "commands." in " ".join(told(app)))


async def test_a_pod_tells_its_containers_environment_and_events_and_no_secret() -> None:
    async with dashboard() as (app, pilot, _):
        await pilot.press("o")
        assert isinstance(app.screen, ObjectsScreen)
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: "node-1" in page(app))
        for words in (
            "limits cpu 500m, memory 256Mi",
            "restarts ! warn 2, the last one: OOMKilled",
            "DB_AUTO_MIGRATE true beats ConfigMap wealist-shared-config",
            "ARGOCD_TOKEN 212 characters, print 1a2b3c4d",
            "Secret wealist-other (optional) ! warn is not there",
            "BackOff ×3 restarting [/] failed container",
            "liveness GET /health/live port http, after 60 s, every 10 s",
            f"✓ agrees PROMETHEUS_URL {worlds.ORIGIN} startup log, "
            "ConfigMap ops-service-config, Application ops-service-prod",
        ):
            assert words in page(app), words
        await pilot.press("escape", "escape")
        assert isinstance(app.screen, OverviewScreen)


async def test_an_application_tells_its_resources_conditions_and_history() -> None:
    async with dashboard() as (app, pilot, _):
        await pilot.press("2", "enter")
        await until(pilot, lambda: isinstance(app.screen, ObjectsScreen))
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: "resources" in page(app))
        told_page = page(app)
        assert told_page.index("Deployment/ops-service") < told_page.index("Service/ops-service ")
        assert "✗ Degraded Deployment/ops-service in x no pods" in told_page
        assert "Application/wealist-apps-prod, reverts live edits of it" in told_page
        assert "SyncError no way" in told_page
        assert "03:00:00 UTC deadbeefcafe by automated" in told_page


async def test_a_table_is_told_against_the_schema_that_is_wanted() -> None:
    async with dashboard() as (app, pilot, _):
        await pilot.press("3", "enter")
        await until(pilot, lambda: isinstance(app.screen, ObjectsScreen))
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: "constraints" in page(app))
        for words in (
            "✗ fail created_at timestamp with time zone missing",
            "! warn email text the migration makes it text not null",
            "✗ fail idx_portal_users_email unique missing",
            "! warn portal_users_email_key (email) unique not the migration's",
            "✗ fail portal_users_email_key unique (email) the migration drops uni_portal_users",
        ):
            assert words in page(app), words


async def test_while_it_looks_it_says_so_and_what_was_seen_stays() -> None:
    async with dashboard() as (app, pilot, feed):
        feed.answers.clear()
        await pilot.press("o", "enter")
        await until(pilot, lambda: page(app) == "… pending looking")
        feed.answers.set()
        await until(pilot, lambda: "looked 2026-01-06 03:00:00 UTC, took 0.12s" in page(app))
        feed.answers.clear()
        await pilot.press("r")
        await until(pilot, lambda: page(app).startswith("… pending looking again"))
        assert "node-1" in page(app)
        feed.answers.set()
        await until(pilot, lambda: page(app).startswith("looked"))


async def test_without_a_way_to_the_target_it_says_so() -> None:
    async with dashboard() as (app, pilot, _):
        app.push_screen(PodDetailScreen(lambda: None, "wealist-prod", "ops-service-1"))
        await until(pilot, lambda: "? unknown there is no way to the target now" in page(app))


async def test_what_the_sweeps_see_too_follows_them() -> None:
    async with dashboard() as (app, pilot, feed):
        await pilot.press("o", "enter")
        await until(pilot, lambda: "✓ pass Running, ready" in page(app))
        pods = (worlds.pod(ready=False),)
        feed.readings = (later(workload=worlds.workload(pods=pods)),)
        app.action_sweep()
        await until(pilot, lambda: "✗ fail Running, not ready" in page(app))
        assert "limits cpu 500m, memory 256Mi" in page(app)
        feed.readings = (later(workload=worlds.workload(pods=())),)
        app.action_sweep()
        await until(pilot, lambda: "the newest sweep sees no such pod any more" in page(app))


async def test_the_own_application_follows_the_sweeps() -> None:
    async with dashboard() as (app, pilot, feed):
        app.push_screen(
            ApplicationDetailScreen(lambda: app.looking.way, "argocd", "ops-service-prod")
        )
        await until(pilot, lambda: "sync ✓ Synced" in page(app))
        feed.readings = (later(application=worlds.application(sync="OutOfSync")),)
        app.action_sweep()
        await until(pilot, lambda: "sync ! OutOfSync" in page(app))
        assert "config.SECRET_KEY 8 characters" in page(app)


async def test_what_may_not_be_listed_says_why_and_leads_to_the_check_that_tells_all() -> None:
    async with dashboard(denied()) as (app, pilot, _):
        await pilot.press("o")
        await pilot.pause()
        listed = app.screen.query_one(Objects)
        kinds = [(row.kind, row.name, row.status.symbol) for row in listed.rows]
        assert kinds == [("pod", "", "?"), ("Application", "", "?"), ("table", "", "?")]
        assert all("may not get deployments.apps" in row.words for row in listed.rows)
        assert listed.border_subtitle == "0 of 0"
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(app.screen, CheckDetailScreen))
        assert "? unknown not asked: may not get deployments.apps ops-service" in page(app)


async def test_a_sheet_is_read_by_keyboard() -> None:
    async with dashboard(size=(80, 24)) as (app, pilot, _):
        await pilot.press("o", "enter")
        await until(pilot, lambda: "node-1" in page(app))
        room = app.screen.query_one("#page")
        end = room.max_scroll_y
        assert end > room.size.height
        for key, where in (
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("G", end), ("g", 0), ("end", end),
            ("ctrl+b", end - room.size.height + 1), ("home", 0), ("pagedown", room.size.height - 1),
        ):  # fmt: skip
            await pilot.press(key)
            await pilot.pause()
            assert (key, room.scroll_y) == (key, where)
        titles = {one.title for one in pressed_commands(app, app.screen)}
        assert {"sheet: look again", "sheet: scroll down", "sheet: back"} <= titles


async def test_what_cannot_be_seen_says_what_was_asked_and_is_looked_at_again() -> None:
    async with dashboard() as (app, pilot, feed):
        feed.pods[worlds.pod().name] = replace(
            worlds.failure(FailureKind.FORBIDDEN, "may not get pods ops-service-1"),
            asked="get pods ops-service-1 in wealist-prod",
        )
        await pilot.press("o")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: "may not get pods" in page(app))
        assert "asked get pods ops-service-1 in wealist-prod" in page(app)
        feed.pods[worlds.pod().name] = POD
        await pilot.press("r")
        await until(pilot, lambda: "node-1" in page(app))


async def test_the_list_is_filtered_by_a_part_of_the_name() -> None:
    async with dashboard() as (app, pilot, _):
        await pilot.press("o", "slash")
        app.screen.query_one(Prompt).value = "AUDIT"
        await pilot.press("enter")
        assert [row.name for row in app.screen.query_one(Objects).rows] == ["audit_logs"]
        await pilot.press("enter")
        await until(pilot, lambda: "the table is not there" in page(app))


async def test_objects_of_one_name_are_told_apart_by_their_namespace() -> None:
    twins = (
        ApplicationRow("shop", "argocd", "p", "Synced", "Healthy"),
        ApplicationRow("shop", "team-a", "p", "Synced", "Healthy"),
    )
    world = worlds.world(argocd=worlds.argocd(applications=twins))
    async with dashboard(world) as (app, pilot, _):
        await pilot.press("o")
        await pilot.pause()
        listed = app.screen.query_one(Objects)
        rows = [" ".join(str(one.prompt).split()) for one in listed.options]
        assert "✓ pass shop argocd Synced, Healthy" in rows
        assert "✓ pass shop team-a Synced, Healthy" in rows
        assert not any("portal_users wealist" in row for row in rows)
        await pilot.press("slash")
        app.screen.query_one(Prompt).value = "TEAM"
        await pilot.press("enter")
        assert [(row.namespace, row.name) for row in listed.rows] == [("team-a", "shop")]


async def test_a_look_that_breaks_off_is_not_told_as_going_on() -> None:
    async with dashboard() as (app, pilot, feed):
        app.push_screen(PodDetailScreen(lambda: app.looking.way, "wealist-prod", "unheard-of"))
        await until(pilot, lambda: "? unknown internal error" in page(app))
        assert "looking" not in page(app)
        feed.pods["unheard-of"] = POD
        await pilot.press("r")
        await until(pilot, lambda: "node-1" in page(app))
        assert "internal error" not in page(app)


async def test_the_prometheus_panel_leads_to_its_check_and_the_logs_panel_to_the_logs() -> None:
    async with dashboard() as (app, pilot, _):
        await pilot.press("1", "enter")
        await until(pilot, lambda: isinstance(app.screen, CheckDetailScreen))
        await pilot.press("escape", "4", "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "LogsScreen")

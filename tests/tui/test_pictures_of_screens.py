"""Every screen as a person sees it: one dashboard is walked through, and pictures are taken."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot
from textual.screen import Screen

from probes.model import ApplicationRow, CauseId, Level, PodLog, Snapshot, Status
from probes.profile import Profile
from remedies.history import Record
from remedies.model import (
    AwaitRollout,
    Field,
    ObjectRef,
    Outcome,
    OutcomeKind,
    PatchObject,
    Permission,
    Plan,
    Preflight,
    Progress,
    RemedyId,
    Risk,
    Step,
    StepOutcome,
    StepState,
)
from tests.checks import worlds
from tests.tui.dashboards import NOW, REQUEST, FrozenFeed, FrozenWay, healthy, incident, read
from tests.tui.test_dashboard import until
from tests.tui.test_drilldown import APPLICATION, POD, page
from tui.app import OpsPortalApp
from tui.choices import Choice, Kind, Offer
from tui.feed import FeedError, Publish
from tui.memory import Remembered
from tui.screens.arming import ArmingScreen
from tui.screens.journal import JournalScreen
from tui.screens.leaving import LeavingScreen
from tui.screens.plan import PlanScreen
from tui.screens.profiles import ProfilesScreen
from tui.screens.progress import ProgressScreen
from tui.screens.remedies import Offer as Way
from tui.screens.remedies import RemediesScreen
from widgets.objects import Objects

NARROW, WIDE = (80, 24), (120, 36)
_LIMIT_S = 20.0


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """This terminal and this person's files are no business of the pictures."""
    for name in ("NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


class Album:
    """Pictures of a running dashboard, compared with those that were looked at and kept."""

    def __init__(self, app: OpsPortalApp, pilot: Pilot[None], kept: SnapshotAssertion) -> None:
        self.app = app
        self.pilot = pilot
        self._kept = kept.use_extension(SVGImageExtension)
        self.others: list[str] = []
        """Names of the pictures that are not as those kept."""

    async def take(self, name: str, *sizes: tuple[int, int]) -> None:
        """A picture at each of these sizes."""
        for size in sizes:
            await self.pilot.resize_terminal(*size)
            whole = f"{name}-{size[0]}x{size[1]}"
            if await self._still() != self._kept(name=whole):
                self.others.append(whole)

    async def _still(self) -> str:
        """What stands on screen once nothing moves any more."""
        deadline = time.monotonic() + _LIMIT_S
        before, now = "", self._picture()
        while before != now:
            assert time.monotonic() < deadline, "it goes on moving"
            await self.pilot.pause()
            await self.pilot.wait_for_scheduled_animations()
            before, now = now, self._picture()
        return now

    def _picture(self) -> str:
        return self.app.export_screenshot(title="opsportal-tui", simplify=True)


class DroppedFeed(FrozenFeed):
    """Answers, until it is `dropped`."""

    dropped = False

    @asynccontextmanager
    async def open(self, note: Callable[[str], None]) -> AsyncIterator[FrozenWay]:
        yield DroppedWay(self)


class DroppedWay(FrozenWay):
    async def sweep(self, publish: Publish) -> None:
        if isinstance(self._feed, DroppedFeed) and self._feed.dropped:
            raise FeedError("the API server closed the connection")
        await super().sweep(publish)


@asynccontextmanager
async def album(
    kept: SnapshotAssertion,
    world: Snapshot,
    *,
    times: list[datetime] | None = None,
    sandbox: str | None = None,
) -> AsyncIterator[tuple[Album, DroppedFeed]]:
    """A dashboard that has looked once; `times` is its clock, the last of them now."""
    times = times or [NOW + timedelta(seconds=3)]
    feed = DroppedFeed([read(world)])
    feed.pods[worlds.pod().name] = POD
    feed.applications["ops-service-prod"] = APPLICATION
    request = replace(REQUEST, sandbox=sandbox)
    app = OpsPortalApp(lambda _: feed, request, clock=lambda: times[-1])
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.reading.snapshot.finished)
        opened = Album(app, pilot, kept)
        yield opened, feed
        assert opened.others == []


REF = ObjectRef("apis/argoproj.io/v1alpha1", "applications", "argocd", "ops-service-prod")
_URL = "/spec/source/helm/parameters/5/value"
_OLD = Field(_URL, worlds.ORIGIN)
_NEW = Field(_URL, worlds.ORIGIN + worlds.PREFIX)
PLAN = Plan(
    id="20260106-030000-aaaa",
    remedy=RemedyId.SET_PROMETHEUS_URL,
    profile="prod",
    namespace="wealist-prod",
    made_at=NOW,
    sentence=f"Set PROMETHEUS_URL to {worlds.ORIGIN}{worlds.PREFIX} in ops-service-prod",
    steps=(
        Step(
            id="edit",
            title="Set config.PROMETHEUS_URL of Application ops-service-prod",
            action=PatchObject(REF, (_OLD,), (_NEW,)),
            shell="kubectl -n argocd patch applications.argoproj.io ops-service-prod --type=json",
            limit_s=10,
            diff=(
                "--- a/parameters\n+++ b/parameters\n@@ -9,3 +9,3 @@\n"
                " - name: config.PROMETHEUS_URL\n"
                f"-  value: {worlds.ORIGIN}\n+  value: {worlds.ORIGIN}{worlds.PREFIX}"
            ),
            permissions=(Permission("kubernetes", "patch", "applications", namespace="argocd"),),
            undo=PatchObject(REF, (_NEW,), (_OLD,)),
        ),
        Step(
            id="wait",
            title="Wait for new pods",
            action=AwaitRollout(
                ObjectRef("apis/apps/v1", "deployments", "wealist-prod", "ops-service")
            ),
            shell="kubectl -n wealist-prod rollout status deployment/ops-service",
            limit_s=300,
            risk=Risk.RESTART,
        ),
    ),
    causes=(CauseId.PROMETHEUS_URL_MISSING_PREFIX,),
    warnings=("Application wealist-apps-prod reverts this, usually within seconds.",),
    durable="--- a/ops-service.yaml\n+++ b/ops-service.yaml\n-value: old\n+value: new",
)
DONE = StepOutcome("edit", StepState.DONE, "patched applications.argoproj.io/ops-service-prod")
RECORDS = (
    Record("a", NOW - timedelta(days=1), "kim from 10.0.0.7", "prod", "restart-workload",
           "Restart Deployment ops-service.", "applied and verified", steps=(DONE,)),
    Record("b", NOW, "kim from 10.0.0.7", "prod", "set-prometheus-url", PLAN.sentence,
           under_way="wait", steps=(DONE,), plan=PLAN),
)  # fmt: skip
OFFER = Offer(
    (
        Choice(Kind.PROFILE, "prod", REQUEST.profile),
        Choice(
            Kind.PROFILE,
            "dev",
            Profile(name="dev", namespace="wealist-dev"),
            known=Remembered(
                NOW - timedelta(days=2),
                NOW - timedelta(minutes=20),
                Status.PASS,
                "Nothing is wrong.",
            ),
        ),
        Choice(Kind.CONTEXT, "old", trouble="the context names a cluster that is not there"),
        Choice(Kind.SANDBOX, "healthy", told="Everything works"),
    )
)
_ORDINARY = (NARROW, WIDE)


async def opened_and_left(
    book: Album, name: str, screen: Screen[Any], *sizes: tuple[int, int]
) -> None:
    """A picture of a screen in front of what stands there, and back."""
    book.app.push_screen(screen)
    await book.pilot.pause()
    await book.take(name, *sizes)
    await book.pilot.press("escape")


async def drilled_down(book: Album, *sizes: tuple[int, int]) -> None:
    """Into the logs, and into one thing of each kind."""
    pilot = book.pilot
    await pilot.press("L")
    await book.take("logs", *sizes)
    await pilot.press("slash", *"token")
    await book.take("searching", *sizes)
    await pilot.press("escape")
    await pilot.press("enter")
    await book.take("log-line", *sizes)
    await pilot.press("escape", "question_mark")
    await book.take("help", *sizes)
    await pilot.press("escape", "escape", "o")
    await book.take("objects", *sizes)
    for kind, words in (("pod", "node-1"), ("Application", "resources"), ("table", "constraints")):
        book.app.screen.query_one(Objects).go_to(kind)
        await pilot.press("enter")
        await until(pilot, lambda words=words: words in page(book.app))  # type: ignore[misc]
        await book.take(kind, *sizes)
        await pilot.press("escape")
    await pilot.press("escape")


async def acted(book: Album, *sizes: tuple[int, int]) -> None:
    """The dialogs of acting, and the other targets."""
    app, pilot = book.app, book.pilot
    profiles = ProfilesScreen(REQUEST, lambda: NOW)
    app.push_screen(profiles)
    await pilot.pause()
    profiles.offer = OFFER
    await book.take("profiles", *sizes)
    await pilot.press("escape")
    cause = app.reading.diagnosis.roots[0]
    ways = tuple(Way(one, f"Title of {one}") for one in (*cause.remedies, "sync-application"))
    await opened_and_left(book, "remedies", RemediesScreen(cause, ways), *sizes)
    await opened_and_left(book, "arming", ArmingScreen("prod", "wealist-prod"), *sizes)
    await opened_and_left(book, "leaving", LeavingScreen(), *sizes)
    await opened_and_left(book, "journal", JournalScreen(RECORDS, RECORDS[1:]), *sizes)
    plan = PlanScreen("planning")
    app.push_screen(plan)
    plan.post_message(PlanScreen.Made(PLAN, Preflight(), True))
    await pilot.pause()
    await book.take("plan", *sizes)
    await pilot.press("escape")
    progress = ProgressScreen(PLAN)
    app.push_screen(progress)
    progress.post_message(ProgressScreen.Told(Progress("edit", StepState.DONE, "patched it")))
    progress.post_message(ProgressScreen.Told(Progress("wait", StepState.RUNNING, "1 of 2 pods")))
    await pilot.pause()
    await book.take("progress", *sizes)
    told = Outcome(OutcomeKind.FAILED, "the pods did not come up in time", (DONE,), "the new value")
    progress.post_message(ProgressScreen.Ended(told))
    await pilot.pause()
    await book.take("outcome", *sizes)
    await pilot.press("escape")


async def test_what_one_looks_into(snapshot: SnapshotAssertion) -> None:
    async with album(snapshot, incident()) as (book, _):
        await drilled_down(book, *_ORDINARY)


async def test_what_one_is_asked(snapshot: SnapshotAssertion) -> None:
    async with album(snapshot, incident()) as (book, _):
        await acted(book, *_ORDINARY)


async def test_all_of_it_without_colour(
    snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with album(snapshot, incident()) as (book, _):
        await book.pilot.press("j", "j", "enter")
        await book.take("check", NARROW)
        await book.pilot.press("escape")
        await drilled_down(book, NARROW)
        await acted(book, NARROW)


async def test_how_the_looking_stands(snapshot: SnapshotAssertion) -> None:
    times = [NOW + timedelta(seconds=3)]
    async with album(snapshot, incident(), times=times) as (book, feed):
        await book.pilot.press("p")
        await book.take("paused", NARROW)
        await book.pilot.press("p")
        times.append(NOW + timedelta(minutes=12))
        book.app.hand_out()
        await book.take("stale", *_ORDINARY)
        feed.dropped = True
        await book.pilot.press("r")
        await until(book.pilot, lambda: book.app.looking.standing.disconnected)
        await book.take("disconnected", *_ORDINARY)


async def test_armed(snapshot: SnapshotAssertion) -> None:
    async with album(snapshot, incident(), sandbox="incident-v11") as (book, _):
        await book.take("armed", *_ORDINARY)


def crowded() -> Snapshot:
    """40 Applications, 12 pods, and a token without an end."""
    states = (("Synced", "Healthy"), ("OutOfSync", "Degraded"), ("Unknown", "Progressing"))
    rows = tuple(
        ApplicationRow(f"service-{n:02}-prod", "argocd", "wealist-prod", *states[n % 7 % 3])
        for n in range(40)
    )
    pods = tuple(worlds.pod(name=f"ops-service-7d9f5c-{n:05}", ready=n % 5 != 4) for n in range(12))
    return worlds.world(
        argocd=worlds.argocd(applications=rows, token=worlds.token(expires_at=None)),
        workload=worlds.workload(
            controller=worlds.controller(desired=12, ready=10, updated=12, available=10), pods=pods
        ),
    )


def long_names() -> Snapshot:
    """Names and addresses as long as they may be, and messages in Korean."""
    name = "ops-service-" + "of-a-very-long-named-team-" * 7
    url = f"http://prometheus.{'monitoring-of-everything-' * 4}.svc.cluster.local:9090"
    settings = dict(worlds.SETTINGS) | {"PROMETHEUS_URL": url}
    healthy_row = ApplicationRow("", "argocd", "wealist-prod", "Synced", "Healthy")
    told = (
        worlds.line(Level.ERROR, "데이터베이스 연결에 실패했습니다: 시간이 초과되었습니다"),
        worlds.line(Level.WARN, "ArgoCD 클라이언트가 설정되지 않았습니다", 서비스="운영 포털"),
    )
    return worlds.world(
        workload=worlds.workload(
            environment=worlds.environment(settings), pods=(worlds.pod(name=name[:63]),)
        ),
        application=worlds.application(name=name, parameters={"config.PROMETHEUS_URL": url}),
        prometheus=worlds.without_prefix(),
        argocd=worlds.argocd(applications=(replace(healthy_row, name=name),)),
        logs=replace(worlds.logs(), pods=(PodLog(name[:63], "ops-service", told, told),)),
    )


def bare() -> Snapshot:
    """Nothing was ever migrated."""
    return replace(healthy(), database=worlds.world(database=worlds.database(tables=())).database)


@pytest.mark.parametrize("world", [crowded, long_names, bare], ids=lambda one: one.__name__)
async def test_odd_worlds(snapshot: SnapshotAssertion, world: Callable[[], Snapshot]) -> None:
    async with album(snapshot, world()) as (book, _):
        await book.take("overview", *_ORDINARY)
        await book.pilot.press("o")
        await book.take("objects", NARROW)
        await book.pilot.press("escape")
        for key in "1234":
            await book.pilot.press(key)
            await book.take(f"panel-{key}", NARROW)

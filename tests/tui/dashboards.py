"""Dashboards on worlds that stand still: frozen readings, a frozen clock, no machine's name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from probes.diagnosis import diagnose
from probes.model import (
    ApplicationDetail,
    ApplicationRow,
    ColumnSeen,
    ConstraintSeen,
    Failure,
    FailureKind,
    IndexSeen,
    Level,
    LogLine,
    Observation,
    PodDetail,
    RatesSeen,
    ScrapesSeen,
    Snapshot,
    TableSeen,
)
from probes.profile import Profile
from remedies.model import Refusal, RefusedError
from tests.checks import worlds
from tui.acting import Session, WhyNot
from tui.app import OpsPortalApp
from tui.feed import Feed, FeedError, Note, Publish, Reading
from tui.target import Request

NOW = worlds.NOW
REQUEST = Request(Profile(name="prod", namespace="wealist-prod"))


class FrozenFeed:
    """Gives the same readings on every sweep, and counts the sweeps."""

    def __init__(self, readings: Iterable[Reading]) -> None:
        self.readings = tuple(readings)
        self.sweeps = 0
        self.closed = False
        self.pods: dict[str, PodDetail | Failure] = {}
        self.applications: dict[str, ApplicationDetail | Failure] = {}
        self.answers = asyncio.Event()
        """While it is not set, looks on demand wait."""
        self.answers.set()
        self.lines: asyncio.Queue[tuple[LogLine, ...]] = asyncio.Queue()
        """What the pods go on to log; a test puts it there."""
        self.gaps: dict[str, Failure] = {}
        self.hands: Callable[[WhyNot], Session] | None = None
        """Makes the session that acts; without it nothing can."""

    @asynccontextmanager
    async def open(self, note: Note) -> AsyncIterator[FrozenWay]:
        note("starting")
        try:
            yield FrozenWay(self)
        finally:
            self.closed = True


class FrozenWay:
    """The way to what a frozen feed holds."""

    def __init__(self, feed: FrozenFeed) -> None:
        self._feed = feed

    async def session(self, why_not: WhyNot) -> Session:
        if self._feed.hands is None:
            raise RefusedError(Refusal.NOT_APPLICABLE, "a frozen world cannot be changed")
        return self._feed.hands(why_not)

    async def pod(self, namespace: str, name: str) -> Observation[PodDetail]:
        await self._feed.answers.wait()
        return Observation(self._feed.pods[name], NOW, 0.12)

    async def application(self, namespace: str, name: str) -> Observation[ApplicationDetail]:
        await self._feed.answers.wait()
        return Observation(self._feed.applications[name], NOW, 0.12)

    async def follow(self) -> AsyncIterator[tuple[LogLine, ...]]:
        while True:
            yield await self._feed.lines.get()

    def unfollowed(self) -> dict[str, Failure]:
        return self._feed.gaps

    async def sweep(self, publish: Publish) -> None:
        self._feed.sweeps += 1
        for reading in self._feed.readings:
            publish(reading)


class SilentFeed:
    """Opens, and never answers."""

    @asynccontextmanager
    async def open(self, note: Note) -> AsyncIterator[SilentWay]:
        note("starting sandbox incident-v11")
        yield SilentWay(FrozenFeed([]))


class SilentWay(FrozenWay):
    """A way on which nothing comes."""

    async def sweep(self, publish: Publish) -> None:
        await asyncio.Event().wait()


class BrokenFeed:
    """Cannot be opened, until it is mended."""

    def __init__(self, sentence: str, reading: Reading) -> None:
        self.sentence = sentence
        self.reading = reading
        self.mended = False

    @asynccontextmanager
    async def open(self, note: Note) -> AsyncIterator[FrozenWay]:
        if not self.mended:
            raise FeedError(self.sentence)
        yield FrozenWay(FrozenFeed([self.reading]))


def read(snapshot: Snapshot) -> Reading:
    return Reading(snapshot, diagnose(snapshot))


def dashboard(*snapshots: Snapshot, sandbox: str | None = None) -> OpsPortalApp:
    """A dashboard on these snapshots, one after another in the first sweep."""
    return app_on(FrozenFeed(read(one) for one in snapshots), sandbox)


def app_on(feed: Feed, sandbox: str | None = None, interval_s: float = 15) -> OpsPortalApp:
    # Not validated: a test may be quicker than a profile.
    profile = REQUEST.profile.model_copy(update={"interval_s": interval_s})
    request = replace(REQUEST, profile=profile, sandbox=sandbox)
    return OpsPortalApp(lambda _: feed, request, clock=lambda: NOW + timedelta(seconds=3))


def _index(name: str, *columns: str) -> IndexSeen:
    return IndexSeen(name, columns, unique=True)


def incident() -> Snapshot:
    """The incident: four causes."""
    settings = dict(worlds.SETTINGS) | {"PROMETHEUS_URL": worlds.ORIGIN, "DB_AUTO_MIGRATE": "false"}
    del settings["ARGOCD_TOKEN"]
    users = TableSeen(
        "portal_users",
        "wealist_admin",
        True,
        tuple(ColumnSeen(name, "text", False) for name in ("id", "email", "name", "role")),
        (_index("portal_users_email_key", "email"),),
        (ConstraintSeen("portal_users_email_key", "u", ("email",)),),
    )
    return worlds.world(
        workload=worlds.workload(
            environment=worlds.environment(settings),
            startup=worlds.startup(
                prometheus_url=worlds.ORIGIN, argocd_configured=False, migration="disabled"
            ),
        ),
        application=worlds.application(
            parameters={"config.PROMETHEUS_URL": worlds.ORIGIN, "image.tag": "120-4825a4e"}
        ),
        prometheus=replace(
            worlds.without_prefix(),
            traffic=worlds.traffic(182_043),
            scrapes=_scrapes(),
            rates=_rates(),
        ),
        argocd=worlds.argocd(
            token=None, userinfo=None, logged_in=None, can_i=None, may_list=None,
            list_answer=None, applications=None, holders=(),
        ),
        database=worlds.database(tables=(users,)),
        logs=worlds.logs(*_incident_lines()),
        portal=worlds.portal(
            overview=worlds.ZERO,
            queries=tuple(replace(worlds.query(None), answer=worlds.NOT_FOUND) for _ in range(4)),
            config_active=worlds.reply(500),
        ),
    )  # fmt: skip


def _scrapes(*, well: bool = False) -> ScrapesSeen:
    """Sixteen jobs; where it is not well two of them are down, one wholly and one in part."""
    up = ("argo-rollouts", "argocd-repo-server", "argocd-server", "auth-service", "board", "chat")
    more = ("istiod", "kube-state-metrics", "kubernetes-pods", "noti", "prometheus", "storage")
    last = ("kubelet-cadvisor", "node-exporter")
    down = (worlds.job("envoy-stats", 10 if well else 8, 10), worlds.job("redis-exporter", well))
    return worlds.scrapes(*(worlds.job(name) for name in (*up, *more, *last)), *down)


def _rates(*, well: bool = False) -> RatesSeen:
    """An hour of seven services: waves; where it is not well, errors and one that fell silent."""
    wave = [1 + abs(step % 20 - 10) / 8 for step in range(31)]
    names = ("board", "chat", "user", "noti", "auth", "storage")
    per_second = (44.2, 37.1, 31.1, 26.1, 22.1, 20.1)
    shares = (0.045, 0.0, 0.0 if well else 2.4, 0.0, 0.0 if well else 0.3, 0.0)
    moving = [
        worlds.service(f"{name}-service", rate, share, wave[-place:] + wave[:-place])
        for place, (name, rate, share) in enumerate(zip(names, per_second, shares, strict=True))
    ]
    ended: list[float | None] = [1.0] * 20 + [None] * 11
    return worlds.rates(*moving, worlds.service("ops-service", 18.0, 0.0, wave if well else ended))


def _incident_lines() -> list[LogLine]:
    error = "failed to query recent errors: prometheus query failed: 404 page not found"
    told: tuple[tuple[Level, str, dict[str, str]], ...] = (
        (Level.WARN, "ArgoCD configuration incomplete, ArgoCD features disabled", {}),
        (Level.WARN, "ArgoCD client not configured", {}),
        (Level.WARN, "ArgoCD client not configured", {}),
        (Level.WARN, "Redis connection failed", {"error": "EOF"}),
        (Level.ERROR, "Failed to get recent errors", {"error": error}),
        (Level.INFO, "Database auto-migration disabled (DB_AUTO_MIGRATE=false)", {}),
    )
    return [worlds.line(level, message, **fields) for level, message, fields in told]


def healthy() -> Snapshot:
    """Nothing is wrong."""
    names = ("auth-service", "board-service", "ops-portal", "ops-service", "wealist-monitoring")
    rows = tuple(
        ApplicationRow(f"{name}-prod", "argocd", "wealist-prod", "Synced", "Healthy")
        for name in names
    )
    return worlds.world(
        argocd=worlds.argocd(applications=rows, username="portal"),
        prometheus=worlds.prometheus(scrapes=_scrapes(well=True), rates=_rates(well=True)),
    )


def unseen() -> Snapshot:
    """Nothing could be looked at: the API server cannot be reached."""
    failure = replace(
        worlds.failure(FailureKind.REFUSED, "https://10.0.0.1:6443 refuses the connection"),
        asked="GET /apis/apps/v1/namespaces/wealist-prod/deployments/ops-service",
    )
    return _hidden_behind(failure)


def denied() -> Snapshot:
    """Nothing may be looked at: the credentials are good for nothing in this namespace."""
    failure = replace(
        worlds.failure(
            FailureKind.FORBIDDEN,
            "may not get deployments.apps ops-service in namespace wealist-prod: "
            'deployments.apps "ops-service" is forbidden: User "nobody" cannot get resource',
            code="Forbidden",
        ),
        asked="get deployments ops-service in wealist-prod",
    )
    return _hidden_behind(failure)


def _hidden_behind(failure: Failure) -> Snapshot:
    """The workload could not be seen, so that nothing else was asked."""
    after = replace(
        failure, kind=FailureKind.UNAVAILABLE, sentence=f"not asked: {failure.sentence}"
    )
    sources = ("application", "prometheus", "argocd", "database", "logs", "portal")
    return worlds.world(workload=failure, **dict.fromkeys(sources, after))


def begun() -> Snapshot:
    """A first sweep under way: the workload has answered, nothing else."""
    waiting: Sequence[str] = ("application", "prometheus", "argocd", "database", "logs", "portal")
    nothing: dict[str, Any] = dict.fromkeys(waiting)
    return replace(healthy(), finished_at=None, **nothing)

"""Snapshots to judge: a healthy world, and the one deviation each test makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import SecretStr

from probes.checks.schema import WANTED
from probes.model import (
    ApplicationRow,
    ApplicationSeen,
    ArgoCDSeen,
    ConnectionSeen,
    ConstraintSeen,
    ContainerSeen,
    ControllerSeen,
    DatabaseSeen,
    DsnSeen,
    EnvironmentSeen,
    EnvOrigin,
    EnvReference,
    EnvVar,
    Failure,
    FailureKind,
    IndexSeen,
    JobSeen,
    Level,
    LogLine,
    LogsSeen,
    Observation,
    OverviewNumbers,
    PodLog,
    PodSeen,
    PortalSeen,
    PrefixCandidate,
    PrometheusSeen,
    QuerySeen,
    RatesSeen,
    Reply,
    ScrapesSeen,
    ServiceRates,
    Snapshot,
    StartupSeen,
    TableSeen,
    TokenSeen,
    TrafficSeen,
    WorkloadSeen,
)

NOW = datetime(2026, 1, 6, 3, 0, tzinfo=UTC)
ORIGIN = "http://prometheus.wealist-prod.svc.cluster.local:9090"
PREFIX = "/api/monitoring/prometheus"
NAMESPACE = "wealist-prod"

Seen = TypeVar("Seen")


def observed(seen: Seen) -> Observation[Seen]:
    return Observation(seen, NOW, 0.1)


def failure(kind: FailureKind, sentence: str = "it failed", code: str = "") -> Failure:
    return Failure(kind, sentence, asked="GET x", route="direct", code=code)


def reply(status: int, content_type: str = "application/json", excerpt: str = "") -> Reply:
    return Reply("GET x", "direct", status, content_type, excerpt)


NOT_FOUND = reply(404, "text/plain; charset=utf-8", "404 page not found")


def variables(**values: str) -> dict[str, EnvVar]:
    secrets = ("ARGOCD_TOKEN", "DB_PASSWORD")
    return {
        name: EnvVar(
            name,
            SecretStr(value),
            EnvOrigin("Secret", "wealist-shared-secret", name)
            if name in secrets
            else EnvOrigin("ConfigMap", "ops-service-config", name),
        )
        for name, value in values.items()
    }


SETTINGS: Mapping[str, str] = {
    "PROMETHEUS_URL": ORIGIN + PREFIX,
    "PROMETHEUS_NAMESPACE": NAMESPACE,
    "LOKI_URL": "http://loki.wealist-prod.svc.cluster.local:3100",
    "DB_AUTO_MIGRATE": "true",
    "K8S_IN_CLUSTER": "true",
    "ARGOCD_TOKEN": "a.b.c",
    "DB_PASSWORD": "secret",
    "DB_HOST": "db",
}


def environment(settings: Mapping[str, str] = SETTINGS) -> EnvironmentSeen:
    references = (
        EnvReference("ConfigMap", "ops-service-config", False, "read"),
        EnvReference("Secret", "wealist-shared-secret", False, "read"),
        EnvReference("Secret", "wealist-argocd-secret", True, "read"),
    )
    return EnvironmentSeen("ops-service-1", "ops-service", variables(**settings), references)


def startup(**changes: object) -> StartupSeen:
    told = StartupSeen(
        pod="ops-service-1",
        prometheus_url=ORIGIN + PREFIX,
        prometheus_namespace=NAMESPACE,
        prometheus_configured=True,
        argocd_configured=True,
        loki_configured=True,
        migration="completed",
        kube_client=True,
    )
    return replace(told, **changes)  # type: ignore[arg-type]  # names are checked at run time


def pod(**changes: object) -> PodSeen:
    container = ContainerSeen("ops-service", ready=True, state="running", started_at=NOW)
    one = PodSeen("ops-service-1", NAMESPACE, "Running", True, NOW, containers=(container,))
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


def controller(**changes: object) -> ControllerSeen:
    one = ControllerSeen("Deployment", "ops-service", 1, 1, 1, 1, True)
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


def workload(**changes: object) -> WorkloadSeen:
    one = WorkloadSeen(NAMESPACE, "ops-service", controller(), (pod(),), environment(), startup())
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


def application(**changes: object) -> ApplicationSeen:
    one = ApplicationSeen(
        "ops-service-prod",
        "argocd",
        "wealist-prod",
        "Synced",
        "Healthy",
        parameters={"config.PROMETHEUS_URL": ORIGIN + PREFIX, "image.tag": "1"},
        owner="Application/wealist-apps-prod",
        owner_self_heals=True,
        source="GET application",
    )
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


def query(value: float | None, by: Mapping[str, float] | None = None) -> QuerySeen:
    return QuerySeen("q", reply(200), value, 0 if value is None else 1, by or {})


def traffic(requests: float | None = 5000, by: Mapping[str, float] | None = None) -> TrafficSeen:
    return TrafficSeen(query(requests), query(1, {NAMESPACE: 42} if by is None else by))


def job(name: str, up: int = 1, targets: int = 1) -> JobSeen:
    return JobSeen(name, up, targets)


def scrapes(*jobs: JobSeen) -> ScrapesSeen:
    """These jobs; those of a healthy cluster where none is given."""
    names = ("argocd-server", "envoy-stats", "kube-state-metrics", "node-exporter", "prometheus")
    listed = jobs or tuple(job(name) for name in names)
    return ScrapesSeen(
        query(1, {one.name: one.up for one in listed}),
        query(1, {one.name: one.targets for one in listed}),
    )


def service(
    name: str, rate: float, share: float = 0.0, shape: Sequence[float | None] = (1.0,) * 31
) -> ServiceRates:
    """A service with `rate` times that shape of traffic; `share` percent of it fails."""
    requests = tuple(None if one is None else rate * one for one in shape)
    failures = tuple(None if one is None else one * share / 100 for one in requests)
    return ServiceRates(name, requests, failures)


def rates(*services: ServiceRates, **changes: object) -> RatesSeen:
    """These services; two quiet ones where none is given."""
    listed = services or (service("board-service", 44.2, 0.045), service("ops-service", 1.2))
    one = RatesSeen(NAMESPACE, reply(200), reply(200), listed)
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


def candidate(prefix: str = PREFIX, status: int = 200) -> PrefixCandidate:
    return PrefixCandidate(prefix, ("GET / redirects there",), reply(status), reply(status))


def prometheus(**changes: object) -> PrometheusSeen:
    one = PrometheusSeen(
        url=ORIGIN + PREFIX,
        url_source="ConfigMap ops-service-config",
        origin=ORIGIN,
        root=Reply("GET /", "direct", 302, "text/html", "", PREFIX),
        url_query=reply(200),
        candidates=(candidate(),),
        ready=reply(200, "text/plain", "Prometheus Server is Ready."),
        version="2.55.1",
        traffic=traffic(),
        scrapes=scrapes(),
        rates=rates(),
    )
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


def without_prefix() -> PrometheusSeen:
    """What is seen when PROMETHEUS_URL lacks the prefix."""
    return prometheus(url=ORIGIN, url_query=NOT_FOUND)


def token(**changes: object) -> TokenSeen:
    one = TokenSeen(True, "portal:apiKey", "account", "portal", expires_at=NOW + timedelta(days=30))
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


def argocd(**changes: object) -> ArgoCDSeen:
    one = ArgoCDSeen(
        url="http://argocd-server.argocd.svc.cluster.local",
        url_source="ConfigMap ops-service-config",
        insecure=False,
        token=token(),
        version_answer=reply(200),
        version="v2.10.1",
        userinfo=reply(200),
        logged_in=True,
        can_i=reply(200),
        may_list=True,
        list_answer=reply(200),
        applications=(ApplicationRow("a", "argocd", "p", "Synced", "Healthy"),),
    )
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


def table(name: str) -> TableSeen:
    wanted = WANTED[name]
    unique = f"idx_{name}_{wanted.unique}"
    return TableSeen(
        name,
        "wealist_admin",
        True,
        tuple(wanted.columns.values()),
        tuple(IndexSeen(index, (), unique=index == unique) for index in wanted.indexes),
    )


def hand_made_users() -> TableSeen:
    """`portal_users` made by hand with an inline UNIQUE."""
    return replace(
        table("portal_users"),
        indexes=(IndexSeen("portal_users_email_key", ("email",), unique=True),),
        constraints=(ConstraintSeen("portal_users_email_key", "u", ("email",)),),
    )


def database(**changes: object) -> DatabaseSeen:
    one = DatabaseSeen(
        DsnSeen("db", 5432, "wealist_admin", "ops_db", "require", True),
        "direct",
        ConnectionSeen("17.7", "wealist_admin", "ops_db", "TLSv1.3", True),
        tuple(table(name) for name in WANTED),
    )
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


def line(level: Level, message: str, **fields: str) -> LogLine:
    return LogLine("ops-service-1", NOW, level, message, message, fields)


def logs(*lines: LogLine) -> LogsSeen:
    quiet = line(Level.INFO, "Request completed", **{"http.target": "/api/monitoring/errors/x"})
    return LogsSeen((PodLog("ops-service-1", "ops-service", (quiet,), lines),))


def portal(**changes: object) -> PortalSeen:
    one = PortalSeen(
        by_api=False,
        health=reply(200),
        config_active=reply(200),
        overview=OverviewNumbers(5000, 12, 0.1, 7),
        queries=(query(5000), query(12), query(0.1), query(7)),
    )
    return replace(one, **changes)  # type: ignore[arg-type]  # names are checked at run time


ZERO = OverviewNumbers(0, 0, 0, 0)


def world(**changes: object) -> Snapshot:
    """The healthy world with some sources replaced: a seen thing or a `Failure` each."""
    seen: dict[str, object] = {
        "workload": workload(),
        "application": application(),
        "prometheus": prometheus(),
        "argocd": argocd(),
        "database": database(),
        "logs": logs(),
        "portal": portal(),
    } | changes
    observations = {name: observed(value) for name, value in seen.items()}
    return Snapshot(
        "default",
        NAMESPACE,
        "ops-service",
        NOW,
        NOW,
        **observations,  # type: ignore[arg-type]  # each under its own source's name
    )

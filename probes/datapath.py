"""The data path: portal → ops-service → Prometheus, Argo CD, PostgreSQL, and what crosses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from probes import catalogue
from probes.checks.schema import WANTED
from probes.model import (
    Answer,
    ArgoCDSeen,
    CauseId,
    CheckId,
    CheckResult,
    DatabaseSeen,
    Failure,
    Observation,
    PathEdge,
    PortalSeen,
    PrometheusSeen,
    Reply,
    Snapshot,
    worst,
)

_PORTAL = (CheckId.PORTAL_METRICS,)
_PROMETHEUS = (CheckId.PROMETHEUS_URL, CheckId.PROMETHEUS_READY)
_ARGOCD = (CheckId.ARGOCD_TOKEN, CheckId.ARGOCD_SERVER)
_POSTGRESQL = (CheckId.DB_CONNECTION, CheckId.DB_MIGRATION, CheckId.DB_CONSTRAINTS)


def data_path(snapshot: Snapshot, results: tuple[CheckResult, ...]) -> tuple[PathEdge, ...]:
    """The four edges. An edge stands as the worst of its checks; `results` are those of all."""
    by_id = {result.id: result for result in results}

    def edge(source: str, target: str, checks: tuple[CheckId, ...], label: str) -> PathEdge:
        return PathEdge(source, target, worst(by_id[check].status for check in checks), label)

    zero_is_true = any(
        cause.id is CauseId.PROMETHEUS_NO_TRAFFIC for cause in by_id[CheckId.PORTAL_METRICS].causes
    )
    portal = _label(snapshot.portal, _portal)
    if zero_is_true:
        portal = catalogue.edge("portal.zero-true", {})
    return (
        edge("portal", "ops-service", _PORTAL, portal),
        edge("ops-service", "Prometheus", _PROMETHEUS, _label(snapshot.prometheus, _prometheus)),
        edge("ops-service", "Argo CD", _ARGOCD, _label(snapshot.argocd, _argocd)),
        edge("ops-service", "PostgreSQL", _POSTGRESQL, _label(snapshot.database, _database)),
    )


def _label(observation: Observation[Any] | None, told: Callable[[Any], str]) -> str:
    if observation is None:
        return catalogue.edge("pending", {})
    if isinstance(observation.seen, Failure):
        return _failed(observation.seen)
    return told(observation.seen)


def _failed(failure: Failure) -> str:
    return catalogue.edge("failure", {"kind": failure.kind.value})


def _answered(answer: Answer | None) -> str:
    if answer is None:
        return catalogue.edge("unseen", {})
    if isinstance(answer, Failure):
        return _failed(answer)
    return catalogue.edge("status", {"status": str(answer.status)})


def _portal(seen: PortalSeen) -> str:
    if seen.overview is None:
        return _answered(seen.overview_answer or seen.health)
    if seen.overview.all_zero:
        return catalogue.edge("portal.zero", {})
    values = {"requests": f"{seen.overview.total_requests:.0f}"}
    return catalogue.edge("portal.numbers", values)


def _prometheus(seen: PrometheusSeen) -> str:
    if seen.url is None:
        return catalogue.edge("prometheus.unset", {})
    if seen.malformed:
        return catalogue.edge("prometheus.malformed", {})
    answer = seen.url_query
    if isinstance(answer, Reply) and answer.status == 200 and answer.is_json:
        return catalogue.edge("prometheus.answers", {})
    return _answered(answer)


def _argocd(seen: ArgoCDSeen) -> str:
    version = seen.version_answer
    if isinstance(version, Failure):
        return _failed(version)
    if version is not None and version.is_html:
        return catalogue.edge("argocd.html", {})
    if seen.token is None:
        return catalogue.edge("argocd.no-token", {})
    if seen.applications is not None:
        return catalogue.edge("argocd.applications", {"count": str(len(seen.applications))})
    return _answered(seen.list_answer)


def _database(seen: DatabaseSeen) -> str:
    if isinstance(seen.connection, Failure):
        return _failed(seen.connection)
    if isinstance(seen.tables, Failure):
        return _failed(seen.tables)
    count = sum(seen.table(name) is not None for name in WANTED)
    return catalogue.edge("database.tables", {"count": str(count)})

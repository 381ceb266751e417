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
    FailureKind,
    Observation,
    PathEdge,
    PortalSeen,
    PrometheusSeen,
    Reply,
    Snapshot,
    Status,
    worst,
)

_PORTAL = (CheckId.PORTAL_METRICS,)
_PROMETHEUS = (CheckId.PROMETHEUS_URL, CheckId.PROMETHEUS_READY)
_ARGOCD = (CheckId.ARGOCD_TOKEN, CheckId.ARGOCD_SERVER)
_POSTGRESQL = (CheckId.DB_CONNECTION, CheckId.DB_MIGRATION, CheckId.DB_CONSTRAINTS)


def data_path(snapshot: Snapshot, results: tuple[CheckResult, ...]) -> tuple[PathEdge, ...]:
    """The four edges. An edge stands as the worst of its checks; `results` are those of all.

    An edge that a finished sweep was not to ask about is left out.
    """
    by_id = {result.id: result for result in results}
    edges = (
        ("portal", "ops-service", snapshot.portal, _PORTAL, _shown),
        ("ops-service", "Prometheus", snapshot.prometheus, _PROMETHEUS, _prometheus),
        ("ops-service", "Argo CD", snapshot.argocd, _ARGOCD, _argocd),
        ("ops-service", "PostgreSQL", snapshot.database, _POSTGRESQL, _database),
    )
    return tuple(
        PathEdge(
            source,
            target,
            worst(by_id[check].status for check in checks),
            _label(by_id[checks[0]], observation, told),
        )
        for source, target, observation, checks, told in edges
        if observation is not None or not snapshot.finished
    )


_Told = Callable[[Any, CheckResult], str]


def _label(result: CheckResult, observation: Observation[Any] | None, told: _Told) -> str:
    if observation is None:
        return catalogue.edge("pending", {})
    if isinstance(observation.seen, Failure):
        return _failed(observation.seen)
    return told(observation.seen, result)


def _failed(failure: Failure) -> str:
    if failure.kind is FailureKind.UNAVAILABLE:  # it was not asked: nothing is said of it
        return catalogue.edge("unseen", {})
    return catalogue.edge("failure", {"kind": failure.kind.value})


def _answered(answer: Answer | None) -> str:
    if answer is None:
        return catalogue.edge("unseen", {})
    if isinstance(answer, Failure):
        return _failed(answer)
    return catalogue.edge("status", {"status": str(answer.status)})


def _shown(seen: PortalSeen, result: CheckResult) -> str:
    if any(cause.id is CauseId.PROMETHEUS_NO_TRAFFIC for cause in result.causes):
        return catalogue.edge("portal.zero-true", {})
    if seen.overview is None:
        return _answered(seen.overview_answer or seen.health)
    is_down = not seen.by_api and result.status is not Status.PASS
    if is_down and isinstance(seen.health, Reply) and seen.health.status == 503:
        return _answered(seen.health)
    unreachable = any(cause.id is CauseId.PORTAL_UNREACHABLE for cause in result.causes)
    if unreachable and isinstance(seen.health, Failure):
        return _failed(seen.health)
    if seen.overview.all_zero:
        return catalogue.edge("portal.zero", {})
    values = {"requests": catalogue.counted("request", seen.overview.total_requests)}
    return catalogue.edge("portal.numbers", values)


def _prometheus(seen: PrometheusSeen, result: CheckResult) -> str:
    if seen.url is None:
        return catalogue.edge(_unless_hidden("prometheus.unset", result), {})
    if seen.malformed:
        return catalogue.edge("prometheus.malformed", {})
    answer = seen.url_query
    if isinstance(answer, Reply) and answer.status == 200 and answer.is_json:
        return catalogue.edge("prometheus.answers", {})
    return _answered(answer)


def _unless_hidden(key: str, result: CheckResult) -> str:
    """What seems to be missing may only be hidden from us."""
    return "unseen" if result.status is Status.UNKNOWN else key


def _argocd(seen: ArgoCDSeen, result: CheckResult) -> str:
    version = seen.version_answer
    if isinstance(version, Failure):
        return _failed(version)
    if version is not None and version.is_html:
        return catalogue.edge("argocd.html", {})
    if seen.token is None or any(one.id is CauseId.ARGOCD_TOKEN_MISSING for one in result.causes):
        return catalogue.edge(_unless_hidden("argocd.no-token", result), {})
    if seen.applications is not None:
        values = {"applications": catalogue.counted("application", len(seen.applications))}
        return catalogue.edge("argocd.applications", values)
    return _answered(seen.list_answer)


def _database(seen: DatabaseSeen, result: CheckResult) -> str:
    if isinstance(seen.connection, Failure):
        return _failed(seen.connection)
    if isinstance(seen.tables, Failure):
        return _failed(seen.tables)
    count = sum(seen.table(name) is not None for name in WANTED)
    return catalogue.edge("database.tables", {"count": str(count)})

"""Judging zeros: are they a lie, another namespace's, a hole in the metrics, or the truth?"""

from __future__ import annotations

from collections.abc import Mapping

from probes import catalogue
from probes.checks.base import Verdict, config_in, environment_in, is_known, named, place_of
from probes.model import (
    Answer,
    CauseId,
    Evidence,
    Failure,
    PortalSeen,
    PrometheusSeen,
    Reply,
    Snapshot,
    Status,
    TrafficSeen,
    seen_in,
)

_NAME = "PROMETHEUS_NAMESPACE"


def traffic_of(snapshot: Snapshot) -> TrafficSeen | None:
    """What Prometheus holds, where it answered both questions about it."""
    prometheus: PrometheusSeen | None = seen_in(snapshot.prometheus)
    traffic = prometheus.traffic if prometheus else None
    if traffic and traffic.requests_last_hour.answered and traffic.series_by_namespace.answered:
        return traffic
    return None


def zero(seen: PortalSeen, snapshot: Snapshot, evidence: tuple[Evidence, ...]) -> Verdict:
    """The verdict on a portal whose every number is 0."""
    traffic = traffic_of(snapshot)
    failing = _failing_answer(seen, snapshot)
    counted = (traffic.requests_last_hour.value or 0.0) if traffic else 0.0
    if failing and not counted:
        return Verdict(Status.FAIL, "zero", {"reason": _short(failing)}, evidence)
    if traffic is None:
        return Verdict(Status.FAIL, "zero-unexplained", {}, evidence)
    if failing:
        return _lie(counted, evidence)
    return _with_answers(seen, traffic, counted, snapshot, evidence)


def _failing_answer(seen: PortalSeen, snapshot: Snapshot) -> Answer | None:
    """A query of the portal that does not get through, or the same request of our own."""
    for query in seen.queries:
        if not query.answered:
            return query.answer
    # ops-service asks errors/recent the same way and, alone of its routes, does not hide a failure.
    recent = seen.recent_errors
    if isinstance(recent, Reply) and recent.status >= 500:
        return recent
    prometheus: PrometheusSeen | None = seen_in(snapshot.prometheus)
    answer = prometheus.url_query if prometheus else None
    works = isinstance(answer, Reply) and answer.status == 200 and answer.is_json
    return None if works else answer


def _short(answer: Answer) -> str:
    return answer.kind.value if isinstance(answer, Failure) else str(answer.status)


def _lie(counted: float, evidence: tuple[Evidence, ...]) -> Verdict:
    values = {"requests": catalogue.counted("request", counted)}
    return Verdict(Status.FAIL, "zero-lie", values, evidence)


def _with_answers(
    seen: PortalSeen,
    traffic: TrafficSeen,
    counted: float,
    snapshot: Snapshot,
    evidence: tuple[Evidence, ...],
) -> Verdict:
    """The URL works, so that the zeros come from what Prometheus holds."""
    series = traffic.series_by_namespace.by
    if not series:
        cause = named(CauseId.PROMETHEUS_NO_DESTINATION_SERIES)
        return Verdict(Status.FAIL, "zero-no-series", {}, evidence, cause)
    namespace = _namespace(snapshot)
    if namespace is None:
        return Verdict(Status.FAIL, "zero-unexplained", {}, evidence)
    others = snapshot.namespace != namespace and snapshot.namespace in series and counted
    if namespace not in series or others:
        return _mismatch(namespace, series, snapshot, evidence)
    if counted and len(series) == 1 and seen.by_api:
        # All that Prometheus counts is of this namespace: the container asks something else.
        return _lie(counted, evidence)
    cause = named(CauseId.PROMETHEUS_NO_TRAFFIC, namespace=namespace)
    return Verdict(Status.WARN, "zero-true", {"namespace": namespace}, evidence, cause)


def _mismatch(
    namespace: str, series: Mapping[str, float], snapshot: Snapshot, evidence: tuple[Evidence, ...]
) -> Verdict:
    values = {
        "namespace": namespace or catalogue.phrase("portal.empty"),
        "found": ", ".join(one or catalogue.phrase("portal.no-label") for one in sorted(series)),
        "setting": place_of(_NAME, snapshot),
    }
    cause = named(CauseId.PROMETHEUS_NAMESPACE_MISMATCH, **values)
    return Verdict(Status.FAIL, "zero-namespace", values, evidence, cause)


def _namespace(snapshot: Snapshot) -> str | None:
    """The container's PROMETHEUS_NAMESPACE as it queries (it may be empty); None where unknown."""
    config, environment = config_in(snapshot), environment_in(snapshot)
    if config is None or environment is None:
        return None
    setting = config.prometheus_namespace
    return (setting.value or "") if is_known(setting, environment) else None

"""Judging the symptom: what the portal shows, and whether its zeros are true."""

from __future__ import annotations

from probes.checks.base import (
    OUT_OF_REACH,
    Check,
    Verdict,
    named,
    of_answer,
    of_failure,
    seen_in,
    unreadable,
    unseen,
)
from probes.model import (
    ArgoCDSeen,
    CauseId,
    CheckId,
    Evidence,
    Failure,
    FailureKind,
    OverviewNumbers,
    PortalSeen,
    PrometheusSeen,
    Reply,
    Snapshot,
    Source,
    Status,
    TrafficSeen,
)

_REFUSALS = {
    401: ("unauthorized", CauseId.PORTAL_UNAUTHORIZED),
    403: ("not-a-user", CauseId.PORTAL_NOT_A_PORTAL_USER),
    429: ("rate-limited", CauseId.PORTAL_RATE_LIMITED),
}


def _metrics(seen: PortalSeen, snapshot: Snapshot) -> Verdict:
    evidence = _evidence(seen, snapshot)
    prometheus: PrometheusSeen | None = seen_in(snapshot.prometheus)
    refused = _refused(seen, evidence)
    if refused:
        return refused
    if prometheus and prometheus.url is None:
        if hidden := unreadable(snapshot):
            return unseen(hidden)
        return Verdict(Status.FAIL, "zero-unset", {}, evidence)
    if seen.overview is None:
        return _nothing_shown(seen, evidence)
    if seen.overview.all_zero:
        return _zero(seen, prometheus, snapshot, evidence)
    return _numbers(seen, seen.overview, snapshot, evidence)


def _evidence(seen: PortalSeen, snapshot: Snapshot) -> tuple[Evidence, ...]:
    how = "the portal's API" if seen.by_api else "worked out from the queries ops-service sends"
    rows: list[Evidence] = []
    if seen.overview:
        shown = (
            f"totalRequests {seen.overview.total_requests:g}, "
            f"avgResponseTime {seen.overview.avg_response_ms:g} ms, "
            f"errorPercentage {seen.overview.error_percentage:g}, "
            f"activeServices {seen.overview.active_services:g}"
        )
        rows.append(Evidence("metrics/overview", shown, how))
    rows.extend(of_answer("metrics/overview answer", seen.overview_answer))
    rows.extend(of_answer("applications answer", seen.applications_answer))
    rows.extend(of_answer("errors/recent answer", seen.recent_errors))
    for query in seen.queries:
        rows.extend(of_answer(f"query {query.expression}", query.answer))
    rows.extend(of_answer("readiness", seen.health))
    rows.extend(of_answer("config/active", seen.config_active))
    if seen.token_failure:
        rows.append(of_failure("access token", seen.token_failure))
    traffic = _traffic(seen_in(snapshot.prometheus))
    if traffic:
        value = traffic.requests_last_hour.value or 0.0
        rows.append(Evidence("Prometheus' own count", f"{value:.0f} in 1 h", "Prometheus"))
    return tuple(rows)


def _refused(seen: PortalSeen, evidence: tuple[Evidence, ...]) -> Verdict | None:
    """The verdict where the API was asked with a token and did not give the overview."""
    answer = seen.overview_answer
    if not seen.by_api or answer is None:
        return None
    if isinstance(answer, Failure):
        return _unreachable(answer, evidence)
    if answer.status in _REFUSALS:
        key, cause = _REFUSALS[answer.status]
        values = {"message": answer.excerpt or "no message", "status": str(answer.status)}
        return Verdict(Status.FAIL, key, values, evidence, named(cause, **values))
    if answer.status >= 400 and seen.overview is None:
        return Verdict(Status.FAIL, "server-error", {"status": str(answer.status)}, evidence)
    return None


def _unreachable(failure: Failure, evidence: tuple[Evidence, ...]) -> Verdict:
    values = {"failure": failure.sentence}
    if failure.kind in OUT_OF_REACH or failure.kind is FailureKind.HUNG:
        cause = named(CauseId.PORTAL_UNREACHABLE, **values)
        return Verdict(Status.FAIL, "unreachable", values, evidence, cause)
    return Verdict(Status.UNKNOWN, "unseen", values, evidence)


def _nothing_shown(seen: PortalSeen, evidence: tuple[Evidence, ...]) -> Verdict:
    if isinstance(seen.health, Failure):
        return _unreachable(seen.health, evidence)
    values = {"failure": "the portal's numbers could not be worked out"}
    return Verdict(Status.UNKNOWN, "unseen", values, evidence)


def _traffic(prometheus: PrometheusSeen | None) -> TrafficSeen | None:
    """What Prometheus holds, where it answered both questions about it."""
    traffic = prometheus.traffic if prometheus else None
    if traffic and traffic.requests_last_hour.answered and traffic.series_by_namespace.answered:
        return traffic
    return None


def _zero(
    seen: PortalSeen,
    prometheus: PrometheusSeen | None,
    snapshot: Snapshot,
    evidence: tuple[Evidence, ...],
) -> Verdict:
    failing = next((one for one in seen.queries if not one.answered), None)
    traffic = _traffic(prometheus)
    if failing and not _worth_telling(traffic):
        reason = _short(failing.answer)
        return Verdict(Status.FAIL, "zero", {"reason": reason}, evidence)
    if traffic is None:
        return Verdict(Status.FAIL, "zero-unexplained", {}, evidence)
    if failing or not _url_answers(prometheus):
        counted = f"{traffic.requests_last_hour.value or 0:.0f}"
        return Verdict(Status.FAIL, "zero-lie", {"requests": counted}, evidence)
    return _zero_with_answers(traffic, _namespace(snapshot), evidence)


def _worth_telling(traffic: TrafficSeen | None) -> bool:
    return bool(traffic and traffic.requests_last_hour.value)


def _short(answer: Reply | Failure) -> str:
    return answer.kind.value if isinstance(answer, Failure) else str(answer.status)


def _url_answers(prometheus: PrometheusSeen | None) -> bool:
    answer = prometheus.url_query if prometheus else None
    return isinstance(answer, Reply) and answer.status == 200 and answer.is_json


def _namespace(snapshot: Snapshot) -> str:
    """The container's PROMETHEUS_NAMESPACE as it queries; empty where it has none."""
    workload = seen_in(snapshot.workload)
    if workload is None or isinstance(workload.environment, Failure):
        return snapshot.namespace
    started = workload.startup.prometheus_namespace if workload.startup else None
    value: str = workload.environment.get("PROMETHEUS_NAMESPACE") or ""
    return value if started is None else started


def _zero_with_answers(
    traffic: TrafficSeen, namespace: str, evidence: tuple[Evidence, ...]
) -> Verdict:
    """The URL works, so that the zeros come from what Prometheus holds."""
    series = traffic.series_by_namespace.by
    if not series:
        cause = named(CauseId.PROMETHEUS_NO_DESTINATION_SERIES)
        return Verdict(Status.FAIL, "zero-no-series", {}, evidence, cause)
    if namespace not in series:
        values = {"namespace": namespace or "(empty)", "found": ", ".join(sorted(series))}
        cause = named(CauseId.PROMETHEUS_NAMESPACE_MISMATCH, **values)
        return Verdict(Status.FAIL, "zero-namespace", values, evidence, cause)
    cause = named(CauseId.PROMETHEUS_NO_TRAFFIC)
    return Verdict(Status.WARN, "zero-true", {}, evidence, cause)


def _numbers(
    seen: PortalSeen,
    overview: OverviewNumbers,
    snapshot: Snapshot,
    evidence: tuple[Evidence, ...],
) -> Verdict:
    values = {"requests": f"{overview.total_requests:.0f}"}
    if isinstance(seen.health, Reply) and seen.health.status == 503:
        return Verdict(Status.FAIL, "not-ready", {"status": "503"}, evidence)
    applications = _applications(seen, snapshot)
    if applications is None:
        return Verdict(Status.PASS, "numbers-only", values, evidence)
    if applications == 0:
        return Verdict(Status.FAIL, "no-applications", values, evidence)
    values["applications"] = str(applications)
    return Verdict(Status.PASS, "numbers", values, evidence)


def _applications(seen: PortalSeen, snapshot: Snapshot) -> int | None:
    """How many applications the portal shows; None where that cannot be worked out."""
    if seen.applications is not None:
        return seen.applications
    argocd: ArgoCDSeen | None = seen_in(snapshot.argocd)
    if argocd is None or unreadable(snapshot):
        return None
    if argocd.token is None:
        return 0
    if isinstance(argocd.list_answer, Reply) and argocd.list_answer.status in (401, 403):
        return 0
    return None if argocd.applications is None else len(argocd.applications)


METRICS = Check(
    CheckId.PORTAL_METRICS,
    (Source.PORTAL, Source.PROMETHEUS, Source.ARGOCD, Source.WORKLOAD),
    _metrics,
)

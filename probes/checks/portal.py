"""Judging the symptom: does the portal's API answer, and what does it show?"""

from __future__ import annotations

from probes import catalogue
from probes.checks.base import (
    NETWORK,
    OUT_OF_REACH,
    Check,
    Verdict,
    config_in,
    environment_in,
    is_known,
    named,
    of_answer,
    of_failure,
    unreadable,
    unseen,
)
from probes.checks.zeros import traffic_of, zero
from probes.model import (
    ArgoCDSeen,
    CauseId,
    CheckId,
    Evidence,
    Failure,
    FailureKind,
    OverviewNumbers,
    PortalSeen,
    Reply,
    Snapshot,
    Source,
    Status,
    WorkloadSeen,
    seen_in,
)

_REFUSALS = {
    401: ("unauthorized", CauseId.PORTAL_UNAUTHORIZED),
    403: ("not-a-user", CauseId.PORTAL_NOT_A_PORTAL_USER),
    429: ("rate-limited", CauseId.PORTAL_RATE_LIMITED),
}


def _metrics(seen: PortalSeen, snapshot: Snapshot) -> Verdict:
    evidence = _evidence(seen, snapshot)
    silent = _refused(seen, snapshot, evidence) or _not_up(seen, snapshot, evidence)
    if silent:
        return silent
    if seen.overview is None:
        return _nothing_shown(snapshot, evidence)
    if seen.overview.all_zero:
        return zero(seen, snapshot, evidence)
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
    traffic = traffic_of(snapshot)
    if traffic:
        value = traffic.requests_last_hour.value or 0.0
        rows.append(Evidence("Prometheus' own count", f"{value:.0f} in 1 h", "Prometheus"))
    return tuple(rows)


def _refused(
    seen: PortalSeen, snapshot: Snapshot, evidence: tuple[Evidence, ...]
) -> Verdict | None:
    """The verdict where the API was asked with a token and did not give the overview."""
    answer = seen.overview_answer
    if not seen.by_api or answer is None:
        return None
    if isinstance(answer, Failure):
        return _unreachable(answer, snapshot, evidence)
    if answer.status in _REFUSALS:
        key, cause = _REFUSALS[answer.status]
        message = answer.excerpt or catalogue.phrase("no-message")
        values = {"message": message, "status": str(answer.status)}
        return Verdict(Status.FAIL, key, values, evidence, named(cause, **values))
    if seen.overview is None:
        key = "zero-unset" if _has_no_url(snapshot) else "server-error"
        return Verdict(Status.FAIL, key, {"status": str(answer.status)}, evidence)
    return None


def _not_up(seen: PortalSeen, snapshot: Snapshot, evidence: tuple[Evidence, ...]) -> Verdict | None:
    """The verdict where ops-service itself does not answer, whatever Prometheus holds."""
    if seen.by_api and seen.overview is not None:
        return None
    if isinstance(seen.health, Reply):
        if seen.health.status == 503:
            return Verdict(Status.FAIL, "not-ready", {"status": "503"}, evidence)
        return None
    failure = seen.health
    if failure is None or failure.kind not in (*OUT_OF_REACH, FailureKind.HUNG):
        return None
    if seen.overview is not None and _may_be_our_way(failure, snapshot):
        return None
    return _unreachable(failure, snapshot, evidence)


def _unreachable(failure: Failure, snapshot: Snapshot, evidence: tuple[Evidence, ...]) -> Verdict:
    values = {"failure": failure.sentence}
    if failure.kind not in (*OUT_OF_REACH, FailureKind.HUNG):
        return Verdict(Status.UNKNOWN, "unseen", values, evidence)
    if _may_be_our_way(failure, snapshot):
        return Verdict(Status.UNKNOWN, "not-from-here", values, evidence)
    cause = named(CauseId.PORTAL_UNREACHABLE, **values)
    return Verdict(Status.FAIL, "unreachable", values, evidence, cause)


def _may_be_our_way(failure: Failure, snapshot: Snapshot) -> bool:
    """The kubelet asks the same route: where it finds the pods ready, ours may be the broken way.

    A strict mesh resets a connection that comes from outside; a gateway's name need not resolve
    here. A Service that does not exist is nobody's way.
    """
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    ready = workload is not None and any(pod.ready and not pod.deleting for pod in workload.pods)
    return ready and failure.kind in (*NETWORK, FailureKind.TLS)


def _has_no_url(snapshot: Snapshot) -> bool:
    """Whether the container has no PROMETHEUS_URL, and none that is only hidden from us."""
    config, environment = config_in(snapshot), environment_in(snapshot)
    if config is None or environment is None or config.prometheus_url.value is not None:
        return False
    return is_known(config.prometheus_url, environment)


def _nothing_shown(snapshot: Snapshot, evidence: tuple[Evidence, ...]) -> Verdict:
    if _has_no_url(snapshot):
        return Verdict(Status.FAIL, "zero-unset", {}, evidence)
    if hidden := unreadable(snapshot):
        return unseen(hidden)
    values = {"failure": catalogue.phrase("portal.nothing")}
    return Verdict(Status.UNKNOWN, "unseen", values, evidence)


def _numbers(
    seen: PortalSeen,
    overview: OverviewNumbers,
    snapshot: Snapshot,
    evidence: tuple[Evidence, ...],
) -> Verdict:
    values = {"requests": catalogue.counted("request", overview.total_requests)}
    refused = _applications_refused(seen)
    if refused:
        values["status"] = refused
        return Verdict(Status.FAIL, "applications-refused", values, evidence)
    count = _applications(seen, snapshot)
    if count is None:
        return Verdict(Status.PASS, "numbers-only", values, evidence)
    if count == 0:
        return Verdict(Status.FAIL, "no-applications", values, evidence)
    values["applications"] = catalogue.counted("application", count)
    return Verdict(Status.PASS, "numbers", values, evidence)


def _applications_refused(seen: PortalSeen) -> str:
    """The status by which the portal's own API refuses the applications, or empty."""
    answer = seen.applications_answer if seen.by_api else None
    return str(answer.status) if isinstance(answer, Reply) and answer.status != 200 else ""


def _applications(seen: PortalSeen, snapshot: Snapshot) -> int | None:
    """How many applications the portal shows; None where that cannot be worked out."""
    if seen.applications is not None:
        return seen.applications
    argocd: ArgoCDSeen | None = seen_in(snapshot.argocd)
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    started = workload.startup if workload else None
    if started and (started.argocd_configured is False or started.kube_client is False):
        return 0
    if argocd is None or unreadable(snapshot):
        return None
    if argocd.token is None:
        return None if started and started.argocd_configured else 0
    if isinstance(argocd.list_answer, Reply) and not _is_list(argocd.list_answer):
        return 0
    return None if argocd.applications is None else len(argocd.applications)


def _is_list(answer: Reply) -> bool:
    return answer.status == 200 and answer.is_json


METRICS = Check(
    CheckId.PORTAL_METRICS,
    (Source.PORTAL, Source.PROMETHEUS, Source.ARGOCD, Source.WORKLOAD),
    _metrics,
)

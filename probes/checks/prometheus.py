"""Judging Prometheus itself: its prefix and its readiness."""

from __future__ import annotations

from datetime import datetime, timedelta

from probes import catalogue
from probes.checks.base import Check, Verdict, named, of_answer, of_failure, unseen
from probes.checks.prometheus_reach import no_answer
from probes.model import (
    CauseId,
    CheckId,
    ContainerSeen,
    Evidence,
    Failure,
    PrefixCandidate,
    PrometheusSeen,
    Reply,
    Snapshot,
    Source,
    Status,
)

_NO_HINTS = frozenset({"path of PROMETHEUS_URL", "no prefix"})
"""Prefixes that are only tried: nothing of Prometheus tells of them."""

_STILL_STARTING = timedelta(hours=1)
"""How long after its end by the kernel a container that is not ready still suffers from it."""

_WORTH_TELLING = timedelta(days=1)


def _route_prefix(seen: PrometheusSeen, snapshot: Snapshot) -> Verdict:
    evidence = _prefix_evidence(seen)
    if seen.serving:
        key = "prefix" if seen.serving.prefix else "none"
        return Verdict(Status.PASS, key, {"prefix": seen.serving.prefix}, evidence)
    if seen.origin is None:
        return _nobody(seen, evidence)
    hinted = known_prefix(seen)
    if hinted and hinted.prefix:
        values = {
            "prefix": hinted.prefix,
            "found_in": ", ".join(_real_hints(hinted) or hinted.found_in),
            "failure": _why(hinted),
        }
        return Verdict(Status.UNKNOWN, "hinted", values, evidence)
    if isinstance(seen.root, Failure):
        return unseen(seen.root)
    return Verdict(Status.UNKNOWN, "not-found", {}, evidence)


def _nobody(seen: PrometheusSeen, evidence: tuple[Evidence, ...]) -> Verdict:
    if isinstance(seen.pods, Failure):
        evidence += (of_failure("Service of Prometheus", seen.pods),)
    return Verdict(Status.UNKNOWN, "nobody", {}, evidence)


def _prefix_evidence(seen: PrometheusSeen) -> tuple[Evidence, ...]:
    rows = list(of_answer("GET /", seen.root))
    for one in seen.candidates:
        label = one.prefix or "(no prefix)"
        found = ", ".join(one.found_in)
        rows.extend(of_answer(f"{label} ready", one.ready))
        rows.extend(of_answer(f"{label} query, hinted by {found}", one.query))
    if flag := seen.flags.get("web.route-prefix"):
        rows.append(Evidence("flag web.route-prefix", flag, "status/flags of Prometheus"))
    return tuple(rows)


def known_prefix(seen: PrometheusSeen) -> PrefixCandidate | None:
    """The prefix that serves; else one whose readiness route answers; else one that is told."""
    answering = (one for one in seen.candidates if _knows_path(one))
    return seen.serving or next(answering, None) or told_prefix(seen)


def told_prefix(seen: PrometheusSeen) -> PrefixCandidate | None:
    """The prefix that Prometheus' own redirect, arguments or probes tell, answering or not."""
    return next((one for one in seen.candidates if _real_hints(one)), None)


def _real_hints(one: PrefixCandidate) -> tuple[str, ...]:
    return tuple(hint for hint in one.found_in if hint not in _NO_HINTS)


def _knows_path(one: PrefixCandidate) -> bool:
    ready = one.ready
    return isinstance(ready, Reply) and ready.status in (200, 503) and not ready.is_html


def _why(candidate: PrefixCandidate) -> str:
    if isinstance(candidate.query, Failure):
        return candidate.query.sentence
    return catalogue.phrase("prometheus.query-answers", status=candidate.query.status)


def _ready(seen: PrometheusSeen, snapshot: Snapshot) -> Verdict:
    now = snapshot.started_at
    evidence = (*of_answer("/-/ready", seen.ready), *_killed_evidence(seen))
    if isinstance(seen.ready, Reply) and seen.ready.status == 200 and not seen.ready.is_html:
        return _is_ready(seen, now, evidence)
    if pod := _suffering_pod(seen, now):
        cause = named(CauseId.PROMETHEUS_OOM_KILLED, pod=pod)
        return Verdict(Status.FAIL, "oom-killed", {}, evidence, cause)
    if seen.origin is None:
        return _nobody(seen, evidence)
    if seen.ready is None:
        return Verdict(Status.UNKNOWN, "no-prefix", {}, evidence)
    if isinstance(seen.ready, Failure):
        return no_answer(seen.ready, seen.origin, snapshot, evidence)
    return _ready_status(seen.ready, evidence)


def _is_ready(seen: PrometheusSeen, now: datetime, evidence: tuple[Evidence, ...]) -> Verdict:
    values = {"version": f", {seen.version}" if seen.version else ""}
    for _, container in _killed(seen):
        when = container.last_finished_at
        if when is None or now - when < _WORTH_TELLING:
            key = "prometheus.killed" if when else "prometheus.killed-before"
            values["when"] = catalogue.phrase(key, when=when)
            return Verdict(Status.WARN, "restarted", values, evidence)
    return Verdict(Status.PASS, "ready", values, evidence)


def _ready_status(reply: Reply, evidence: tuple[Evidence, ...]) -> Verdict:
    values = {"status": str(reply.status)}
    if reply.status == 503:
        cause = named(CauseId.PROMETHEUS_NOT_READY, **values)
        return Verdict(Status.FAIL, "not-ready", values, evidence, cause)
    if reply.status >= 500:
        return Verdict(Status.FAIL, "not-ready", values, evidence)
    return Verdict(Status.UNKNOWN, "no-prefix", {}, evidence)


def _killed(seen: PrometheusSeen) -> list[tuple[str, ContainerSeen]]:
    """Pods and containers that were last ended for their memory."""
    pods = () if isinstance(seen.pods, Failure) else seen.pods
    return [
        (pod.name, one)
        for pod in pods
        for one in pod.containers
        if "OOMKilled" in (one.last_reason, one.reason)
    ]


def _suffering_pod(seen: PrometheusSeen, now: datetime) -> str:
    """The pod that is not up because it was killed; an end long past explains nothing."""
    for pod, one in _killed(seen):
        when = one.last_finished_at
        recent = when is None or now - when < _STILL_STARTING
        if not one.ready and (recent or one.state in ("waiting", "terminated")):
            return pod
    return ""


def _killed_evidence(seen: PrometheusSeen) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            "last container state",
            f"OOMKilled {one.last_finished_at or ''}, {one.restarts} restarts",
            f"status of pod {pod}",
        )
        for pod, one in _killed(seen)
    )


ROUTE_PREFIX = Check(CheckId.PROMETHEUS_ROUTE_PREFIX, (Source.PROMETHEUS,), _route_prefix)
READY = Check(CheckId.PROMETHEUS_READY, (Source.PROMETHEUS, Source.PORTAL), _ready)

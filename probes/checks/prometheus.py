"""Judging Prometheus: its prefix, ops-service's URL for it, and its readiness."""

from __future__ import annotations

from urllib.parse import urlsplit

from probes.checks.base import (
    OUT_OF_REACH,
    Check,
    Verdict,
    named,
    of_answer,
    unreadable,
    unseen,
)
from probes.model import (
    CauseId,
    CheckId,
    Evidence,
    Failure,
    FailureKind,
    PrefixCandidate,
    PrometheusSeen,
    Reply,
    Snapshot,
    Source,
    Status,
)
from probes.model.prometheus import base_url


def _route_prefix(seen: PrometheusSeen, snapshot: Snapshot) -> Verdict:
    evidence = _prefix_evidence(seen)
    if seen.serving:
        key = "prefix" if seen.serving.prefix else "none"
        return Verdict(Status.PASS, key, {"prefix": seen.serving.prefix}, evidence)
    if seen.origin is None:
        return Verdict(Status.UNKNOWN, "nobody", {}, evidence)
    hinted = known_prefix(seen)
    if hinted and hinted.prefix:
        values = {
            "prefix": hinted.prefix,
            "found_in": ", ".join(hinted.found_in),
            "failure": _why(hinted),
        }
        return Verdict(Status.UNKNOWN, "hinted", values, evidence)
    if isinstance(seen.root, Failure):
        return unseen(seen.root)
    return Verdict(Status.UNKNOWN, "not-found", {}, evidence)


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
    """The prefix that serves, or else one that answers anything but `no such path`."""
    if seen.serving:
        return seen.serving
    answering = (one for one in seen.candidates if _knows_path(one))
    hinted = (one for one in seen.candidates if one.prefix)
    return next(answering, None) or next(hinted, None)


def _knows_path(one: PrefixCandidate) -> bool:
    return isinstance(one.ready, Reply) and one.ready.status in (200, 503)


def _why(candidate: PrefixCandidate) -> str:
    if isinstance(candidate.query, Failure):
        return candidate.query.sentence
    return f"a query answers {candidate.query.status}"


def _url(seen: PrometheusSeen, snapshot: Snapshot) -> Verdict:
    source = Evidence("PROMETHEUS_URL", seen.url or "unset", seen.url_source)
    if seen.url is None:
        return _unset(seen, snapshot, source)
    evidence = (source, *of_answer("query as ops-service sends it", seen.url_query))
    values = {"url": seen.url}
    if seen.malformed:
        values |= {"reason": seen.malformed, "suggestion": _suggestion(seen)}
        cause = named(CauseId.PROMETHEUS_URL_MALFORMED, **values)
        return Verdict(Status.FAIL, "malformed", values, evidence, cause)
    if seen.url_query is None:
        return Verdict(Status.UNKNOWN, "unseen", {"failure": "the URL was not asked"}, evidence)
    if isinstance(seen.url_query, Failure):
        return _no_answer(seen.url_query, seen.url, evidence)
    return _answered(seen, seen.url_query, values, evidence)


def _unset(seen: PrometheusSeen, snapshot: Snapshot, source: Evidence) -> Verdict:
    if hidden := unreadable(snapshot):
        return unseen(hidden)
    cause = named(CauseId.PROMETHEUS_URL_UNSET, suggestion=_suggestion(seen))
    return Verdict(Status.FAIL, "unset", {}, (source,), cause)


def _suggestion(seen: PrometheusSeen) -> str:
    if seen.origin is None or seen.serving is None:
        return ""
    return f" to {base_url(seen.origin, seen.serving.prefix)}"


def _no_answer(failure: Failure, url: str, evidence: tuple[Evidence, ...]) -> Verdict:
    values = {"url": url, "failure": failure.sentence}
    if failure.kind is FailureKind.HUNG:
        cause = named(CauseId.PROMETHEUS_HANGING, **values)
        return Verdict(Status.FAIL, "hanging", values, evidence, cause)
    if failure.kind in OUT_OF_REACH:
        cause = named(CauseId.PROMETHEUS_UNREACHABLE, **values)
        return Verdict(Status.FAIL, "unreachable", values, evidence, cause)
    return unseen(failure)


def _answered(
    seen: PrometheusSeen, reply: Reply, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    if reply.is_json and reply.status in (200, 400, 422):
        return Verdict(Status.PASS, "good", values, evidence)
    values |= {"status": str(reply.status), "content_type": reply.content_type or "no type"}
    path = urlsplit(values["url"]).path.rstrip("/")
    known = known_prefix(seen)
    if known and known.prefix != path:
        return _wrong_path(seen, known.prefix, path, values, evidence)
    if reply.status in (502, 503, 504):
        return Verdict(Status.FAIL, "not-ready", values, evidence)
    values["failure"] = f"it answers {reply.status}, which is no Prometheus API"
    cause = named(CauseId.PROMETHEUS_UNREACHABLE, **values)
    return Verdict(Status.FAIL, "not-api", values, evidence, cause)


def _wrong_path(
    seen: PrometheusSeen,
    prefix: str,
    path: str,
    values: dict[str, str],
    evidence: tuple[Evidence, ...],
) -> Verdict:
    values |= {
        "prefix": prefix or "/",
        "path": path,
        "wanted": base_url(seen.origin, prefix),
    }
    if not path:
        cause = named(CauseId.PROMETHEUS_URL_MISSING_PREFIX, **values)
        return Verdict(Status.FAIL, "missing-prefix", values, evidence, cause)
    key = "wrong-prefix" if prefix else "no-prefix-wanted"
    cause = named(CauseId.PROMETHEUS_URL_WRONG_PREFIX, **values)
    return Verdict(Status.FAIL, key, values, evidence, cause)


def _ready(seen: PrometheusSeen, snapshot: Snapshot) -> Verdict:
    evidence = of_answer("/-/ready", seen.ready)
    killed = _killed_pod(seen)
    if killed:
        evidence += (Evidence("last container state", f"OOMKilled, pod {killed}", "pod status"),)
    if isinstance(seen.ready, Reply) and seen.ready.status == 200:
        version = f", {seen.version}" if seen.version else ""
        if killed:
            values = {"version": version, "when": f"before (pod {killed})"}
            return Verdict(Status.WARN, "restarted", values, evidence)
        return Verdict(Status.PASS, "ready", {"version": version}, evidence)
    if killed:
        cause = named(CauseId.PROMETHEUS_OOM_KILLED, pod=killed)
        return Verdict(Status.FAIL, "oom-killed", {}, evidence, cause)
    if seen.ready is None:
        return Verdict(Status.UNKNOWN, "no-prefix", {}, evidence)
    if isinstance(seen.ready, Failure):
        return _no_answer(seen.ready, seen.origin or "", evidence)
    return _ready_status(seen.ready, evidence)


def _ready_status(reply: Reply, evidence: tuple[Evidence, ...]) -> Verdict:
    if reply.status == 404:
        return Verdict(Status.UNKNOWN, "no-prefix", {}, evidence)
    values = {"status": str(reply.status)}
    cause = named(CauseId.PROMETHEUS_NOT_READY, **values)
    return Verdict(Status.FAIL, "not-ready", values, evidence, cause)


def _killed_pod(seen: PrometheusSeen) -> str:
    """The name of a Prometheus pod whose container was last ended for its memory, or empty."""
    if isinstance(seen.pods, Failure):
        return ""
    for pod in seen.pods:
        if any("OOMKilled" in (one.last_reason, one.reason) for one in pod.containers):
            return pod.name
    return ""


ROUTE_PREFIX = Check(CheckId.PROMETHEUS_ROUTE_PREFIX, (Source.PROMETHEUS,), _route_prefix)
URL = Check(CheckId.PROMETHEUS_URL, (Source.PROMETHEUS, Source.WORKLOAD), _url)
READY = Check(CheckId.PROMETHEUS_READY, (Source.PROMETHEUS,), _ready)

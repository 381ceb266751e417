"""Judging PROMETHEUS_URL: is it set, is it an address, has it the right path, does it answer?"""

from __future__ import annotations

from urllib.parse import urlsplit

from probes import catalogue
from probes.checks.base import (
    Check,
    Verdict,
    config_in,
    named,
    of_answer,
    place_of,
    unreadable,
    unseen,
)
from probes.checks.prometheus import known_prefix, told_prefix
from probes.checks.prometheus_reach import no_answer
from probes.model import (
    CauseId,
    CheckId,
    Evidence,
    Failure,
    NamedCause,
    PrometheusSeen,
    Reply,
    Snapshot,
    Source,
    Status,
)
from probes.model.prometheus import base_url

_NAME = "PROMETHEUS_URL"
_NO_SUCH_PATH = "404"
"""What Prometheus answers outside its prefix, where it could not be asked right now."""


def _url(seen: PrometheusSeen, snapshot: Snapshot) -> Verdict:
    source = Evidence(_NAME, seen.url or "unset", seen.url_source)
    if seen.url is None:
        return _unset(seen, snapshot, source)
    evidence = (source, *of_answer("query as ops-service sends it", seen.url_query))
    values = {"url": seen.url, "setting": place_of(_NAME, snapshot)}
    if seen.malformed:
        values |= {"reason": seen.malformed, "suggestion": _suggestion(seen)}
        cause = named(CauseId.PROMETHEUS_URL_MALFORMED, **values)
        return Verdict(Status.FAIL, "malformed", values, evidence, cause)
    if seen.url_query is None or seen.origin is None:
        values["failure"] = catalogue.phrase("prometheus.not-asked")
        return Verdict(Status.UNKNOWN, "unseen", values, evidence)
    if isinstance(seen.url_query, Failure):
        also = _wrong_as_told(seen, values)
        return no_answer(seen.url_query, seen.url, snapshot, evidence, also)
    return _answered(seen, seen.url_query, values, evidence)


def _unset(seen: PrometheusSeen, snapshot: Snapshot, source: Evidence) -> Verdict:
    config = config_in(snapshot)
    logged = config is not None and config.prometheus_url.is_logged
    hidden = unreadable(snapshot)
    if hidden and not logged:
        return unseen(hidden)
    values = {"suggestion": _suggestion(seen), "setting": place_of(_NAME, snapshot)}
    cause = named(CauseId.PROMETHEUS_URL_UNSET, **values)
    return Verdict(Status.FAIL, "unset", {}, (source,), cause)


def _suggestion(seen: PrometheusSeen) -> str:
    if seen.origin is None or seen.serving is None:
        return ""
    return catalogue.phrase("suggestion", wanted=base_url(seen.origin, seen.serving.prefix))


def path_of(url: str) -> str:
    """The path of a URL without its trailing slashes; empty where it is no URL."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def _answered(
    seen: PrometheusSeen, reply: Reply, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    if reply.is_json and reply.status in (200, 400, 422):
        return Verdict(Status.PASS, "good", values, evidence)
    values |= {
        "status": str(reply.status),
        "content_type": reply.content_type or catalogue.phrase("no-type"),
    }
    path = path_of(values["url"])
    known = known_prefix(seen)
    if known and known.prefix != path:
        key, cause = _wrong_path(seen, known.prefix, values)
        return Verdict(Status.FAIL, key, cause.values, evidence, (cause,))
    if reply.status == 503:
        return _not_ready(seen, values, evidence)
    values["failure"] = catalogue.phrase("prometheus.not-api", **values)
    unreachable = named(CauseId.PROMETHEUS_UNREACHABLE, **values)
    return Verdict(Status.FAIL, "not-api", values, evidence, unreachable)


def _not_ready(
    seen: PrometheusSeen, values: dict[str, str], evidence: tuple[Evidence, ...]
) -> Verdict:
    """A 503 is a start or a replay, unless its own readiness route says that it is up."""
    is_up = isinstance(seen.ready, Reply) and seen.ready.status == 200
    causes = () if is_up else named(CauseId.PROMETHEUS_NOT_READY, **values)
    return Verdict(Status.FAIL, "not-ready", values, evidence, causes)


def _wrong_as_told(seen: PrometheusSeen, values: dict[str, str]) -> tuple[NamedCause, ...]:
    """The URL's path may be known to be wrong even while nobody answers: by the pod's arguments."""
    told = told_prefix(seen) if seen.origin else None
    if told is None or told.prefix == path_of(values["url"]):
        return ()
    return (_wrong_path(seen, told.prefix, values | {"status": _NO_SUCH_PATH})[1],)


def _wrong_path(
    seen: PrometheusSeen, prefix: str, values: dict[str, str]
) -> tuple[str, NamedCause]:
    """The key of the verdict and the cause: no path at all, or another than Prometheus has."""
    path = path_of(values["url"])
    told = values | {
        "prefix": prefix or "/",
        "path": path,
        "wanted": base_url(seen.origin, prefix),
    }
    if not path:
        return "missing-prefix", NamedCause(CauseId.PROMETHEUS_URL_MISSING_PREFIX, told)
    key = "wrong-prefix" if prefix else "no-prefix-wanted"
    return key, NamedCause(CauseId.PROMETHEUS_URL_WRONG_PREFIX, told)


URL = Check(CheckId.PROMETHEUS_URL, (Source.PROMETHEUS, Source.WORKLOAD, Source.PORTAL), _url)

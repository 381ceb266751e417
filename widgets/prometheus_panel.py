"""The Prometheus panel: the address in use against the real prefix, and what is counted behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from probes.model import (
    Answer,
    CheckId,
    Diagnosis,
    Failure,
    JobSeen,
    PortalSeen,
    PrometheusSeen,
    QuerySeen,
    ScrapesSeen,
    Snapshot,
    Status,
    seen_in,
)
from probes.model.prometheus import base_url
from widgets.panel import Panel, answered, not_seen
from widgets.pieces import MUTED, Fact, Line, Row, Words, plain
from widgets.rates import rates_rows
from widgets.status import status_piece, style_of, told

_WRONG = f"{style_of(Status.FAIL)} underline"
_MOST_JOBS = 5


class PrometheusPanel(Panel):
    """What was seen of Prometheus."""

    HELP = (
        "The address that ops-service uses against the prefix Prometheus really serves under, "
        "what the portal shows beside what is counted, the scrape jobs, and the requests and "
        "errors of each service in the last hour."
    )
    TITLE = "Prometheus"
    ROOM = "prometheus"

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The facts, or why there are none."""
        observation = snapshot.prometheus
        if observation is None or isinstance(observation.seen, Failure):
            return not_seen(observation)
        portal = seen_in(snapshot.portal)
        shown = portal if isinstance(portal, PortalSeen) else None
        seen = observation.seen
        return (*_address(seen), *_numbers(seen, shown, diagnosis), *_server(seen))


def _address(seen: PrometheusSeen) -> Iterator[Row]:
    """The URL and, as in a diff, the prefix that it should have."""
    if seen.url is None:
        yield Words(told(Status.FAIL, "PROMETHEUS_URL is not set"), indent=2)
    else:
        yield Words(_url(seen.url, seen), indent=2)
    if seen.malformed:
        yield Words(told(Status.FAIL, seen.malformed), indent=2)
    if seen.serving is None:
        yield Fact("prefix", told(Status.UNKNOWN, "not found"))
    elif _path(seen) != seen.serving.prefix:
        right, words = _right(seen, seen.serving.prefix)
        yield Words((("+ ", style_of(Status.FAIL)), (right, _WRONG), (f"  {words}", "")), indent=2)
    if seen.url_query is not None:
        yield Fact("query", _answer(seen.url_query))


def _right(seen: PrometheusSeen, prefix: str) -> tuple[str, str]:
    """What the URL should have, all of it where there is no telling the parts apart."""
    path = _path(seen)
    if path is None:
        return base_url(seen.origin, prefix), "is the address"
    return prefix or "(no prefix)", "not what the URL has" if path else "not in the URL"


def _path(seen: PrometheusSeen) -> str | None:
    """What the URL has behind the server's address; None where it is another one's, or none."""
    if seen.url is None or seen.origin is None or not seen.url.startswith(seen.origin):
        return None
    return seen.url[len(seen.origin) :].rstrip("/")


def _url(url: str, seen: PrometheusSeen) -> Line:
    """The URL; the path is marked where Prometheus serves under another."""
    path = _path(seen)
    if not path or seen.origin is None or seen.serving is None or path == seen.serving.prefix:
        return plain(url)
    return ((seen.origin, ""), (url[len(seen.origin) :], _WRONG))


def _answer(answer: Answer) -> Line:
    if isinstance(answer, Failure):
        return answered(answer)
    return answered(answer.status, "JSON" if answer.is_json else answer.content_type)


def _numbers(
    seen: PrometheusSeen, portal: PortalSeen | None, diagnosis: Diagnosis
) -> Iterator[Row]:
    """What the portal shows, and under it what is counted."""
    counted = seen.traffic.requests_last_hour if seen.traffic else None
    if portal is not None:
        yield Fact("portal", _shown(portal, counted, diagnosis))
    if counted is not None:
        yield Fact("actual", _requests(counted))


def _shown(portal: PortalSeen, counted: QuerySeen | None, diagnosis: Diagnosis) -> Line:
    """The portal's number; a zero takes the verdict on it, and is marked where it is none."""
    verdicts = (one.status for one in diagnosis.results if one.id is CheckId.PORTAL_METRICS)
    status = next(verdicts, Status.UNKNOWN)
    if portal.overview is None:
        return told(status, "no numbers")
    if portal.overview.total_requests:
        return plain(_per_hour(portal.overview.total_requests))
    is_lie = status is Status.FAIL and counted is not None and counted.value
    return (status_piece(status), ("  shows ", ""), ("0", _WRONG if is_lie else ""))


def _requests(query: QuerySeen) -> Line:
    if not query.answered:
        return told(Status.UNKNOWN, "not answered")
    if query.value is None:
        return told(Status.FAIL, "no metrics")
    return plain(_per_hour(query.value))


def _per_hour(requests: float) -> str:
    return f"{requests:,.0f} requests/h"


def _server(seen: PrometheusSeen) -> Iterator[Row]:
    """Whether it is ready, what it scrapes, and what it knows of the services."""
    if seen.ready is not None:
        yield Fact("ready", _ready(seen.ready, seen.version))
    jobs = seen.scrapes
    if jobs is not None:
        yield Fact("jobs", _jobs(jobs))
    if seen.rates is not None:
        yield from rates_rows(
            seen.rates, seen.traffic.series_by_namespace.by if seen.traffic else ()
        )
    if jobs is not None:
        yield from _down_jobs(jobs)
    yield Fact("set by", plain(seen.url_source, MUTED))


def _ready(answer: Answer, version: str) -> Line:
    is_ready = not isinstance(answer, Failure) and answer.status == 200
    return told(Status.PASS, version) if is_ready and version else _answer(answer)


def _jobs(scrapes: ScrapesSeen) -> Line:
    if not (scrapes.up.answered and scrapes.targets.answered):
        return told(Status.UNKNOWN, "not answered")
    down = sum(job.down > 0 for job in scrapes.jobs)
    up = f"{len(scrapes.jobs) - down} up"
    return told(Status.WARN, f"{up} · {down} down") if down else told(Status.PASS, up)


def _down_jobs(scrapes: ScrapesSeen) -> Iterator[Row]:
    """Those that are down, by name: below what one looks for first."""
    if not (scrapes.up.answered and scrapes.targets.answered):
        return
    down = [job for job in scrapes.jobs if job.down]
    for place, job in enumerate(down[:_MOST_JOBS]):
        yield Fact("" if place else "down", _down(job))
    if down[_MOST_JOBS:]:
        yield Fact("", plain(f"and {len(down) - _MOST_JOBS} more", MUTED))


def _down(job: JobSeen) -> Line:
    """A job with its targets that are up, of how many; as wide as a status, or wider."""
    status = Status.WARN if job.up else Status.FAIL
    count = f"{status.symbol} {job.up}/{job.targets}"
    return ((f"{count:<6}", style_of(status)), (f"  {job.name}", ""))

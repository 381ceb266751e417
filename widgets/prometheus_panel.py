"""The Prometheus panel: the address in use against the real prefix, readiness, and requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from probes.model import (
    Answer,
    Diagnosis,
    Failure,
    PortalSeen,
    PrometheusSeen,
    QuerySeen,
    Snapshot,
    Status,
)
from widgets.panel import Panel, answered, not_seen
from widgets.pieces import MUTED, Fact, Line, Row, plain
from widgets.status import style_of, told

_WRONG = f"{style_of(Status.FAIL)} underline"


class PrometheusPanel(Panel):
    """What was seen of Prometheus."""

    HELP = "The address that ops-service uses, the prefix Prometheus really serves under."
    TITLE = "Prometheus"
    ROOM = "prometheus"

    def rows_of(self, snapshot: Snapshot, diagnosis: Diagnosis) -> Sequence[Row]:
        """The facts, or why there are none."""
        observation = snapshot.prometheus
        if observation is None or isinstance(observation.seen, Failure):
            return not_seen(observation)
        portal = snapshot.portal.seen if snapshot.portal else None
        shown = portal if isinstance(portal, PortalSeen) else None
        return tuple(_facts(observation.seen, shown))


def _facts(seen: PrometheusSeen, portal: PortalSeen | None) -> Iterator[Row]:
    yield Fact("URL", _url(seen))
    yield Fact("set by", plain(seen.url_source, MUTED))
    yield Fact("prefix", _prefix(seen))
    if seen.url_query is not None:
        yield Fact("query", _answer(seen.url_query))
    if seen.ready is not None:
        yield Fact("ready", _answer(seen.ready))
    if seen.version:
        yield Fact("version", plain(seen.version))
    if seen.traffic is not None:
        yield Fact("counted", _requests(seen.traffic.requests_last_hour))
    if portal is not None and portal.overview is not None:
        yield Fact("portal", plain(f"shows {portal.overview.total_requests:,.0f} requests"))


def _url(seen: PrometheusSeen) -> Line:
    """The URL; what it has beyond, or lacks of, the real address is marked."""
    if seen.url is None:
        return told(Status.FAIL, "not set")
    if seen.serving is None or seen.origin is None or not seen.url.startswith(seen.origin):
        return plain(seen.url)
    path = seen.url[len(seen.origin) :].rstrip("/")
    if path == seen.serving.prefix:
        return plain(seen.url)
    return ((seen.origin, ""), (path, _WRONG)) if path else ((seen.origin, ""),)


def _prefix(seen: PrometheusSeen) -> Line:
    serving = seen.serving
    if serving is None:
        return told(Status.UNKNOWN, "not found")
    prefix = serving.prefix or "none, served at the root"
    if seen.url is None or seen.origin is None:
        return plain(prefix)
    path = seen.url.removeprefix(seen.origin).rstrip("/")
    if path == serving.prefix:
        return plain(prefix)
    return ((prefix, _WRONG), ("  not in the URL" if not path else "  not what the URL has", ""))


def _answer(answer: Answer) -> Line:
    if isinstance(answer, Failure):
        return answered(answer)
    return answered(answer.status, answer.content_type)


def _requests(query: QuerySeen) -> Line:
    if not query.answered:
        return told(Status.UNKNOWN, "not answered")
    if query.value is None:
        return told(Status.FAIL, "no request metrics")
    return plain(f"{query.value:,.0f} requests in the last hour")

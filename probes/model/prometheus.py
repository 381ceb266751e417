"""What was seen of Prometheus: its prefix, its readiness, and what it holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from probes.model.failure import Failure
from probes.model.observation import Answer, Reply
from probes.model.workload import PodSeen


@dataclass(frozen=True, slots=True)
class PrefixCandidate:
    """A route prefix that something hints at, and what it answers. The empty prefix is `""`.

    `found_in` says who hints at it: `GET / redirects there`, `argument --web.route-prefix`, …
    """

    prefix: str
    found_in: tuple[str, ...]
    ready: Answer
    query: Answer

    @property
    def serves(self) -> bool:
        """Whether Prometheus' query API answers under it."""
        return is_success(self.query)


@dataclass(frozen=True, slots=True)
class QuerySeen:
    """One instant query: `value` is the first sample (None: an empty result), `series` how many."""

    expression: str
    answer: Answer
    value: float | None = None
    series: int = 0
    by: Mapping[str, float] = field(default_factory=dict)
    """Samples by the value of the query's one grouping label, where it has one."""

    @property
    def answered(self) -> bool:
        """Whether Prometheus itself answered with a success."""
        return is_success(self.answer)


@dataclass(frozen=True, slots=True)
class TrafficSeen:
    """What Prometheus itself knows of the mesh's requests, asked under the prefix that serves."""

    requests_last_hour: QuerySeen
    """`sum(increase(istio_requests_total{reporter="destination"}[1h]))`, any namespace."""
    series_by_namespace: QuerySeen
    """How many destination series there are per `destination_service_namespace`."""


@dataclass(frozen=True, slots=True)
class JobSeen:
    """One scrape job: how many of its targets are up, of how many."""

    name: str
    up: int
    targets: int

    @property
    def down(self) -> int:
        """How many targets do not answer the scrape."""
        return max(0, self.targets - self.up)


@dataclass(frozen=True, slots=True)
class ScrapesSeen:
    """What Prometheus scrapes, per job: two instant queries on `up`."""

    up: QuerySeen
    """`sum by (job) (up)`"""
    targets: QuerySeen
    """`count by (job) (up)`"""

    @property
    def jobs(self) -> tuple[JobSeen, ...]:
        """Those with the largest part of their targets down first, then by name."""
        found = [
            JobSeen(name, _whole(self.up.by.get(name, 0)), _whole(targets))
            for name, targets in self.targets.by.items()
        ]
        return tuple(sorted(found, key=lambda job: (-job.down / max(1, job.targets), job.name)))


def _whole(value: float) -> int:
    return int(value) if math.isfinite(value) else 0


Points = tuple[float | None, ...]
"""One number for each step of a range, the oldest first; None where there is none."""

_RECENT = 3
"""Points that still tell of now: the clocks of two machines differ a little."""


@dataclass(frozen=True, slots=True)
class ServiceRates:
    """One service over the last hour, in requests per second.

    `failures` are those that it answered 5xx; None where they could not be asked for.
    """

    name: str
    requests: Points
    failures: Points | None

    @property
    def rate(self) -> float | None:
        """Requests per second now; None where the series has ended."""
        return _latest(self.requests)

    @property
    def shares(self) -> Points:
        """How many of a hundred requests failed, at each step; None where there was none."""
        if self.failures is None:
            return ()
        pairs = zip(self.requests, self.failures, strict=True)
        return tuple(100 * (failed or 0) / asked if asked else None for asked, failed in pairs)

    @property
    def share(self) -> float | None:
        """How many of a hundred requests fail now."""
        return _latest(self.shares)


def _latest(points: Points) -> float | None:
    return next((one for one in reversed(points[-_RECENT:]) if one is not None), None)


@dataclass(frozen=True, slots=True)
class RatesSeen:
    """The mesh's requests of the last hour in one namespace, per destination service.

    `requests` and `failures` are the answers to the two range queries; `services` are the
    largest, the largest first, and `left_out` how many more there are.
    """

    namespace: str
    requests: Answer
    failures: Answer
    services: tuple[ServiceRates, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class PrometheusSeen:
    """One look at Prometheus, with the URL that the running container has.

    `url` is None where PROMETHEUS_URL is unset; `origin` is scheme, host and port of what was
    asked (found through the Service when the URL is unset or malformed), or None when there
    was nobody to ask; `url_query` is the answer to ops-service's own kind of request,
    `{url}/api/v1/query`; `candidates` are in the order they were hinted at.
    """

    url: str | None
    url_source: str
    origin: str | None
    root: Answer | None = None
    url_query: Answer | None = None
    candidates: tuple[PrefixCandidate, ...] = ()
    ready: Answer | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    traffic: TrafficSeen | None = None
    scrapes: ScrapesSeen | None = None
    rates: RatesSeen | None = None
    pods: tuple[PodSeen, ...] | Failure = ()
    malformed: str = ""
    """Why `url` is no URL that could be asked, or empty."""

    @property
    def serving(self) -> PrefixCandidate | None:
        """The prefix under which the query API really answers."""
        return next((one for one in self.candidates if one.serves), None)


def base_url(origin: str | None, prefix: str) -> str:
    """The PROMETHEUS_URL that fits: origin and prefix, without a trailing slash."""
    return f"{(origin or '').rstrip('/')}{prefix}"


def is_success(answer: Answer) -> bool:
    """Whether Prometheus' API itself answered, and with a success."""
    return isinstance(answer, Reply) and answer.status == 200 and answer.is_json

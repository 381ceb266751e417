"""What was seen of Prometheus: its prefix, its readiness, and what it holds."""

from __future__ import annotations

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
        return isinstance(self.query, Reply) and self.query.status == 200 and self.query.is_json


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
        return isinstance(self.answer, Reply) and self.answer.status == 200 and self.answer.is_json


@dataclass(frozen=True, slots=True)
class TrafficSeen:
    """What Prometheus itself knows of the mesh's requests, asked under the prefix that serves."""

    requests_last_hour: QuerySeen
    """`sum(increase(istio_requests_total{reporter="destination"}[1h]))`, any namespace."""
    series_by_namespace: QuerySeen
    """How many destination series there are per `destination_service_namespace`."""


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

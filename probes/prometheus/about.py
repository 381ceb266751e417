"""What Prometheus says, of itself and of what it scrapes, under the prefix that serves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from probes.budget import Budget
from probes.model import ProbeError, RatesSeen, ScrapesSeen, TrafficSeen
from probes.prometheus.query import query
from probes.prometheus.rates import rates_of
from probes.reach import Reach
from probes.text import safe_text

_REQUESTS = 'sum(increase(istio_requests_total{reporter="destination"}[1h]))'
_SERIES = 'count by (destination_service_namespace) (istio_requests_total{reporter="destination"})'

# `/api/v1/targets` would tell the reason too, in megabytes where many pods are scraped.
_UP = "sum by (job) (up)"
_TARGETS = "count by (job) (up)"


@dataclass(frozen=True, slots=True)
class About:
    """What Prometheus says under the prefix that serves."""

    flags: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    traffic: TrafficSeen | None = None
    scrapes: ScrapesSeen | None = None
    rates: RatesSeen | None = None


NOTHING = About()


async def about(reach: Reach, base: str, namespace: str, budget: Budget) -> About:
    """All of it in one round trip; `namespace` is the one that the portal shows.

    Raises nothing: what fails costs its own detail only.
    """
    left = budget.left()
    asked = (_REQUESTS, _SERIES, _UP, _TARGETS)
    flags, build, (requests, series, up, targets), rates = await asyncio.gather(
        _status(reach, f"{base}/api/v1/status/flags", left),
        _status(reach, f"{base}/api/v1/status/buildinfo", left),
        asyncio.gather(*(query(reach, base, one, left) for one in asked)),
        rates_of(reach, base, namespace, left),
    )
    return About(
        flags={name: value for name, value in flags.items() if name.startswith("web.")},
        version=build.get("version", ""),
        traffic=TrafficSeen(requests, series),
        scrapes=ScrapesSeen(up, targets),
        rates=rates,
    )


async def _status(reach: Reach, url: str, timeout_s: float) -> Mapping[str, str]:
    """The `data` of a status page; empty where it does not answer: it only adds detail."""
    try:
        body = await reach.get(url, timeout_s=timeout_s)
        document = body.json() if body.reply.status == 200 else None
    except ProbeError:
        return {}
    data = document.get("data") if isinstance(document, dict) else None
    found = data.items() if isinstance(data, dict) else ()
    return {safe_text(str(name)): safe_text(str(value)) for name, value in found}

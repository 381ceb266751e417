"""Observing Prometheus: the address that ops-service has, the prefix, and what is behind it.

A sweep takes two round trips where the URL is right and three where it is not: the URL and the
root, then what the root hints at, then what Prometheus says of itself under the serving prefix.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from probes.budget import Budget
from probes.model import Failure, FailureKind, ProbeError, PrometheusSeen, WorkloadSeen
from probes.opsservice import OpsConfig
from probes.profile import Profile
from probes.prometheus import prefix as hints
from probes.prometheus.about import NOTHING
from probes.prometheus.look import FIRST_PART, Look
from probes.prometheus.service import find_origin, pods_behind
from probes.reach import Reach
from probes.text import safe_text


async def observe(
    reach: Reach, profile: Profile, config: OpsConfig, workload: WorkloadSeen, *, timeout_s: float
) -> PrometheusSeen:
    """One look at Prometheus, within `timeout_s` seconds in all. Raises nothing.

    Where the URL is unset or malformed and the Service that would tell the address could not be
    looked for, `origin` is None and `pods` says why.
    """
    budget = Budget(timeout_s)
    url = config.prometheus_url.value
    address = hints.take_apart(url) if url else hints.Address(None)
    denied: Failure | None = None
    if address.origin is None or address.malformed:
        address, denied = await _discovered(reach, address, workload.namespace, budget)
    seen = PrometheusSeen(
        url=safe_text(hints.without_password(url)) if url else None,
        url_source=config.prometheus_url.source,
        origin=address.origin,
        malformed=address.malformed,
        pods=denied or (),
    )
    if address.origin is None:
        return seen
    look = Look(reach, budget, address.origin)
    if url and not address.malformed:
        look.hint(address.prefix, "path of PROMETHEUS_URL", url)
    shown = config.prometheus_namespace.value or workload.namespace
    return await _seen_at(look, seen, address.host, workload.namespace, shown)


async def _discovered(
    reach: Reach, address: hints.Address, namespace: str, budget: Budget
) -> tuple[hints.Address, Failure | None]:
    """The address of the namespace's Prometheus, and why it could not be looked for."""
    denied: Failure | None = None
    origin: str | None = None
    try:
        async with asyncio.timeout(budget.share(FIRST_PART)):
            origin = await find_origin(reach.cluster, namespace)
    except ProbeError as error:
        denied = error.failure
    except TimeoutError:
        asked = f"list services in {namespace}"
        denied = Failure(FailureKind.TIMEOUT, f"{asked}: no answer in time", asked)
    found = origin or address.origin
    host = hints.take_apart(found).host if found else ""
    return hints.Address(found, host, malformed=address.malformed), denied


async def _seen_at(
    look: Look, seen: PrometheusSeen, host: str, namespace: str, shown: str
) -> PrometheusSeen:
    """Everything asked of the origin; the pods are looked at meanwhile.

    `namespace` is where the pods are, `shown` the one whose requests the portal shows.
    """
    cluster, budget = look.reach.cluster, look.budget
    async with asyncio.TaskGroup() as group:
        behind = group.create_task(pods_behind(cluster, host, namespace, budget.left()))
        look.hint("", "no prefix")
        own = await look.begin()
        described = group.create_task(look.describe(shown))
        pods = await behind
        look.heed(pods)
        await look.try_hints()
    about = described.result()
    if about is NOTHING:
        about = await look.describe(shown)
    return replace(
        seen,
        root=look.root,
        url_query=own,
        candidates=look.candidates,
        ready=look.ready,
        flags=about.flags,
        version=about.version,
        traffic=about.traffic,
        scrapes=about.scrapes,
        rates=about.rates,
        pods=pods,
    )

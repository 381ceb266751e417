"""Observing what the portal shows: its own API with a user's token, else worked out.

Without a token the numbers come from the four queries that `GET metrics/overview` sends, to the
address that the container has, with ops-service's own rules: an error counts as 0, and so does
NaN. Source: the service's `internal/client/prometheus_client.go`, `GetSystemOverview`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from pydantic import SecretStr

from probes.budget import Budget
from probes.model import (
    Answer,
    Failure,
    FailureKind,
    OverviewNumbers,
    PortalSeen,
    ProbeError,
    QuerySeen,
    Reply,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig
from probes.profile import Profile
from probes.prometheus import prefix
from probes.prometheus.query import query
from probes.reach import Reach
from probes.tokensource import TokenSource

_OURS = frozenset({FailureKind.FORBIDDEN, FailureKind.UNAUTHORIZED, FailureKind.UNAVAILABLE})
"""Failures of our own way to Prometheus: they tell nothing of what ops-service gets."""

_COMMAND_PART = 0.5
"""The part of the time limit that a token command may take; the rest is for what follows."""


async def observe(
    reach: Reach,
    profile: Profile,
    config: OpsConfig,
    workload: WorkloadSeen,
    *,
    timeout_s: float,
    tokens: TokenSource | None = None,
) -> PortalSeen:
    """One look at the portal's side of ops-service, within `timeout_s` seconds. Raises nothing.

    `tokens` remembers a token between sweeps; without it the profile is asked anew.
    """
    budget = Budget(timeout_s)
    root = _root(profile, config, workload)
    api = _Api(reach, root, config.base_path.rstrip("/"), budget)
    shown, health, active = await asyncio.gather(
        _shown(api, tokens or TokenSource.portal(profile), config),
        api.get("", "/health/ready"),
        api.get(api.base_path, "/config/active"),
    )
    return replace(shown, health=health[0], config_active=active[0])


def _root(profile: Profile, config: OpsConfig, workload: WorkloadSeen) -> str:
    """Where ops-service's routes begin, seen from outside or by its Service."""
    if profile.portal_url:
        return profile.portal_url.rstrip("/")
    host = f"{workload.name}.{workload.namespace}.svc.cluster.local"
    return f"http://{host}:{config.server_port}"


class _Api:
    """GET requests to ops-service; `root` is where its health routes are."""

    def __init__(self, reach: Reach, root: str, base_path: str, budget: Budget) -> None:
        self.reach = reach
        self.base_path = base_path
        self.budget = budget
        self._root = root

    async def get(
        self,
        base_path: str,
        path: str,
        token: SecretStr | None = None,
        params: Mapping[str, str] | None = None,
    ) -> tuple[Answer, object]:
        """The answer, and the document of a 200 that is JSON (else None)."""
        try:
            body = await self.reach.get(
                f"{self._root}{base_path}{path}",
                params=params,
                token=token,
                timeout_s=self.budget.left(),
            )
            document = body.json() if body.reply.status == 200 and body.reply.is_json else None
        except ProbeError as error:
            return error.failure, None
        return body.reply, document

    async def monitoring(
        self, path: str, token: SecretStr, params: Mapping[str, str] | None = None
    ) -> tuple[Answer, object]:
        """The answer of a route that wants a user's token, and the `data` of its envelope."""
        answer, document = await self.get(self.base_path, f"/monitoring/{path}", token, params)
        return answer, document.get("data") if isinstance(document, dict) else None


async def _shown(api: _Api, tokens: TokenSource, config: OpsConfig) -> PortalSeen:
    try:
        token = await tokens.token(api.budget.share(_COMMAND_PART))
    except ProbeError as error:
        return replace(await _worked_out(api, config), token_failure=error.failure)
    if token is None:
        return await _worked_out(api, config)
    seen = await _by_api(api, token)
    if isinstance(seen.overview_answer, Reply) and seen.overview_answer.status == 401:
        tokens.forget()
    return seen


async def _by_api(api: _Api, token: SecretStr) -> PortalSeen:
    overview, applications = await asyncio.gather(
        api.monitoring("metrics/overview", token),
        api.monitoring("applications", token),
    )
    numbers = _numbers(overview[1])
    # The one route that does not hide a failing Prometheus. A failure costs ops-service two error
    # lines in its log: it is asked only where there are zeros to explain.
    recent = None
    if numbers and numbers.all_zero:
        recent, _ = await api.monitoring("errors/recent", token, {"limit": "1"})
    return PortalSeen(
        by_api=True,
        health=None,
        config_active=None,
        overview_answer=overview[0],
        overview=numbers,
        applications_answer=applications[0],
        applications=_count(*applications),
        recent_errors=recent,
    )


def _numbers(data: object) -> OverviewNumbers | None:
    if not isinstance(data, dict):
        return None
    return OverviewNumbers(
        total_requests=_number(data.get("totalRequests")),
        avg_response_ms=_number(data.get("avgResponseTime")),
        error_percentage=_number(data.get("errorPercentage")),
        active_services=_number(data.get("activeServices")),
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _count(answer: Answer, data: object) -> int | None:
    """How many applications the portal lists: its `null` is an empty list."""
    if not isinstance(answer, Reply) or answer.status != 200 or not answer.is_json:
        return None
    return len(data) if isinstance(data, list) else 0


async def _worked_out(api: _Api, config: OpsConfig) -> PortalSeen:
    queries = await _queries(api, config)
    hidden = any(isinstance(one.answer, Failure) and one.answer.kind in _OURS for one in queries)
    numbers = (
        None if hidden or not queries else OverviewNumbers(*(one.value or 0 for one in queries))
    )
    return PortalSeen(
        by_api=False, health=None, config_active=None, overview=numbers, queries=queries
    )


async def _queries(api: _Api, config: OpsConfig) -> tuple[QuerySeen, ...]:
    """What ops-service would get for its overview; nothing where it has no URL to ask."""
    url = config.prometheus_url.value
    if url is None:
        return ()
    expressions = _overview(config.prometheus_namespace.value or "")
    reason = prefix.take_apart(url).malformed
    if reason:
        failure = Failure(FailureKind.MALFORMED, f"PROMETHEUS_URL cannot be asked: {reason}")
        return tuple(QuerySeen(one, failure) for one in expressions)
    left = api.budget.left()
    return tuple(await asyncio.gather(*(query(api.reach, url, one, left) for one in expressions)))


def _overview(namespace: str) -> tuple[str, str, str, str]:
    """The four queries of `metrics/overview`, in the order of its numbers."""
    ours = f'reporter="destination", destination_service_namespace="{namespace}"'
    requests = f"istio_requests_total{{{ours}}}"
    failures = f'istio_requests_total{{{ours}, response_code=~"5.."}}'
    buckets = f"istio_request_duration_milliseconds_bucket{{{ours}}}"
    return (
        f"sum(increase({requests}[1h]))",
        f"avg(histogram_quantile(0.50, sum(rate({buckets}[5m])) "
        "by (le, destination_service_name)))",
        f"sum(rate({failures}[5m])) / sum(rate({requests}[5m])) * 100",
        f"count(count by (destination_service_name) (rate({requests}[5m]) > 0))",
    )

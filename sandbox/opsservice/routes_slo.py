"""monitoring/slo/*: without data every service is 100 % available."""

from __future__ import annotations

from typing import Any

from sandbox.opsservice import promql
from sandbox.opsservice.context import Context
from sandbox.opsservice.http import Request, Response, failure, success
from sandbox.opsservice.prometheus import PrometheusClient
from sandbox.opsservice.routes_metrics import NOT_CONFIGURED

_AVAILABILITY = 99.9
_P99_MS = 500.0
_BUDGET = (100 - _AVAILABILITY) / 100
_AT_RISK = 20.0
_FAST_BURN = 14.4
_SLOW_BURN = 6.0


async def overview(context: Context, _request: Request) -> Response:
    """GET slo/overview: 18 queries."""
    if context.prometheus is None:
        return failure(500, NOT_CONFIGURED)
    services = [await _slo(context.prometheus, name) for name in promql.SLO_SERVICES]
    at_risk = sum(one["errorBudgetRemaining"] < _AT_RISK for one in services)
    return success(
        {
            "services": services,
            "overallHealth": _health(at_risk),
            "servicesAtRisk": at_risk,
            "totalServices": len(services),
        }
    )


async def burn_rates(context: Context, _request: Request) -> Response:
    """GET slo/burn-rates: 18 queries."""
    if context.prometheus is None:
        return failure(500, NOT_CONFIGURED)
    return success([await _burn(context.prometheus, name) for name in promql.SLO_SERVICES])


async def _slo(prometheus: PrometheusClient, name: str) -> dict[str, Any]:
    # 0 is what no data looks like, and is taken for all being well.
    availability = await prometheus.value(promql.availability(name)) or 100.0
    p50 = await prometheus.value(promql.quantile(name, "0.50"))
    p99 = await prometheus.value(promql.quantile(name, "0.99"))
    consumed = (100 - availability) / 100 / _BUDGET * 100
    return {
        "serviceName": name,
        "availability": availability,
        "availabilityTarget": _AVAILABILITY,
        "availabilityMet": availability >= _AVAILABILITY,
        "latencyP50": p50,
        "latencyP99": p99,
        "latencyTarget": _P99_MS,
        "latencyMet": p99 <= _P99_MS,
        "errorBudgetRemaining": max(100 - consumed, 0.0),
        "errorBudgetConsumed": consumed,
    }


def _health(at_risk: int) -> str:
    if at_risk == 0:
        return "healthy"
    return "degraded" if at_risk <= len(promql.SLO_SERVICES) // 3 else "critical"


async def _burn(prometheus: PrometheusClient, name: str) -> dict[str, Any]:
    rates = {
        f"rate{window}": await prometheus.value(promql.burn(name, window)) / _BUDGET
        for window in ("1h", "6h", "24h")
    }
    alerting = rates["rate1h"] > _FAST_BURN or rates["rate6h"] > _SLOW_BURN
    return {"serviceName": name, **rates, "alerting": alerting}

"""monitoring/errors/*: three of the four tell when Prometheus does not answer."""

from __future__ import annotations

import time
from typing import Any

from sandbox.opsservice import promql
from sandbox.opsservice.context import Context
from sandbox.opsservice.gohttp import GoError
from sandbox.opsservice.http import Request, Response, failure, success
from sandbox.opsservice.prometheus import PrometheusClient, Result, number
from sandbox.opsservice.routes_metrics import NOT_CONFIGURED
from sandbox.opsservice.zaplog import Site, ZapLogger

_HOUR_S = 3600
_STEP = "5m0s"
_LIMIT = 50


def _handler(line: int, function: str) -> Site:
    go = f"ops-service/internal/handler.(*ErrorTrackerHandler).{function}"
    return Site(f"handler/error_tracker_handler.go:{line}", go)


def _client(line: int) -> Site:
    go = "ops-service/internal/client.(*PrometheusClient)"
    return Site(f"client/prometheus_client.go:{line}", go)


_RECENT = _handler(77, "GetRecentErrors")
_TREND = _handler(101, "GetErrorTrend")
_BY_SERVICE = _handler(125, "GetErrorsByService")


async def overview(context: Context, _request: Request) -> Response:
    """GET errors/overview: 3 queries, errors dropped."""
    prometheus = context.prometheus
    if prometheus is None:
        return failure(500, NOT_CONFIGURED)
    namespace = prometheus.namespace
    total = await prometheus.value(promql.errors_total(namespace))
    rate = await prometheus.value(promql.error_share(namespace))
    worst = await prometheus.first(promql.worst_service(namespace))
    return success(
        {
            "totalErrors": total,
            "errorRate": rate,
            "mostErrorService": _label(worst, "destination_service_name") if worst else "",
            "mostErrorCount": number(worst.get("value")) if worst else 0,
        }
    )


async def recent(context: Context, request: Request) -> Response:
    """GET errors/recent?limit=."""
    prometheus = context.prometheus
    if prometheus is None:
        return failure(500, NOT_CONFIGURED)
    text = request.query_value("limit")
    limit = int(text) if text.isdecimal() and int(text) > 0 else _LIMIT
    try:
        results = await prometheus.query(promql.recent_errors(prometheus.namespace, limit))
    except GoError as error:
        problem = f"failed to query recent errors: {error}"
        return _failed(context.log, _RECENT, "Failed to get recent errors", problem)
    return success([_recent_error(one) for one in results] or None)


async def trend(context: Context, _request: Request) -> Response:
    """GET errors/trend: the last hour in steps of 5 minutes."""
    prometheus = context.prometheus
    if prometheus is None:
        return failure(500, NOT_CONFIGURED)
    now = int(time.time())
    window = (now - _HOUR_S, now, _STEP)
    try:
        shares = await prometheus.query_range(promql.error_share(prometheus.namespace), *window)
    except GoError as error:
        problem = f"failed to query error trend: {error}"
        return _failed(context.log, _TREND, "Failed to get error trend", problem)
    counts: list[Result] = []
    try:
        counts = await prometheus.query_range(promql.error_rate(prometheus.namespace), *window)
    except GoError as error:
        context.log.warn(_client(456), "Failed to query error count trend", {"error": str(error)})
    return success(_points(shares, counts) or None)


async def by_service(context: Context, _request: Request) -> Response:
    """GET errors/by-service."""
    prometheus = context.prometheus
    if prometheus is None:
        return failure(500, NOT_CONFIGURED)
    namespace = prometheus.namespace
    try:
        bad = await prometheus.query(promql.errors_by_service(namespace, "5.."))
    except GoError as error:
        problem = f"failed to query 5xx errors: {error}"
        return _failed(context.log, _BY_SERVICE, "Failed to get errors by service", problem)
    refused = await _or_warn(
        context.log,
        prometheus,
        promql.errors_by_service(namespace, "4.."),
        (_client(504), "Failed to query 4xx errors"),
    )
    total = await _or_warn(
        context.log,
        prometheus,
        promql.errors_by_service(namespace),
        (_client(517), "Failed to query total requests"),
    )
    return success(_summaries(_counts(bad), _counts(refused), _counts(total)) or None)


def _failed(log: ZapLogger, site: Site, message: str, problem: str) -> Response:
    log.error(site, message, {"error": problem})
    return failure(500, message)


async def _or_warn(
    log: ZapLogger, prometheus: PrometheusClient, query: str, warning: tuple[Site, str]
) -> list[Result]:
    try:
        return await prometheus.query(query)
    except GoError as error:
        log.warn(*warning, {"error": str(error)})
        return []


def _recent_error(result: Result) -> dict[str, Any]:
    return {
        "serviceName": _label(result, "destination_service_name"),
        "requestPath": _label(result, "request_path"),
        "responseCode": _label(result, "response_code"),
        "errorCount": number(result.get("value")),
        "timestamp": int(time.time()),
    }


def _points(shares: list[Result], counts: list[Result]) -> list[dict[str, float]]:
    """The first series' points, with the counts at the same position."""
    rates = shares[0].get("values") or [] if shares else []
    amounts = counts[0].get("values") or [] if counts else []
    return [
        {
            "timestamp": int(pair[0]),
            "errorRate": number(pair),
            "errorCount": number(amounts[at]) if at < len(amounts) else 0,
        }
        for at, pair in enumerate(rates)
    ]


def _counts(results: list[Result]) -> dict[str, float]:
    named = ((_label(one, "destination_service_name"), one) for one in results)
    return {name: number(one.get("value")) for name, one in named if name}


def _summaries(
    bad: dict[str, float], refused: dict[str, float], total: dict[str, float]
) -> list[dict[str, Any]]:
    summaries: list[dict[str, Any]] = []
    for name in {**bad, **refused}:
        errors = bad.get(name, 0.0) + refused.get(name, 0.0)
        requests = total.get(name, 0.0)
        summaries.append(
            {
                "serviceName": name,
                "totalErrors": errors,
                "errorRate": errors / requests * 100 if requests > 0 else 0,
                "error5xxCount": bad.get(name, 0.0),
                "error4xxCount": refused.get(name, 0.0),
            }
        )
    return summaries


def _label(result: Result, name: str) -> str:
    return str((result.get("metric") or {}).get(name, ""))

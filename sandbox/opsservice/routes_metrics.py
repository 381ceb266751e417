"""monitoring/metrics/*: every query that fails is dropped without a word, and leaves a 0."""

from __future__ import annotations

from sandbox.opsservice import promql
from sandbox.opsservice.context import Context
from sandbox.opsservice.http import Request, Response, failure, success
from sandbox.opsservice.prometheus import PrometheusClient

NOT_CONFIGURED = "Prometheus client not configured"

_OVERVIEW_COUNTS = ("activeServices",)
_CLUSTER_COUNTS = ("nodeCount", "podCount", "healthyPods", "unhealthyPods")


async def overview(context: Context, _request: Request) -> Response:
    """GET metrics/overview: 4 queries; `totalEndpoints` is never set."""
    if context.prometheus is None:
        return failure(500, NOT_CONFIGURED)
    queries = promql.overview(context.prometheus.namespace)
    values = await _values(context.prometheus, queries, _OVERVIEW_COUNTS)
    return success(values | {"totalEndpoints": 0})


async def services(context: Context, _request: Request) -> Response:
    """GET metrics/services: 42 queries, one after the other."""
    if context.prometheus is None:
        return failure(500, NOT_CONFIGURED)
    return success(await _services(context.prometheus))


async def service_detail(context: Context, request: Request) -> Response:
    """GET metrics/services/:serviceName: the same 42 queries, one element shown."""
    if context.prometheus is None:
        return failure(500, NOT_CONFIGURED)
    name = request.params["serviceName"]
    for element in await _services(context.prometheus):
        if element["serviceName"] == name:
            return success(element)
    return failure(404, f"Service not found: {name}")


async def cluster(context: Context, _request: Request) -> Response:
    """GET metrics/cluster: 8 queries."""
    if context.prometheus is None:
        return failure(500, NOT_CONFIGURED)
    values = await _values(context.prometheus, promql.CLUSTER, _CLUSTER_COUNTS)
    return success(values)


async def _services(prometheus: PrometheusClient) -> list[dict[str, object]]:
    elements: list[dict[str, object]] = []
    for name in promql.SERVICES:
        values = await _values(prometheus, promql.service(name), ())
        elements.append({"serviceName": name, **values, "activeRequests": 0})
    return elements


async def _values(
    prometheus: PrometheusClient, queries: dict[str, str], counts: tuple[str, ...]
) -> dict[str, float]:
    """Each query's value by field, asked one after the other; `counts` are cut to integers."""
    values: dict[str, float] = {}
    for field, query in queries.items():
        value = await prometheus.value(query)
        values[field] = int(value) if field in counts and abs(value) < 2**63 else value
    return values

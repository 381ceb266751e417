"""The mesh's requests of the last hour: two range queries, put together per service.

`istio_requests_total` with `reporter="destination"` is what ops-service counts, and its
`errors/trend` sums the 5xx as it is done here, of all services at once.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Mapping
from typing import Any

from probes.model import Answer, ProbeError, RatesSeen, ServiceRates
from probes.model.prometheus import Points, is_success
from probes.prometheus.query import asked, label, number
from probes.reach import Reach

PATH = "/api/v1/query_range"
STEP_S = 120
_STEPS = 30
_MOST_SERVICES = 12

By = Mapping[str, Points]
"""Points by the value of a query's one grouping label."""


async def rates_of(reach: Reach, base: str, namespace: str, timeout_s: float) -> RatesSeen:
    """Requests and 5xx per second of the services in that namespace. Raises nothing."""
    end = _now()
    (requests, asked_by), (failures, failed_by) = await asyncio.gather(
        _ranged(reach, base, _expression(namespace), end, timeout_s),
        _ranged(reach, base, _expression(namespace, ', response_code=~"5.."'), end, timeout_s),
    )
    largest = sorted(asked_by, key=lambda name: (-_total(asked_by[name]), name))
    known = failed_by if is_success(failures) else None
    return RatesSeen(
        namespace,
        requests,
        failures,
        tuple(_service(name, asked_by[name], known) for name in largest[:_MOST_SERVICES]),
        left_out=len(largest[_MOST_SERVICES:]),
    )


def _now() -> int:
    """The last full step: between two steps every sweep asks, and is answered, the same."""
    now = int(time.time())
    return now - now % STEP_S


def _expression(namespace: str, more: str = "") -> str:
    # A JSON string is a PromQL string: whatever the setting holds stays within its quotes.
    quoted = json.dumps(namespace)
    where = f'reporter="destination", destination_service_namespace={quoted}{more}'
    return f"sum by (destination_service_name) (rate(istio_requests_total{{{where}}}[5m]))"


def _total(points: Points) -> float:
    return sum(one for one in points if one is not None)


def _service(name: str, requests: Points, failed_by: By | None) -> ServiceRates:
    """A service that never answered a 5xx has no series of them."""
    never: Points = (None,) * len(requests)
    return ServiceRates(
        name, requests, failed_by.get(name, never) if failed_by is not None else None
    )


async def _ranged(
    reach: Reach, base: str, expression: str, end: int, timeout_s: float
) -> tuple[Answer, By]:
    start = end - _STEPS * STEP_S
    params = {"query": expression, "start": str(start), "end": str(end), "step": str(STEP_S)}
    try:
        reply, data = await asked(reach, base + PATH, params, timeout_s)
    except ProbeError as error:
        return error.failure, {}
    return reply, _series(data, start)


def _series(data: Mapping[str, Any], start: int) -> By:
    result = data.get("result")
    if data.get("resultType") != "matrix" or not isinstance(result, list):
        return {}
    matrix = [one for one in result if isinstance(one, dict)]
    return {label(one.get("metric")): _points(one.get("values"), start) for one in matrix}


def _points(values: object, start: int) -> Points:
    """One number for each step; what is no number, or of no step, is not there."""
    found: list[float | None] = [None] * (_STEPS + 1)
    for sample in values if isinstance(values, list) else ():
        place = _place(sample, start)
        value = number(sample)
        if place is not None and value is not None and math.isfinite(value):
            found[place] = value
    return tuple(found)


def _place(sample: object, start: int) -> int | None:
    at = sample[0] if isinstance(sample, list) and sample else None
    if not isinstance(at, int | float) or not start <= at <= start + _STEPS * STEP_S:
        return None
    return round((at - start) / STEP_S)

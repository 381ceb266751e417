"""Answers: values of PromQL as the JSON of the HTTP API."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from sandbox.prometheus.promql.values import Ranged, Sample, Value
from sandbox.prometheus.samples import Point


def _seconds(at: int) -> int | float:
    return at // 1000 if at % 1000 == 0 else at / 1000


def number(value: float) -> str:
    """A value as Go's `strconv.FormatFloat(v, 'f', -1, 64)` writes it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def _point(at: int, value: float) -> list[Any]:
    return [_seconds(at), number(value)]


def _points(points: tuple[Point, ...]) -> list[list[Any]]:
    return [_point(*point) for point in points]


def result(value: Value, at: int, *, matrix: bool) -> Mapping[str, Any]:
    """`data` of a query's answer; a list is a matrix or a vector, as the caller knows."""
    if isinstance(value, str):
        return {"resultType": "string", "result": [_seconds(at), value]}
    if isinstance(value, int | float):
        return {"resultType": "scalar", "result": _point(at, value)}
    found = []
    for one in value:
        if isinstance(one, Ranged):
            found.append({"metric": dict(one.labels), "values": _points(one.points)})
        elif isinstance(one, Sample):
            found.append({"metric": dict(one.labels), "value": _point(at, one.value)})
    return {"resultType": "matrix" if matrix else "vector", "result": found}


def success(data: object) -> Response:
    """The envelope of an answer."""
    return _json(200, {"status": "success", "data": data})


def error(status: int, kind: str, text: str) -> Response:
    """The envelope of an error."""
    return _json(status, {"status": "error", "errorType": kind, "error": text})


def _json(status: int, body: object) -> Response:
    content = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return Response(content, status, media_type="application/json")

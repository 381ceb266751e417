"""Functions of PromQL that compute on numbers (prometheus/promql/functions.go, quantile.go)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sandbox.prometheus.promql.nodes import ValueType
from sandbox.prometheus.samples import Point


@dataclass(frozen=True)
class Window:
    """The points of one series within a range, `start` and `end` in epoch milliseconds."""

    points: Sequence[Point]
    start: int
    end: int


@dataclass(frozen=True)
class Signature:
    """Types of the arguments and of the result."""

    arguments: tuple[ValueType, ...]
    result: ValueType = "instant vector"


OVER_TIME: Mapping[str, Callable[[Window], float | None]] = {
    "rate": lambda window: _extrapolated(window, counter=True, per_second=True),
    "increase": lambda window: _extrapolated(window, counter=True, per_second=False),
    "delta": lambda window: _extrapolated(window, counter=False, per_second=False),
    "avg_over_time": lambda window: _sum(window) / len(window.points),
    "sum_over_time": lambda window: _sum(window),
    "min_over_time": lambda window: min(value for _at, value in window.points),
    "max_over_time": lambda window: max(value for _at, value in window.points),
    "last_over_time": lambda window: window.points[-1][1],
    "count_over_time": lambda window: float(len(window.points)),
}
"""Of one series over a range; never called without points. None: the series has no result."""

MATH: Mapping[str, Callable[[float], float]] = {
    "abs": abs,
    "ceil": lambda value: float(math.ceil(value)) if math.isfinite(value) else value,
    "floor": lambda value: float(math.floor(value)) if math.isfinite(value) else value,
    "round": lambda value: math.floor(value + 0.5) if math.isfinite(value) else value,
}
"""Of each value of a vector."""

SIGNATURES: Mapping[str, Signature] = {
    **dict.fromkeys(OVER_TIME, Signature(("range vector",))),
    **dict.fromkeys((*MATH, "absent", "sort", "sort_desc"), Signature(("instant vector",))),
    "histogram_quantile": Signature(("scalar", "instant vector")),
    "vector": Signature(("scalar",)),
    "scalar": Signature(("instant vector",), "scalar"),
    "time": Signature((), "scalar"),
}


def _sum(window: Window) -> float:
    return math.fsum(value for _at, value in window.points)


def _extrapolated(window: Window, *, counter: bool, per_second: bool) -> float | None:
    """`extrapolatedRate` of functions.go: counter resets, then extrapolation to the range."""
    points = window.points
    if len(points) < 2:
        return None
    (first_at, first), (last_at, last) = points[0], points[-1]
    change = last - first
    if counter:
        change += sum(a for (_, a), (_, b) in pairwise(points) if b < a)
    sampled = (last_at - first_at) / 1000
    average = sampled / (len(points) - 1)
    to_start = (first_at - window.start) / 1000
    to_end = (window.end - last_at) / 1000
    if counter and change > 0 and first >= 0:
        # A counter does not start below zero.
        to_start = min(to_start, sampled * (first / change))
    extrapolated = sampled
    for gap in (to_start, to_end):
        extrapolated += gap if gap < average * 1.1 else average / 2
    factor = extrapolated / sampled
    if per_second:
        factor /= (window.end - window.start) / 1000
    return change * factor


Bucket = tuple[float, float]
"""(upper bound, cumulative count)."""


def histogram_quantile(q: float, buckets: Sequence[Bucket]) -> float:
    """`bucketQuantile` of quantile.go; linear within a bucket."""
    if math.isnan(q):
        return math.nan
    if not 0 <= q <= 1:
        return math.copysign(math.inf, q)
    ordered = _monotonic(buckets)
    if len(ordered) < 2 or not math.isinf(ordered[-1][0]):
        return math.nan
    observations = ordered[-1][1]
    if observations == 0 or math.isnan(observations):
        return math.nan
    rank = q * observations
    index = next((i for i, (_, count) in enumerate(ordered[:-1]) if count >= rank), None)
    if index is None:
        return ordered[-2][0]
    bound, count = ordered[index]
    if index == 0:
        return bound if bound <= 0 else bound * (rank / count)
    below, counted = ordered[index - 1]
    return below + (bound - below) * ((rank - counted) / (count - counted))


def _monotonic(buckets: Sequence[Bucket]) -> list[Bucket]:
    """Sorted by bound, equal bounds added up, counts never falling."""
    total: dict[float, float] = {}
    for bound, count in buckets:
        total[bound] = total.get(bound, 0.0) + count
    ordered: list[Bucket] = []
    highest = -math.inf
    for bound in sorted(total):
        highest = max(highest, total[bound])
        ordered.append((bound, highest))
    return ordered

"""Aggregations over a vector (prometheus/promql/engine.go, aggregation)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from sandbox.prometheus.promql.nodes import Aggregation
from sandbox.prometheus.promql.values import Sample, Vector, drop, keep
from sandbox.prometheus.samples import Labels

_TOTALS: Mapping[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": lambda values: min(values, key=_nan_last),
    "max": lambda values: max(values, key=_nan_first),
    "count": lambda values: float(len(values)),
}


def aggregate(node: Aggregation, vector: Vector, parameter: float) -> Vector:
    """One value for each group; `topk` and `bottomk` keep the `parameter` chosen series whole."""
    groups: dict[Labels, Vector] = {}
    for sample in vector:
        groups.setdefault(_group(node, sample.labels), []).append(sample)
    if node.operator in _TOTALS:
        total = _TOTALS[node.operator]
        return [Sample(key, total([s.value for s in group])) for key, group in groups.items()]
    return [sample for group in groups.values() for sample in _chosen(node, group, parameter)]


def _group(node: Aggregation, labels: Labels) -> Labels:
    return (drop if node.without else keep)(labels, node.labels)


def _chosen(node: Aggregation, group: Vector, parameter: float) -> Vector:
    count = int(parameter) if math.isfinite(parameter) and parameter >= 1 else 0
    if node.operator == "topk":
        return sorted(group, key=lambda sample: _nan_first(sample.value), reverse=True)[:count]
    return sorted(group, key=lambda sample: _nan_last(sample.value))[:count]


def _nan_first(value: float) -> float:
    return -math.inf if math.isnan(value) else value


def _nan_last(value: float) -> float:
    return math.inf if math.isnan(value) else value

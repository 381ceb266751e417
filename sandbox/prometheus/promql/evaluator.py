"""Evaluator: a syntax tree against the stored series, at one moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from sandbox.prometheus.memory import Memory
from sandbox.prometheus.promql import binary
from sandbox.prometheus.promql.aggregation import aggregate
from sandbox.prometheus.promql.functions import (
    MATH,
    OVER_TIME,
    Bucket,
    Window,
    histogram_quantile,
)
from sandbox.prometheus.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Negative,
    Node,
    Number,
    Selector,
    String,
)
from sandbox.prometheus.promql.values import Matrix, Ranged, Sample, Value, Vector, drop, nameless
from sandbox.prometheus.samples import Labels

LOOKBACK_MS = 5 * 60_000
"""How old the newest sample of a series may be (`--query.lookback-delta`)."""


class Evaluator:
    """Evaluates expressions at `at` (epoch milliseconds)."""

    def __init__(self, memory: Memory, at: int) -> None:
        self._memory = memory
        self._at = at

    def value(self, node: Node) -> Value:
        """The value of an expression. Raises ExecutionError."""
        match node:
            case Number() | String():
                return node.value
            case Selector():
                return self._matrix(node) if node.range_ms else self._instant(node)
            case Call():
                return self._call(node)
            case Aggregation():
                parameter = self._scalar(node.parameter) if node.parameter else 0.0
                return aggregate(node, self._vector(node.expression), parameter)
            case Binary():
                return self._binary(node)
            case Negative():
                return self._negative(node)

    def _vector(self, node: Node) -> Vector:
        value = self.value(node)
        return [s for s in value if isinstance(s, Sample)] if isinstance(value, list) else []

    def _scalar(self, node: Node) -> float:
        value = self.value(node)
        return value if isinstance(value, float) else math.nan

    def _instant(self, node: Selector) -> Vector:
        at = self._at - node.offset_ms
        selected = self._memory.select(node.selects, node.name)
        points = ((stored.key, stored.latest(at, LOOKBACK_MS)) for stored in selected)
        return [Sample(labels, point[1]) for labels, point in points if point is not None]

    def _matrix(self, node: Selector) -> Matrix:
        end = self._at - node.offset_ms
        found = []
        for stored in self._memory.select(node.selects, node.name):
            points = tuple(stored.between(end - node.range_ms, end))
            if points:
                found.append(Ranged(stored.key, points))
        return found

    def _binary(self, node: Binary) -> Value:
        left, right = node.left, node.right
        if left.type == "scalar" and right.type == "scalar":
            return binary.scalars(node, self._scalar(left), self._scalar(right))
        if left.type == "scalar":
            scalar = self._scalar(left)
            return binary.vector_scalar(node, self._vector(right), scalar, swapped=True)
        if right.type == "scalar":
            scalar = self._scalar(right)
            return binary.vector_scalar(node, self._vector(left), scalar, swapped=False)
        return binary.vectors(node, self._vector(left), self._vector(right))

    def _negative(self, node: Negative) -> Value:
        if node.type == "scalar":
            return -self._scalar(node.expression)
        vector = self._vector(node.expression)
        return [Sample(nameless(sample.labels), -sample.value) for sample in vector]

    def _call(self, node: Call) -> Value:
        if node.function in OVER_TIME:
            return self._over_time(node)
        if node.function in MATH:
            function = MATH[node.function]
            vector = self._vector(node.arguments[0])
            return [Sample(nameless(s.labels), function(s.value)) for s in vector]
        return _SPECIAL[node.function](self, node)

    def _over_time(self, node: Call) -> Vector:
        selector = node.arguments[0]
        if not isinstance(selector, Selector):
            return []
        end = self._at - selector.offset_ms
        found: Vector = []
        for ranged in self._matrix(selector):
            window = Window(ranged.points, end - selector.range_ms, end)
            result = OVER_TIME[node.function](window)
            if result is not None:
                named = node.function == "last_over_time"
                found.append(Sample(ranged.labels if named else nameless(ranged.labels), result))
        return found

    def _quantile(self, node: Call) -> Vector:
        q = self._scalar(node.arguments[0])
        histograms: dict[Labels, list[Bucket]] = {}
        for sample in self._vector(node.arguments[1]):
            try:
                bound = float(sample["le"])
            except ValueError:
                continue  # not a bucket, as in Prometheus
            key = drop(sample.labels, ("le",))
            histograms.setdefault(key, []).append((bound, sample.value))
        return [Sample(key, histogram_quantile(q, found)) for key, found in histograms.items()]

    def _sorted(self, node: Call) -> Vector:
        falling = node.function == "sort_desc"
        return sorted(self._vector(node.arguments[0]), key=lambda s: s.value, reverse=falling)

    def _absent(self, node: Call) -> Vector:
        selector = node.arguments[0]
        if self._vector(selector):
            return []
        matchers = selector.matchers if isinstance(selector, Selector) else ()
        equal = {m.label: m.value for m in matchers if m.operator == "=" and m.value}
        return [Sample(nameless(tuple(sorted(equal.items()))), 1.0)]

    def _as_scalar(self, node: Call) -> float:
        vector = self._vector(node.arguments[0])
        return vector[0].value if len(vector) == 1 else math.nan

    def _as_vector(self, node: Call) -> Vector:
        return [Sample((), self._scalar(node.arguments[0]))]

    def _time(self, _node: Call) -> float:
        return self._at / 1000


_SPECIAL: Mapping[str, Callable[[Evaluator, Call], Value]] = {
    "histogram_quantile": Evaluator._quantile,
    "sort": Evaluator._sorted,
    "sort_desc": Evaluator._sorted,
    "absent": Evaluator._absent,
    "scalar": Evaluator._as_scalar,
    "vector": Evaluator._as_vector,
    "time": Evaluator._time,
}

"""PromQL, the part that the portal's queries and their like need.

`parse` a query, then `Evaluator(memory, at).value(node)`; `evaluate_range` for a matrix over time.
"""

from __future__ import annotations

from sandbox.prometheus.memory import Memory
from sandbox.prometheus.promql.errors import ExecutionError, ParseError
from sandbox.prometheus.promql.evaluator import Evaluator
from sandbox.prometheus.promql.nodes import Node
from sandbox.prometheus.promql.parser import parse, parse_series_selector
from sandbox.prometheus.promql.values import Matrix, Ranged, Sample
from sandbox.prometheus.samples import Labels, Point

__all__ = [
    "Evaluator",
    "ExecutionError",
    "ParseError",
    "evaluate_range",
    "parse",
    "parse_series_selector",
]


def evaluate_range(node: Node, memory: Memory, start: int, end: int, step: int) -> Matrix:
    """The expression at each step from `start` to `end` (epoch milliseconds, both included)."""
    found: dict[Labels, list[Point]] = {}
    for at in range(start, end + 1, step):
        value = Evaluator(memory, at).value(node)
        samples = value if isinstance(value, list) else [Sample((), float(value))]
        for sample in samples:
            if isinstance(sample, Sample):
                found.setdefault(sample.labels, []).append((at, sample.value))
    return [Ranged(labels, tuple(points)) for labels, points in found.items()]

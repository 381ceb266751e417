"""Binary operators between scalars and vectors (prometheus/promql/engine.go, VectorBinop)."""

from __future__ import annotations

from sandbox.prometheus.promql.errors import ExecutionError
from sandbox.prometheus.promql.nodes import Binary, Matching
from sandbox.prometheus.promql.values import (
    ARITHMETIC,
    COMPARISON,
    Sample,
    Vector,
    drop,
    keep,
    nameless,
)
from sandbox.prometheus.samples import Labels


def scalars(node: Binary, left: float, right: float) -> float:
    """Between two scalars."""
    if node.operator in COMPARISON:
        return float(COMPARISON[node.operator](left, right))
    return ARITHMETIC[node.operator](left, right)


def vector_scalar(node: Binary, vector: Vector, scalar: float, *, swapped: bool) -> Vector:
    """Between each value of a vector and a scalar, which stands left when `swapped`."""
    found: Vector = []
    for sample in vector:
        pair = (scalar, sample.value) if swapped else (sample.value, scalar)
        found += _computed(node, sample, *pair, labels=nameless(sample.labels), kept=sample.value)
    return found


def vectors(node: Binary, left: Vector, right: Vector) -> Vector:
    """Between two vectors, one to one. Raises ExecutionError when a match is not unique."""
    if node.operator not in ARITHMETIC and node.operator not in COMPARISON:
        return _set_operation(node, left, right)
    others = _by_signature(node.matching, right)
    _by_signature(node.matching, left)
    found: Vector = []
    for sample in left:
        signature = _signature(node.matching, sample.labels)
        other = others.get(signature)
        if other is not None:
            found += _computed(
                node, sample, sample.value, other.value, labels=signature, kept=sample.value
            )
    return found


def _computed(
    node: Binary, sample: Sample, left: float, right: float, *, labels: Labels, kept: float
) -> Vector:
    """One result, or none where a comparison filters it out; a filter keeps value and name."""
    if node.operator in ARITHMETIC:
        return [Sample(labels, ARITHMETIC[node.operator](left, right))]
    holds = COMPARISON[node.operator](left, right)
    if node.as_bool:
        return [Sample(labels, float(holds))]
    return [Sample(sample.labels, kept)] if holds else []


def _signature(matching: Matching, labels: Labels) -> Labels:
    if matching.labels is None:
        return nameless(labels)
    return (drop if matching.ignoring else keep)(labels, matching.labels)


def _by_signature(matching: Matching, vector: Vector) -> dict[Labels, Sample]:
    found: dict[Labels, Sample] = {}
    for sample in vector:
        if found.setdefault(_signature(matching, sample.labels), sample) is not sample:
            raise ExecutionError("found duplicate series for the match group")
    return found


def _set_operation(node: Binary, left: Vector, right: Vector) -> Vector:
    here = {_signature(node.matching, sample.labels) for sample in left}
    there = {_signature(node.matching, sample.labels) for sample in right}
    if node.operator == "or":
        return left + [s for s in right if _signature(node.matching, s.labels) not in here]
    wanted = node.operator == "and"
    return [s for s in left if (_signature(node.matching, s.labels) in there) == wanted]

"""Values: what an expression evaluates to."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.prometheus.samples import Labels, Point


@dataclass(frozen=True, slots=True)
class Sample:
    """A series' value at the time of evaluation."""

    labels: Labels
    value: float

    def __getitem__(self, label: str) -> str:
        return dict(self.labels).get(label, "")


@dataclass(frozen=True, slots=True)
class Ranged:
    """A series' points over a range."""

    labels: Labels
    points: tuple[Point, ...]


Vector = list[Sample]
Matrix = list[Ranged]
Value = float | str | Vector | Matrix


def nameless(labels: Labels) -> Labels:
    """Without the metric's name, as every computed value is."""
    return tuple(pair for pair in labels if pair[0] != "__name__")


def keep(labels: Labels, names: tuple[str, ...]) -> Labels:
    """These labels only."""
    return tuple(pair for pair in labels if pair[0] in names)


def drop(labels: Labels, names: tuple[str, ...]) -> Labels:
    """All but these labels and the metric's name."""
    return tuple(pair for pair in labels if pair[0] not in names and pair[0] != "__name__")


def _divided(a: float, b: float) -> float:
    if b:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def _modulo(a: float, b: float) -> float:
    return math.fmod(a, b) if b and math.isfinite(a) else math.nan


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": _modulo,
    "^": _power,
}
"""IEEE 754 throughout: a division by zero is NaN or infinite, never an error."""

COMPARISON: Mapping[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}

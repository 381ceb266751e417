"""Samples: one time series with its labels and what was measured when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Point = tuple[int, float]
"""(epoch milliseconds, value)."""

Labels = tuple[tuple[str, str], ...]
"""(name, value) pairs, sorted by name."""


@dataclass(frozen=True, slots=True)
class Series:
    """One time series. `labels` hold `__name__`; samples are (epoch seconds, value), in order."""

    labels: Mapping[str, str]
    samples: tuple[tuple[float, float], ...]


def milliseconds(seconds: float) -> int:
    """Epoch seconds as Prometheus stores them."""
    return round(seconds * 1000)

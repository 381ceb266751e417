"""A time budget: several waits that together never take longer than one limit."""

from __future__ import annotations

from time import monotonic

_LEAST_S = 0.05
_HEADROOM = 0.9
"""A probe ends a little before its limit, so that what it saw until then is not thrown away."""


class Budget:
    """The seconds a probe may take in all, counted from its making."""

    def __init__(self, seconds: float, *, headroom: float = _HEADROOM) -> None:
        self._seconds = seconds * headroom
        self._ends = monotonic() + self._seconds

    def left(self) -> float:
        """What is left, in seconds; never 0, which many libraries take for `no limit`."""
        return max(_LEAST_S, self._ends - monotonic())

    def share(self, part: float) -> float:
        """That part of the whole budget, or what is left of it where that is less."""
        return max(_LEAST_S, min(self._seconds * part, self.left()))

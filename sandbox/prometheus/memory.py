"""Memory: the stand-in's storage of time series."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sandbox.prometheus.samples import Labels, Point, Series, milliseconds

RETENTION_MS = 2 * 3_600_000


@dataclass
class Stored:
    """One series: times in epoch milliseconds, rising."""

    labels: Mapping[str, str]
    key: Labels
    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def between(self, start: int, end: int) -> list[Point]:
        """The points from `start` to `end`, both included."""
        first, behind = bisect_left(self.times, start), bisect_right(self.times, end)
        times, values = self.times[first:behind], self.values[first:behind]
        return list(zip(times, values, strict=True))

    def latest(self, at: int, lookback: int) -> Point | None:
        """The newest point not after `at` and less than `lookback` old."""
        index = bisect_right(self.times, at) - 1
        if index < 0 or self.times[index] <= at - lookback:
            return None
        return self.times[index], self.values[index]

    def append(self, at: int, value: float) -> None:
        """Adds a sample; one that is not newer than the last is ignored."""
        if not self.times or at > self.times[-1]:
            self.times.append(at)
            self.values.append(value)

    def forget(self, before: int) -> None:
        """Drops what is past retention."""
        old = bisect_left(self.times, before)
        del self.times[:old], self.values[:old]


class Memory:
    """All series, found by their labels."""

    def __init__(self) -> None:
        self._series: dict[Labels, Stored] = {}
        self._by_name: dict[str, list[Stored]] = {}

    def __len__(self) -> int:
        return len(self._series)

    def push(self, series: Iterable[Series]) -> None:
        """Stores samples and drops those past retention."""
        for one in series:
            stored = self._stored(one.labels)
            for seconds, value in one.samples:
                stored.append(milliseconds(seconds), value)
            if stored.times:
                stored.forget(stored.times[-1] - RETENTION_MS)

    def _stored(self, labels: Mapping[str, str]) -> Stored:
        key = tuple(sorted(labels.items()))
        stored = self._series.get(key)
        if stored is None:
            stored = self._series[key] = Stored(dict(key), key)
            self._by_name.setdefault(labels.get("__name__", ""), []).append(stored)
        return stored

    def select(
        self, wanted: Callable[[Mapping[str, str]], bool], name: str | None = None
    ) -> Iterator[Stored]:
        """The series whose labels are wanted; a metric's `name` narrows the search."""
        among = self._series.values() if name is None else self._by_name.get(name, ())
        return (stored for stored in among if wanted(stored.labels))

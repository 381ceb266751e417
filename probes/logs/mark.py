"""How far one pod's log is known, and where to go on: no line twice, and none left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from probes.model import LogLine

_FIRST_LINES = "500"
"""Of a pod that nothing is known of yet."""

_SECOND = timedelta(seconds=1)


class Mark:
    """The newest second that is known of a log, and how often each line of it was seen.

    `sinceTime` has whole seconds (metav1.Time), so that a stream that goes on repeats what was
    seen of the last one. Only what a stream repeats is taken for known, and as often as it was
    seen: the timestamps of a log may go backwards (two streams of the container, a clock that is
    set), and two equal lines may have equal ones.
    """

    def __init__(self, lines: Iterable[LogLine] = ()) -> None:
        self._second: datetime | None = None
        self._seen: Counter[int] = Counter()
        self._repeated: Counter[int] = Counter()
        self._was_new = True
        for line in lines:
            self.is_new(line)

    def resume(self) -> dict[str, str]:
        """A stream begins: the query by which it goes on from here."""
        self._repeated = self._seen.copy()
        if self._second is None:
            return {"tailLines": _FIRST_LINES}
        return {"sinceTime": f"{self._second:%Y-%m-%dT%H:%M:%SZ}"}

    def is_new(self, line: LogLine) -> bool:
        """Whether the line is none that the stream repeats; from now on it is known."""
        if line.time is None:  # without the kubelet's stamp: it goes with the one before
            return self._was_new
        key = hash((line.time, line.raw))
        self._was_new = not self._repeated[key]
        if self._was_new:
            self._add(line.time, key)
        else:
            self._repeated[key] -= 1
        return self._was_new

    def _add(self, time: datetime, key: int) -> None:
        if self._second is None or time >= self._second + _SECOND:
            self._second = time.replace(microsecond=0)
            self._seen.clear()
        if time >= self._second:
            self._seen[key] += 1

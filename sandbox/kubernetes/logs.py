"""Container logs: what the kubelet keeps of each container's current and previous run."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

_MAX_LINES = 200_000


@dataclass(frozen=True)
class LogEntry:
    """One line, without its newline, and when it was written."""

    at: datetime
    text: str


class LogBuffer:
    """The log of one run of a container. The oldest lines give way, as log rotation does."""

    def __init__(self, max_lines: int = _MAX_LINES) -> None:
        self._entries: deque[LogEntry] = deque(maxlen=max_lines)
        self._written = 0
        self._closed = False
        self._grown = asyncio.Event()

    @property
    def lines(self) -> tuple[LogEntry, ...]:
        """What is kept, oldest first."""
        return tuple(self._entries)

    @property
    def closed(self) -> bool:
        """Whether the container has ended: nothing follows."""
        return self._closed

    @property
    def written(self) -> int:
        """How many lines were ever written: the position to follow from."""
        return self._written

    def append(self, line: str, at: datetime | None = None) -> None:
        """Writes a line; an embedded newline makes several."""
        moment = at or datetime.now(UTC)
        for text in line.removesuffix("\n").split("\n"):
            self._entries.append(LogEntry(moment, text))
            self._written += 1
        self._wake()

    def close(self) -> None:
        """Ends the run: followers get what is left and stop."""
        self._closed = True
        self._wake()

    async def follow(self, position: int = 0) -> AsyncIterator[LogEntry]:
        """Yields every line from `position` on, then new ones until the run ends."""
        while True:
            grown = self._grown
            position = max(position, self._written - len(self._entries))
            start = len(self._entries) - (self._written - position)
            batch = list(islice(self._entries, start, None))
            position += len(batch)
            for entry in batch:
                yield entry
            if not batch:
                if self._closed:
                    return
                await grown.wait()

    def _wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()


class Logs:
    """The logs of all containers: (namespace, pod, container) to its current and previous run."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str, str], list[LogBuffer]] = {}

    def open(self, namespace: str, pod: str, container: str) -> LogBuffer:
        """Starts a new run; the one before becomes `previous`, older ones are forgotten."""
        runs = self._runs.setdefault((namespace, pod, container), [])
        for ended in runs:
            ended.close()
        runs.append(LogBuffer())
        del runs[:-2]
        return runs[-1]

    def drop(self, namespace: str, pod: str) -> None:
        """Forgets a pod: its followers stop, its logs are gone."""
        for key in [key for key in self._runs if key[:2] == (namespace, pod)]:
            for run in self._runs.pop(key):
                run.close()

    def find(
        self, namespace: str, pod: str, container: str, *, previous: bool = False
    ) -> LogBuffer | None:
        """The log of the current run, or of the one before; None when there is none."""
        runs = self._runs.get((namespace, pod, container), [])
        position = 2 if previous else 1
        return runs[-position] if len(runs) >= position else None

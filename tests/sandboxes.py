"""Sandboxes that start ahead of the tests which look at them, and end while others go on."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.launch import Running, launch

_START_S = 60.0
_AT_ONCE = 2


@dataclass
class _Kept:
    """A sandbox that runs, or is about to, until nobody looks at it any more."""

    scenario: str
    started: Future[Running] = field(default_factory=Future)
    over: threading.Event = field(default_factory=threading.Event)

    def keep(self) -> None:
        try:
            asyncio.run(self._keep())
        except BaseException as error:
            if self.started.done():
                raise
            self.started.set_exception(error)

    async def _keep(self) -> None:
        if self.over.is_set():
            return
        async with launch(self.scenario, timeout_s=_START_S) as running:
            self.started.set_result(running)
            await asyncio.to_thread(self.over.wait)


class Sandboxes:
    """One sandbox for each scenario, shared by the tests that look at it."""

    def __init__(self, scenarios: Sequence[str], pool: ThreadPoolExecutor) -> None:
        self._looks = Counter(scenarios)
        self._kept = {one: _Kept(one) for one in self._looks}
        self._ended = [pool.submit(one.keep) for one in self._kept.values()]

    async def running(self, scenario: str) -> Running:
        """Waits until it runs. Raises what kept it from starting."""
        return await asyncio.wait_for(asyncio.wrap_future(self._kept[scenario].started), _START_S)

    def leave(self, scenario: str) -> None:
        """The last of its tests ends it."""
        self._looks[scenario] -= 1
        if self._looks[scenario] <= 0:
            self._kept[scenario].over.set()

    def end(self) -> None:
        """Raises what went wrong at the end of one."""
        for one in self._kept.values():
            one.over.set()
        for ended in self._ended:
            ended.result()


@contextmanager
def sandboxes(scenarios: Sequence[str]) -> Iterator[Sandboxes]:
    """Each scenario once, two of them at a time, in this order; named once for each of its tests.

    The tests of one stand together: what is kept for a later one takes its place meanwhile.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        kept = Sandboxes(scenarios, pool)
        try:
            yield kept
        finally:
            kept.end()

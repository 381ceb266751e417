"""Runs of the whole program, started ahead of the tests that judge them.

A run mostly waits: for its sandbox to start and to end, and for what it asks. So the next runs go
on while a test judges one.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("opsportal-tui")
"""The script that the install put in place."""

Done = subprocess.CompletedProcess[str]
Run = Callable[[str], Done]


class Ahead:
    """One run for each name, in the order in which they are asked for or known to be."""

    def __init__(self, run: Run, pool: ThreadPoolExecutor) -> None:
        self._run = run
        self._pool = pool
        self._runs: dict[str, Future[Done]] = {}

    def start(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._runs:
                self._runs[name] = self._pool.submit(self._run, name)

    def done(self, name: str) -> Done:
        """What that run gave, waited for where need be. Raises what the run raised."""
        self.start([name])
        return self._runs[name].result()


@contextmanager
def ahead(run: Run, names: Iterable[str], *, at_once: int) -> Iterator[Ahead]:
    """Starts these runs, `at_once` of them at a time; the others are started when asked for."""
    pool = ThreadPoolExecutor(at_once)
    try:
        runs = Ahead(run, pool)
        runs.start(names)
        yield runs
    finally:
        pool.shutdown(cancel_futures=True)


def selected(request: pytest.FixtureRequest, parameter: str) -> list[str]:
    """The values of a parameter in those tests of the module that are about to run."""
    specs = [
        item.callspec
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module is request.module
        and hasattr(item, "callspec")
    ]
    return [str(spec.params[parameter]) for spec in specs if parameter in spec.params]

"""The permit to write. Probes never hold it; `remedies.executor.attempt` alone may take it.

An import contract keeps everyone else from this module; `probes.reach.guard` asks it about every
request that would change something.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Permit:
    """What the executor holds for one step; `used` tells whether anything was sent with it."""

    used = False


_held: ContextVar[Permit | None] = ContextVar("permit to write", default=None)


@contextmanager
def permitted() -> Iterator[Permit]:
    """Whatever this task, and those it starts, sends within the block may write."""
    permit = Permit()
    token = _held.set(permit)
    try:
        yield permit
    finally:
        _held.reset(token)


def use() -> bool:
    """Whether the present task may write; its permit knows from now on that something did."""
    permit = _held.get()
    if permit is not None:
        permit.used = True
    return permit is not None

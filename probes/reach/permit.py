"""The permit to write. Probes never hold it; `remedies.executor` alone may take it.

An import contract keeps everyone else from this module; `probes.reach.guard` asks it about every
request that would change something.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_held: ContextVar[bool] = ContextVar("permit to write", default=False)


@contextmanager
def permitted() -> Iterator[None]:
    """Whatever this task, and those it starts, sends within the block may write."""
    token = _held.set(True)
    try:
        yield
    finally:
        _held.reset(token)


def held() -> bool:
    """Whether the present task may write."""
    return _held.get()

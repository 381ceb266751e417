"""Waiting for what has no event of its own: looked at again and again, and bounded."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable

LIMIT_S = 30.0
_POLL_S = 0.005


async def until(holds: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Returns when it holds; what it gives may have to be awaited. Fails after the limit."""
    try:
        async with asyncio.timeout(limit_s) as limit:
            while not await _looked(holds):  # noqa: ASYNC110  # it has no event
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        if not limit.expired():
            raise
        raise AssertionError(f"it did not come to that within {limit_s:g} s") from None


async def _looked(holds: Callable[[], object]) -> object:
    seen = holds()
    return await seen if inspect.isawaitable(seen) else seen

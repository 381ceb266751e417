"""Log search: which lines an expression finds, and which of them is next."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from time import thread_time

from widgets.expression import expression
from widgets.kept import Kept
from widgets.log_filter import found
from widgets.log_text import is_hit

_AT_ONCE = 200
"""Lines that are searched before the screen gets its turn."""

_MOST_S = 0.5
"""For all lines: some ten thousand, a few microseconds each."""


async def is_too_slow(lines: Iterable[Kept], text: str) -> bool:
    """Try an expression on the lines before it is used: whether it takes too long."""
    tried, began = expression(text), thread_time()
    async for few in _in_turns(lines):
        for kept in few:
            found(text, kept.line)
        if tried.is_too_slow or thread_time() - began > _MOST_S:
            tried.is_too_slow = True
            return True
    return False


async def hits_among(lines: Iterable[Kept], search: str) -> list[int]:
    """Numbers of the lines that the expression finds, in their order."""
    return [kept.number async for few in _in_turns(lines) for kept in few if is_hit(kept, search)]


async def _in_turns(lines: Iterable[Kept]) -> AsyncIterator[Sequence[Kept]]:
    """A few at a time, and between them the screen."""
    whole = tuple(lines)
    for start in range(0, len(whole), _AT_ONCE):
        await asyncio.sleep(0)
        yield whole[start : start + _AT_ONCE]


def hit_from(hits: Sequence[int], here: int, step: int) -> int:
    """The hit at `here` or the next one after it (0), next to it (1), before it (-1), going round.

    `hits` holds one at least.
    """
    if step < 0:
        return next((one for one in reversed(hits) if one < here), hits[-1])
    return next((one for one in hits if one >= here + step), hits[0])

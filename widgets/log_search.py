"""Log search: which lines an expression finds, and which of them is next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from widgets.kept import Kept
from widgets.log_text import is_hit

_AT_ONCE = 1_000
"""Lines that are searched before the screen gets its turn."""


async def hits_among(lines: Sequence[Kept], expression: str) -> list[int]:
    """Numbers of the lines that the expression finds, in their order."""
    found: list[int] = []
    for place, kept in enumerate(lines):
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
        if is_hit(kept, expression):
            found.append(kept.number)
    return found


def hit_from(hits: Sequence[int], here: int, step: int) -> int:
    """The hit at `here` or the next one after it (0), next to it (1), before it (-1), going round.

    `hits` holds one at least.
    """
    if step < 0:
        return next((one for one in reversed(hits) if one < here), hits[-1])
    return next((one for one in hits if one >= here + step), hits[0])

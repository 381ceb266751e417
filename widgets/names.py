"""Names: those of one list made shorter without two of them looking the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

from rich.cells import cell_len

from widgets.cells import steady


def bare(names: Sequence[str]) -> Mapping[str, str]:
    """Each name without the parts between dashes that all of them begin or end with.

    `board-service` and `chat-service` become `board` and `chat`. Empty where nothing can go.
    """
    parts = [name.split("-") for name in names]
    least = min((len(one) for one in parts), default=0)
    head, tail = _shared(parts), _shared([one[::-1] for one in parts])
    for first, last in ((head, tail), (0, tail), (head, 0)):
        if 0 < first + last < least:
            cut = ("-".join(one[first : len(one) - last]) for one in parts)
            return dict(zip(names, cut, strict=True))
    return {}


def _shared(parts: Sequence[Sequence[str]]) -> int:
    """How many parts all of them begin with."""
    columns = zip(*parts, strict=False)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def cut_within(name: str, cells: int) -> str:
    """The name on so many cells, cut in the middle: names differ at their ends."""
    text = steady(name)
    if cell_len(text) <= cells:
        return text
    head = tail = (len(text) + 1) // 2
    while head + tail > 2 and cell_len(text[:head] + text[-tail:]) >= cells:
        head, tail = (head - 1, tail) if head > tail else (head, tail - 1)
    return f"{text[:head]}…{text[-tail:]}"

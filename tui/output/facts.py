"""Facts as lines of a terminal, below what they are told of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.facts import Told
from tui.output.text import wrapped

_WIDTH = 80
_INDENT = 3
_LABEL = 11


def told_lines(facts: Iterable[Told]) -> Iterator[str]:
    """Values stand in a column of their own; commands whole, on lines that can be copied."""
    known = tuple(facts)
    labels = [len(one.label) for one in known if not one.is_command]
    column = _INDENT + max([_LABEL, *(one + 1 for one in labels)])
    for one in known:
        if one.is_command:
            yield f"{' ' * _INDENT}{one.label}"
            yield from (f"     {line}" for line in one.value.splitlines())
            continue
        first, *rest = wrapped(one.value, _WIDTH - column)
        yield f"{' ' * _INDENT}{one.label}".ljust(column) + first
        yield from (" " * column + line for line in rest)

"""How soon is the dashboard there, beside an empty Textual app with the same widgets?"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks.measuring import Figure, module, seconds_until
from tests.terminal.places import PROGRAM

ROUNDS = 9
LAST_WORD = "Quit"
"""Of the footer, the last thing that is drawn."""

_RATIO = 1.3


def measure() -> Iterator[Figure]:
    """Medians, of starts in turn, so that a busy machine hurts all alike."""
    commands = {
        "dashboard": (str(PROGRAM),),
        "same widgets, empty": module("empty_app"),
        "bare": module("bare_app"),
    }
    for command in commands.values():  # compiles what has changed
        seconds_until(LAST_WORD, *command)
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            taken[name].append(seconds_until(LAST_WORD, *command))
    ours, same, bare = (median(taken[name]) for name in commands)
    yield Figure("the dashboard, from its start to its first whole frame", ours, "s")
    yield Figure("an empty app with the same widgets", same, "s")
    yield Figure("a bare app with a footer", bare, "s")
    yield Figure("the dashboard in terms of the empty app", ours / same, "x", _RATIO)

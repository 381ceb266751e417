"""What every benchmark shares: figures with their budgets, and programs on a real terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.terminal.places import open_place
from tests.tui.terminals import Terminal

SIZE = (120, 36)
_HIDDEN = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")


@dataclass(frozen=True)
class Figure:
    """One measured value. `budget` is the most it may be, or None where none is set."""

    name: str
    value: float
    unit: str
    budget: float | None = None

    def told(self) -> str:
        """A line for a person."""
        line = f"  {self.name:<58} {self.value:>11,.2f} {self.unit:<5}"
        if self.budget is None:
            return line.rstrip()
        verdict = "within" if self.value <= self.budget else "OVER"
        return f"{line} {verdict} {self.budget:,g}"


Measure = Callable[[], Iterable[Figure]]


@contextmanager
def on_terminal(*command: str) -> Iterator[Terminal]:
    """The program on a terminal of 120x36, in a place of its own without a cluster."""
    with open_place() as place:
        # Compiled modules are kept, as they are for a person.
        environ = {name: text for name, text in place.environ.items() if name not in _HIDDEN}
        with Terminal(command, environ, size=SIZE) as terminal:
            yield terminal


def seconds_until(text: str, *command: str) -> float:
    """From the start of the program until it has written the text."""
    begun = time.perf_counter()
    with on_terminal(*command) as terminal:
        terminal.until(text)
        return time.perf_counter() - begun


def module(name: str) -> tuple[str, ...]:
    """The command that runs a module of ours."""
    return (sys.executable, "-m", f"benchmarks.{name}")

"""How much does the dashboard write to the terminal, and so over SSH?"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measuring import Figure, module, on_terminal
from tests.terminal.places import PROGRAM
from tests.tui.terminals import Terminal

LISTENED_S = 20.0
SWEEP_S = 15.0
_CHANGED_BUDGET = 500.0
_STALE_S = 20.0
"""By then what stands still is drawn as stale, once: two intervals, the time limit and a look."""


def measure() -> Iterator[Figure]:
    """Bytes per second at rest, with one value that changes, and with real sweeps."""
    with on_terminal(*module("changing_app")) as terminal:
        terminal.until("✓ live")
        listen(terminal, 3.0)
        changing = listen(terminal, LISTENED_S) / LISTENED_S
        yield Figure("one changed value per second", changing, "B/s", _CHANGED_BUDGET)
        terminal.type(b"p")
        terminal.until("paused")
        listen(terminal, _STALE_S)
        yield Figure("paused", listen(terminal, LISTENED_S) / LISTENED_S, "B/s", 0.0)
    with on_terminal(str(PROGRAM), "--sandbox", "incident-v11") as terminal:
        terminal.until("✓ live")
        listen(terminal, 3.0)
        sweeping = listen(terminal, 3 * SWEEP_S) / (3 * SWEEP_S)
        yield Figure("a sweep of the incident every 15 s", sweeping, "B/s")


def listen(terminal: Terminal, for_s: float) -> int:
    """How many bytes were written in that time."""
    before = len(terminal.written)
    terminal.read_for(for_s)
    return len(terminal.written) - before

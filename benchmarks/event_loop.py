"""How long does anything keep the event loop, and so every key, waiting?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Figure, module, on_terminal

_BUDGET_MS = 50.0
_SWEEPS_S = 20.0


def measure() -> Iterator[Figure]:
    """The longest wait of a heartbeat in each stretch of the dashboard's life on the incident."""
    with TemporaryDirectory() as folder:
        told = Path(folder) / "waits.json"
        with on_terminal(*module("heartbeat_app"), str(told)) as terminal:
            terminal.until("✓ live")
            terminal.read_for(_SWEEPS_S)
            terminal.type(b"q")
            terminal.end()
        waits: dict[str, tuple[float, float]] = json.loads(told.read_text())
    for stretch, (waited_s, worked_s) in waits.items():
        yield Figure(f"longest wait, {stretch}", waited_s * 1000, "ms", _BUDGET_MS)
        # Far less than the wait: the machine was busy, not the dashboard.
        yield Figure(f"longest work, {stretch}", worked_s * 1000, "ms")

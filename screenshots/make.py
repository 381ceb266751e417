"""Makes the pictures of the README and the docs: the real dashboard on the sandbox's scenarios."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from probes.profile import Profile
from tui.app import OpsPortalApp
from tui.dashboard import build
from tui.target import Request
from tui.theme import DEFAULT
from widgets.choice import Choice
from widgets.sheet import Sheet

FOLDER = Path(__file__).parent
SCENARIOS = {"incident": "incident-v11", "healthy": "healthy"}
WIDE, NARROW, LARGE = (120, 36), (80, 24), (200, 60)
LIMIT_S = 60.0


async def main() -> None:
    """All pictures, one scenario after another."""
    for name in ("NO_COLOR", "COLORTERM"):
        os.environ.pop(name, None)
    for name, scenario in SCENARIOS.items():
        await _pictures(name, scenario)


async def _pictures(name: str, scenario: str) -> None:
    app = build(Request(Profile(), sandbox=scenario, theme=DEFAULT))
    async with app.run_test(size=WIDE) as pilot:
        await _swept(app, pilot)
        _save(app, f"overview-{name}.svg")
        await _press(pilot, "j", "j", "enter")
        _save(app, f"check-{name}.svg")
        await _press(pilot, "escape")
        await _plan(app, pilot, name)
        await _press(pilot, "L", "v", "v")
        _save(app, f"logs-{name}.svg")
        await _press(pilot, "escape", "o", "enter")
        await _until(pilot, lambda: "environment" in str(app.screen.query_one(Sheet).render()))
        _save(app, f"pod-{name}.svg")
        await _press(pilot, "escape", "escape", "g")
        await pilot.resize_terminal(*NARROW)
        await pilot.pause()
        _save(app, f"overview-{name}-80x24.svg")
        await pilot.resize_terminal(*LARGE)
        await pilot.pause()
        _save(app, f"overview-{name}-200x60.svg")


async def _plan(app: OpsPortalApp, pilot: Pilot[None], name: str) -> None:
    """The plan for the first cause, where there is one."""
    if app.reading.diagnosis.roots:
        await _press(pilot, "f")
        await _until(pilot, lambda: bool(app.screen.query(Choice)))
        await pilot.pause()
        _save(app, f"plan-{name}.svg")
        await _press(pilot, "escape")


async def _press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def _until(pilot: Pilot[None], seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not seen():
        if time.monotonic() > deadline:
            raise SystemExit("it did not come to that")
        await pilot.pause(0.05)


async def _swept(app: OpsPortalApp, pilot: Pilot[None]) -> None:
    """Waits for the end of the first sweep."""
    deadline = time.monotonic() + LIMIT_S
    while not app.looking.standing.swept_at:
        if app.looking.standing.disconnected or time.monotonic() > deadline:
            raise SystemExit(f"there was no sweep to show: {app.looking.standing}")
        await pilot.pause(0.05)
    await pilot.pause()


def _save(app: OpsPortalApp, name: str) -> None:
    picture = app.export_screenshot(title="opsportal-tui")
    text = "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"
    (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"screenshots/{name}")


if __name__ == "__main__":
    asyncio.run(main())

"""Makes the pictures of the README and the docs: the real dashboard on the sandbox's scenarios."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
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
WIDE, NARROW, LARGE = (120, 36), (80, 24), (200, 60)
LIMIT_S = 60.0


async def main() -> None:
    """All pictures, one scenario after another."""
    for name in ("NO_COLOR", "COLORTERM"):
        os.environ.pop(name, None)
    async with _dashboard("incident-v11") as (app, pilot):
        await _incident(app, pilot)
    async with _dashboard("healthy") as (app, _):
        _save(app, "overview-healthy.svg")


@asynccontextmanager
async def _dashboard(scenario: str) -> AsyncIterator[tuple[OpsPortalApp, Pilot[None]]]:
    """It has swept once."""
    app = build(Request(Profile(), sandbox=scenario, theme=DEFAULT))
    async with app.run_test(size=WIDE) as pilot:
        await _until(pilot, lambda: app.looking.standing.swept_at is not None)
        await pilot.pause()
        yield app, pilot


async def _incident(app: OpsPortalApp, pilot: Pilot[None]) -> None:
    _save(app, "overview-incident.svg")
    await _press(pilot, "j", "j", "enter")
    _save(app, "check-incident.svg")
    await _press(pilot, "escape", "f")
    await _until(pilot, lambda: bool(app.screen.query(Choice)))
    await pilot.pause()
    _save(app, "plan-incident.svg")
    await _press(pilot, "escape", "L", "v", "v")
    _save(app, "logs-incident.svg")
    await _press(pilot, "escape", "o", "enter")
    await _until(pilot, lambda: "environment" in str(app.screen.query_one(Sheet).render()))
    _save(app, "pod-incident.svg")
    await _press(pilot, "escape", "escape", "g")
    for size in (NARROW, LARGE):
        await pilot.resize_terminal(*size)
        await pilot.pause()
        _save(app, f"overview-incident-{size[0]}x{size[1]}.svg")


async def _press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def _until(pilot: Pilot[None], seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not seen():
        if time.monotonic() > deadline:
            raise SystemExit("it did not come to that")
        await pilot.pause(0.05)


def _save(app: OpsPortalApp, name: str) -> None:
    picture = app.export_screenshot(title="opsportal-tui")
    text = "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"
    (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"screenshots/{name}")


if __name__ == "__main__":
    asyncio.run(main())

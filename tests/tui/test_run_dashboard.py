"""Starting the dashboard: what is refused before the terminal is taken, and what is not loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("opsportal-tui")
_LIMIT_S = 60

_AT_FIRST_PAINT = """
import asyncio, sys
from contextlib import asynccontextmanager
from probes.profile import Profile
from tui.dashboard import build
from tui.target import Request

HEAVY = {"httpx", "kubernetes", "asyncpg", "starlette", "websockets"}
app = build(Request(Profile(), sandbox="healthy"))
opened = []

class Feed:
    @asynccontextmanager
    async def open(self, note):
        opened.append(sorted(HEAVY & set(sys.modules)))
        yield Way()

class Way:
    async def sweep(self, publish):
        await asyncio.sleep(0)

app.looking.feed = Feed()

async def paint():
    async with app.run_test() as pilot:
        for _ in range(200):
            if opened:
                break
            await pilot.pause(0.01)

asyncio.run(paint())
sys.exit(0 if opened == [[]] else f"loaded by the first paint: {opened}")
"""


def refused(*args: str, **environ: str) -> str:
    """What the program says when it does not start; it must end with 2 and print nothing else."""
    done = subprocess.run(
        [PROGRAM, *args],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_LIMIT_S,
        check=False,
        env=os.environ | environ,
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    return done.stderr


def test_without_a_terminal_it_says_what_to_use_instead() -> None:
    assert "needs a terminal; `opsportal-tui check` does not" in refused()


def test_an_unknown_theme_names_the_nearest() -> None:
    assert "there is no theme gruvbx: did you mean gruvbox?" in refused("--theme", "gruvbx")


def test_an_unknown_scenario_is_told_before_anything_is_drawn() -> None:
    assert "did you mean incident-v11" in refused("--sandbox", "incident")


def test_the_first_paint_loads_no_client_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _AT_FIRST_PAINT],
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr

"""Below the least size each screen says what it needs, and no key acts behind that."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.screen import Screen

from tests.tui.dashboards import FrozenFeed, app_on, incident, read
from tests.tui.test_dashboard import sentence, until
from tui import screens
from tui.screens.arming import ArmingScreen
from tui.screens.least import LeastRoom, TooSmall
from tui.screens.leaving import LeavingScreen

SMALL = (50, 12)
FULL = (120, 36)


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def covers(screen: Screen[Any]) -> list[str]:
    """What those covers say that stand over all of the screen."""
    found = [one for one in screen.query(TooSmall) if one.region.size == screen.size]
    return [" ".join(str(one.render()).split()) for one in found]


@pytest.mark.parametrize("keys", [(), ("L",), ("enter",), ("o",), ("question_mark",)])
async def test_every_screen_says_what_it_needs_and_comes_back_as_it_was(
    keys: tuple[str, ...],
) -> None:
    feed = FrozenFeed([read(incident())])
    app = app_on(feed)
    async with app.run_test(size=FULL) as pilot:
        await until(pilot, lambda: "4 causes" in sentence(app))
        await pilot.press(*keys)
        await pilot.pause()
        screen, focused = app.screen, app.focused
        await pilot.resize_terminal(*SMALL)
        await until(pilot, lambda: bool(covers(app.screen)))
        assert covers(screen) == ["opsportal-tui needs 60x16 cells, this terminal has 50x12."]
        sweeps = feed.sweeps
        await pilot.press("f", "r", "enter", "escape", "p", "slash", "J", "P", "ctrl+p")
        assert app.screen is screen
        assert feed.sweeps == sweeps
        await pilot.resize_terminal(*FULL)
        await until(pilot, lambda: not covers(app.screen))
        assert (app.screen, app.focused) == (screen, focused)


@pytest.mark.parametrize("dialog", [ArmingScreen("prod", "why"), LeavingScreen()])
async def test_a_question_cannot_be_answered_unseen(dialog: Screen[Any]) -> None:
    app = app_on(FrozenFeed([read(incident())]))
    async with app.run_test(size=SMALL) as pilot:
        app.push_screen(dialog)
        await until(pilot, lambda: bool(covers(dialog)))
        await pilot.press("enter", "escape", "right", "enter")
        assert app.screen is dialog


async def test_the_palette_which_is_not_covered_can_be_left() -> None:
    app = app_on(FrozenFeed([read(incident())]))
    async with app.run_test(size=FULL) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.resize_terminal(*SMALL)
        await pilot.press("escape")
        await until(pilot, lambda: bool(covers(app.screen)))


async def test_q_ends_it_all_the_same() -> None:
    app = app_on(FrozenFeed([read(incident())]))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)


def test_there_is_no_screen_of_ours_that_does_not_say_it() -> None:
    names = [one.name for one in pkgutil.iter_modules(screens.__path__)]
    modules = [importlib.import_module(f"tui.screens.{name}") for name in names]
    ours = {
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Screen) and one.__module__.startswith("tui.")
    }
    assert len(ours) > 10
    assert [one.__name__ for one in ours if not issubclass(one, LeastRoom)] == []

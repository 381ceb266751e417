"""The dashboard as a person sees it, at three sizes, in worlds that stand still."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from probes.model import Snapshot
from tests.tui.dashboards import (
    SilentFeed,
    app_on,
    begun,
    dashboard,
    denied,
    healthy,
    incident,
    unseen,
)
from tui.theme import ANSI

Compare = Callable[..., bool]

SIZES = [(80, 24), (120, 36), (200, 60)]
WORLDS = [incident, healthy, unseen, denied]

sized = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
in_each_world = pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.__name__)


@pytest.fixture(autouse=True)
def _colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The colours of this terminal are no business of the pictures."""
    for name in ("NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)


@sized
@in_each_world
def test_overview(
    snap_compare: Compare, world: Callable[[], Snapshot], size: tuple[int, int]
) -> None:
    assert snap_compare(dashboard(world()), terminal_size=size)


@sized
@in_each_world
def test_in_the_terminals_own_colours(
    snap_compare: Compare, world: Callable[[], Snapshot], size: tuple[int, int]
) -> None:
    app = dashboard(world())
    app.theme = ANSI
    assert snap_compare(app, terminal_size=size)


@sized
@in_each_world
def test_without_colour(
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
    world: Callable[[], Snapshot],
    size: tuple[int, int],
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(dashboard(world()), terminal_size=size)


@pytest.mark.parametrize("theme", ["high-contrast", "opsportal-light", "textual-dark"])
def test_other_themes(snap_compare: Compare, theme: str) -> None:
    app = dashboard(incident())
    app.theme = theme
    assert snap_compare(app, terminal_size=(120, 36))


@pytest.mark.parametrize("key", ["1", "2", "3", "4"])
def test_each_panel_where_there_is_room_for_one(snap_compare: Compare, key: str) -> None:
    assert snap_compare(dashboard(incident()), terminal_size=(80, 24), press=[key])


def test_first_sweep_under_way(snap_compare: Compare) -> None:
    assert snap_compare(dashboard(begun()), terminal_size=(120, 36))


def test_connecting(snap_compare: Compare) -> None:
    assert snap_compare(app_on(SilentFeed(), "incident-v11"), terminal_size=(80, 24))


@sized
def test_evidence_of_a_check(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = dashboard(incident())
    assert snap_compare(app, terminal_size=size, press=["j", "j", "enter"])


def test_keys(snap_compare: Compare) -> None:
    assert snap_compare(dashboard(incident()), terminal_size=(80, 24), press=["question_mark"])


def test_too_small_a_terminal_says_what_it_needs(snap_compare: Compare) -> None:
    assert snap_compare(dashboard(incident()), terminal_size=(50, 12))

"""A sheet draws what changed, and only that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.app import App, ComposeResult

from widgets.pieces import Fact, Row, Words, plain
from widgets.sheet import Sheet


class _App(App[None]):
    def compose(self) -> ComposeResult:
        yield Sheet()


@pytest.fixture
def refreshed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[int], bool]]:
    """The lines that each refresh asked for (none: all of it), and whether it laid out anew."""
    asked: list[tuple[list[int], bool]] = []
    refresh: Callable[..., Sheet] = Sheet.refresh

    def noted(self: Sheet, *regions: object, **options: bool) -> Sheet:
        rows = [getattr(region, "y", -1) for region in regions]
        asked.append((rows, options.get("layout", False)))
        return refresh(self, *regions, **options)

    monkeypatch.setattr(Sheet, "refresh", noted)
    return asked


def rows(*values: str) -> tuple[Row, ...]:
    return tuple(Fact("label", plain(value)) for value in values)


async def test_only_changed_lines_are_drawn(refreshed: list[tuple[list[int], bool]]) -> None:
    app = _App()
    async with app.run_test(size=(40, 10)) as pilot:
        sheet = app.query_one(Sheet)
        sheet.rows = rows("a", "b", "c")
        await pilot.pause()
        refreshed.clear()
        sheet.rows = rows("a", "B", "c")
        assert refreshed == [([1], False)]
        sheet.rows = rows("a", "B", "c")
        assert len(refreshed) == 1
        await pilot.pause()
        assert "label  B" in str(sheet.render())


async def test_a_change_of_style_alone_is_drawn(refreshed: list[tuple[list[int], bool]]) -> None:
    app = _App()
    async with app.run_test(size=(40, 10)) as pilot:
        sheet = app.query_one(Sheet)
        sheet.rows = (Words(plain("same")),)
        await pilot.pause()
        refreshed.clear()
        sheet.rows = (Words(plain("same", "bold")),)
        assert refreshed == [([0], False)]


async def test_another_height_lays_the_screen_out(
    refreshed: list[tuple[list[int], bool]],
) -> None:
    app = _App()
    async with app.run_test(size=(40, 10)) as pilot:
        sheet = app.query_one(Sheet)
        sheet.rows = rows("a")
        await pilot.pause()
        refreshed.clear()
        sheet.rows = rows("a", "b")
        assert ([], True) in refreshed
        await pilot.pause()
        assert sheet.size.height == 2

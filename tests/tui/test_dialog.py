"""A dialog: whatever it has to tell, what it asks stands on the screen."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual.app import App
from textual.widget import Widget

from tui.screens.dialog import Dialog
from widgets.choice import Choice
from widgets.pieces import Row, Words, plain


class _Asking(Dialog[int]):
    TITLE = "Sure?"

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._lines = lines

    def asking(self) -> Iterable[Widget]:
        yield Choice("No", "Yes")

    def rows(self) -> Iterable[Row]:
        return (Words(plain(f"line {number}")) for number in range(self._lines))


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 60)])
@pytest.mark.parametrize("lines", [1, 20, 300])
async def test_the_answers_are_seen_however_much_is_told(size: tuple[int, int], lines: int) -> None:
    app: App[None] = App()
    async with app.run_test(size=size) as pilot:
        await app.push_screen(_Asking(lines))
        await pilot.pause()
        box = app.screen.query_one("#box")
        choice, told = app.screen.query_one(Choice), app.screen.query_one("#told")
        assert choice.region.height == 1
        assert box.region.contains_region(choice.region)
        assert app.screen.region.contains_region(box.region)
        assert not choice.region.overlaps(told.region)
        if lines == 1:
            assert box.region.height <= 6

"""The key bar: whole keys only, the most needed first, the last ones always."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType

from widgets.key_bar import Key, KeyBar, fitted

FIX, LOGS, SWEEP = Key("f", "f", "Fix"), Key("L", "L", "Logs"), Key("r", "r", "Sweep")
HELP = Key("question_mark", "?", "All keys", last=True)


def told(keys: tuple[Key, ...], width: int, most: int = 1) -> list[str]:
    return [
        "  ".join(f"{key.shown} {key.label}" for key in row) for row in fitted(keys, width, most)
    ]


def test_a_key_stands_whole_or_not_at_all_and_the_way_to_all_keys_always() -> None:
    keys = (FIX, LOGS, SWEEP, HELP)
    assert told(keys, 34) == ["f Fix  L Logs  r Sweep  ? All keys"]
    assert told(keys, 33) == ["f Fix  L Logs  ? All keys"]
    assert told(keys, 12) == ["? All keys"]


def test_a_second_line_takes_what_the_first_has_no_room_for() -> None:
    keys = (FIX, LOGS, SWEEP, HELP)
    assert told(keys, 22, most=2) == ["f Fix  L Logs  r Sweep", "? All keys"]
    assert told(keys, 34, most=2) == ["f Fix  L Logs  r Sweep  ? All keys"]
    assert told(keys, 12, most=2) == ["f Fix", "? All keys"]


class Pressed(App[None]):
    """A bar, and what was pressed on it."""

    BINDINGS: ClassVar[list[BindingType]] = [("f", "note('f')"), ("L", "note('L')")]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    def compose(self) -> ComposeResult:
        yield KeyBar()

    def action_note(self, key: str) -> None:
        self.noted.append(key)


async def test_a_click_on_a_key_is_as_if_it_were_pressed() -> None:
    app = Pressed()
    async with app.run_test(size=(40, 10)) as pilot:
        bar = app.query_one(KeyBar)
        bar.keys = (FIX, LOGS, HELP)
        await pilot.pause()
        await pilot.click(KeyBar, offset=(2, 0))
        await pilot.click(KeyBar, offset=(9, 0))
        await pilot.pause()
        assert app.noted == ["f", "L"]

"""A list shows its highlighted row also where there are no colours of ours, or none at all."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.app import App, ComposeResult

from widgets.options import Options


class _App(App[None]):
    AUTO_FOCUS = None

    def compose(self) -> ComposeResult:
        yield Options(*(f"row {number}" for number in range(9)))


def style_of(options: Options, text: str) -> Style:
    """The style in which a text stands on the list."""
    for y in range(options.size.height):
        for segment in options.render_line(y):
            if text in segment.text and segment.style:
                return segment.style
    raise AssertionError(f"{text} is not on the list")


@pytest.mark.parametrize("is_native", [True, False])
async def test_the_highlighted_row_differs(is_native: bool) -> None:
    app = _App(ansi_color=is_native)
    async with app.run_test(size=(20, 6)) as pilot:
        options = app.query_one(Options)
        options.highlighted = 7
        await pilot.pause()
        assert style_of(options, "row 7") != style_of(options, "row 6")
        options.focus()
        await pilot.pause()
        assert bool(style_of(options, "row 7").reverse) is is_native
        assert not style_of(options, "row 6").reverse


async def test_focus_shows_in_the_lines_of_the_border() -> None:
    app = _App()
    async with app.run_test(size=(20, 6)) as pilot:
        options = app.query_one(Options)
        lines = []
        for look in (lambda: None, options.focus):
            look()
            await pilot.pause()
            lines.append(options.styles.border_top[0])
        assert lines == ["round", "heavy"]

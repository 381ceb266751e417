"""Themes: what is drawn stays legible and distinct with 256 colours, with 16, and with none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest
from rich.color import Color as Quantised
from rich.color import ColorSystem, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.constants import DIM_FACTOR
from textual.geometry import Region
from textual.theme import Theme
from textual.widget import Widget

from probes.model import Status
from tests.tui.dashboards import dashboard, incident
from tui.app import OpsPortalApp
from tui.footer import Footer
from tui.theme import ANSI, DEFAULT, OURS, fitting, unknown_theme, without_colour
from widgets.data_path import DataPath
from widgets.options import Options
from widgets.sheet import Sheet
from widgets.status import style_of
from widgets.title_bar import TitleBar

BY_NAME = {theme.name: theme for theme in OURS}
COLOURED = [theme for theme in OURS if not theme.ansi]

GROUNDS = ("background", "surface", "footer-background", "primary-muted")
"""What text stands on: `primary-muted` is the highlighted row."""

LEAST_CONTRAST = {DEFAULT: 4.5, "opsportal-light": 4.5, "high-contrast": 7.0}
"""WCAG 2.2, success criteria 1.4.3 (AA) and 1.4.6 (AAA); 1.4.11 asks 3 of lines and bars."""

named = pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)


def variables(theme: Theme) -> dict[str, str]:
    return {**theme.to_color_system().generate(), **theme.variables}


def on_256(color: Color) -> Color:
    """What a terminal with xterm's 256 colours shows for it."""
    shown = Quantised.from_rgb(color.r, color.g, color.b).downgrade(ColorSystem.EIGHT_BIT)
    return Color(*shown.get_truecolor())


def luminance(color: Color) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(one: Color, other: Color) -> float:
    """From 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_colours(theme: Theme, ground: Color) -> dict[str, Color]:
    """Every colour in which text is written on that ground."""
    there = variables(theme)
    foreground = Color.parse(there["foreground"])
    colours = {"text": foreground, "muted": ground.blend(foreground, DIM_FACTOR)}
    for status in Status:
        name = style_of(status).split()[-1]
        if name.startswith("$"):
            colours[status] = Color.parse(there[name[1:]])
    return colours


@named
def test_text_is_legible_on_every_ground_in_256_colours(theme: Theme) -> None:
    for name in GROUNDS:
        ground = Color.parse(variables(theme)[name])
        for what, colour in text_colours(theme, ground).items():
            seen = contrast(on_256(colour), on_256(ground))
            assert seen >= LEAST_CONTRAST[theme.name], f"{what} on {name}: {seen:.2f}"


@named
def test_statuses_and_grounds_remain_distinct_in_256_colours(theme: Theme) -> None:
    there = variables(theme)
    grounds = [
        on_256(Color.parse(there[name])) for name in (*GROUNDS[:2], "primary-muted", "panel")
    ]
    told = text_colours(theme, Color.parse(there["background"]))
    for colours in (grounds, [on_256(colour) for colour in told.values()]):
        assert all(one != other for one, other in combinations(colours, 2))


@named
def test_lines_show_on_the_background_in_256_colours(theme: Theme) -> None:
    there = {
        name: on_256(Color.parse(value))
        for name, value in variables(theme).items()
        if value[:1] == "#"
    }
    for name in ("border", "primary"):
        assert contrast(there[name], there["background"]) >= 3
    lines = [
        there[name] for name in ("panel", "border", "error-muted", "warning-muted", "background")
    ]
    assert all(one != other for one, other in combinations(lines, 2))


@named
def test_a_theme_looks_the_same_with_256_colours(theme: Theme) -> None:
    names = ("primary", "success", "warning", "error", "accent", "background", "surface", "panel")
    own = [value for value in theme.variables.values() if value.startswith("#")]
    for value in (*own, *(str(getattr(theme, name)) for name in names)):
        color = Color.parse(value)
        parts = zip(color.rgb, on_256(color).rgb, strict=True)
        # rich takes a light grey for the one below it on the ramp.
        assert all(abs(part - shown) <= 10 for part, shown in parts), value


def test_the_terminals_own_colours_leave_no_variable_undefined() -> None:
    assert set(variables(BY_NAME[ANSI])) >= set(variables(BY_NAME[DEFAULT]))


def written(app: OpsPortalApp) -> Iterator[tuple[Widget, Segment, Style]]:
    """Every text on the screen with the style in which it is drawn."""
    for kind in (TitleBar, DataPath, Options, Sheet, Footer):
        for widget in app.screen.query(kind):
            for strip in widget.render_lines(Region(0, 0, *widget.size)):
                for segment in strip:
                    if segment.text.strip() and segment.style:
                        yield widget, segment, segment.style


def drawn(colour: Quantised | None) -> Color:
    assert colour is not None
    return on_256(Color(*colour.get_truecolor()))


LINES = set("─╌▶┌┬├┼└┴ ")
BARS = set("▁▂▃▄▅▆▇█ ")


@named
async def test_what_the_dashboard_writes_is_legible(theme: Theme) -> None:
    app = dashboard(incident())
    app.theme = theme.name
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        texts = [one for one in written(app) if not LINES.issuperset(one[1].text)]
        assert len(texts) > 40
        for widget, segment, style in texts:
            least = 3 if BARS.issuperset(segment.text) else LEAST_CONTRAST[theme.name]
            seen = contrast(drawn(style.color), drawn(style.bgcolor))
            assert seen >= least, f"{widget} {segment.text!r}: {seen:.2f}"


async def test_with_the_terminals_own_colours_text_stands_on_its_own_background() -> None:
    app = dashboard(incident())
    app.theme = ANSI
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        styles = {style for _, _, style in written(app)}
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in styles)
        colours = {style.color for style in styles if style.color and not style.color.is_default}
        assert {colour.type for colour in colours} == {ColorType.STANDARD}
        assert all(
            style.reverse for widget, _, style in written(app) if isinstance(widget, TitleBar)
        )


async def test_without_colour_there_is_none_and_words_weigh_differently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "yes")
    app = dashboard(incident())
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        styles = {style for _, _, style in written(app)}
        colours = {colour for style in styles for colour in (style.color, style.bgcolor)}
        assert all(colour is None or colour.is_default for colour in colours)
        assert {bool(style.dim) for style in styles} == {True, False}
        assert {bool(style.bold) for style in styles} == {True, False}


async def test_an_empty_no_color_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    app = dashboard(incident())
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        failed = [style for _, segment, style in written(app) if segment.text == "✗ fail"]
        red = Color.parse(variables(BY_NAME[DEFAULT])["text-error"])
        assert failed
        assert {drawn(style.color) for style in failed} == {red}


@pytest.mark.parametrize(
    ("environ", "theme"),
    [
        ({"TERM": "xterm-256color"}, DEFAULT),
        ({"TERM": "screen-256color"}, DEFAULT),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, DEFAULT),
        ({"TERM": "xterm"}, ANSI),
        ({"TERM": "linux"}, ANSI),
        ({}, ANSI),
    ],
)
def test_a_terminal_with_few_colours_keeps_its_own(environ: dict[str, str], theme: str) -> None:
    assert fitting(environ) == theme


@pytest.mark.parametrize(
    ("environ", "is_plain"),
    [({"NO_COLOR": "1"}, True), ({"NO_COLOR": "0"}, True), ({"NO_COLOR": ""}, False), ({}, False)],
)
def test_any_value_of_no_color_counts_but_an_empty_one(
    environ: dict[str, str], is_plain: bool
) -> None:
    assert without_colour(environ) is is_plain


def test_our_themes_are_known_and_the_nearest_is_named() -> None:
    assert all(unknown_theme(theme.name) is None for theme in OURS)
    assert unknown_theme("hi-contrast") == (
        "there is no theme hi-contrast: did you mean high-contrast?"
    )

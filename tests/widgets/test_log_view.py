"""The window on log lines: given lines that come, only what changes in sight is drawn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from tests.widgets.loglines import TWO, book_of, line
from widgets.kept import Kept
from widgets.log_filter import LogFilter
from widgets.log_text import Columns, plain_text
from widgets.log_view import LogView
from widgets.logbook import Logbook

HEIGHT = 10


class CountedView(LogView):
    """Counts the lines that it draws."""

    drawn = 0

    def render_line(self, y: int) -> Strip:
        self.drawn += 1
        return super().render_line(y)


class ViewApp(App[None]):
    def __init__(self, book: Logbook) -> None:
        super().__init__()
        self.view = CountedView(book)
        self.opened: list[str] = []

    def on_log_view_opened(self, event: LogView.Opened) -> None:
        self.opened.append(event.kept.line.message)

    def compose(self) -> ComposeResult:
        yield self.view


@asynccontextmanager
async def shown(book: Logbook, width: int = 80) -> AsyncIterator[tuple[CountedView, Pilot[None]]]:
    app = ViewApp(book)
    async with app.run_test(size=(width, HEIGHT)) as pilot:
        app.view.focus()
        app.view.catch_up()
        await pilot.pause()
        yield app.view, pilot


def _wheel(view: LogView, up: bool) -> events.MouseEvent:
    kind = events.MouseScrollUp if up else events.MouseScrollDown
    return kind(view, 1, 1, 0, -1 if up else 1, 0, False, False, False)


def screen(view: LogView) -> list[str]:
    return [view.render_line(y).text.rstrip() for y in range(HEIGHT)]


async def come(view: CountedView, pilot: Pilot[None], *messages: str) -> int:
    """New lines come; how many lines were drawn for them."""
    before = view.drawn
    view.rows.book.extend(line(9, message) for message in messages)
    view.catch_up()
    await pilot.pause()
    return view.drawn - before


def thirty() -> Logbook:
    return book_of(*(line(number, f"line {number}") for number in range(30)))


async def test_lines_out_of_sight_are_not_drawn() -> None:
    async with shown(thirty()) as (view, pilot):
        await pilot.press("g")
        assert await come(view, pilot, "one", "two") == 0
        view.choose(LogFilter(exclude="three"), 0)
        await pilot.press("G")
        await pilot.pause()
        assert await come(view, pilot, "three") == 0
        assert await come(view, pilot, "four") == HEIGHT
        assert "four" in screen(view)[-1]


async def test_one_reads_on_undisturbed_while_older_lines_give_way() -> None:
    book = book_of(*(line(number, f"line {number}") for number in range(30)), cap=30)
    async with shown(book) as (view, pilot):
        await pilot.press("k", "pageup")
        await pilot.pause()
        before = screen(view)
        assert await come(view, pilot, "new", "newer") == 0
        assert screen(view) == before
        view.wraps = True
        await pilot.pause()
        before = screen(view)
        await come(view, pilot, "newest")
        assert screen(view) == before


async def test_the_wheel_looks_back_and_goes_on_at_the_end() -> None:
    async with shown(thirty()) as (view, pilot):
        view.post_message(_wheel(view, True))
        await pilot.pause()
        assert view.rows.held
        await come(view, pilot, "later")
        assert "later" not in "".join(screen(view))
        for _ in range(4):
            view.post_message(_wheel(view, False))
            await pilot.pause()
        assert not view.rows.held
        assert "later" in screen(view)[-1]


async def test_whoever_follows_and_goes_down_follows_on() -> None:
    async with shown(thirty()) as (view, pilot):
        await pilot.press("j", "pagedown")
        assert not view.rows.held
        await come(view, pilot, "later")
        assert "later" in screen(view)[-1]


async def test_lines_in_sight_hold_back_what_would_push_them_out() -> None:
    book = book_of(*(line(number, f"line {number}") for number in range(30)), cap=40)
    async with shown(book) as (view, pilot):
        assert not view.holds_back(100)
        await pilot.press("g", "pagedown", "pagedown")
        assert screen(view)[0].endswith("line 9")
        assert [view.holds_back(count) for count in (19, 20)] == [False, True]


async def test_a_click_goes_to_a_line_and_two_open_it() -> None:
    async with shown(thirty()) as (view, pilot):
        await pilot.click(view, offset=(3, 2))
        assert view.cursor is not None
        assert view.cursor.line.message in screen(view)[2]
        assert view.rows.held
        await pilot.double_click(view, offset=(3, 4))
        assert isinstance(view.app, ViewApp)
        assert view.app.opened == [view.cursor.line.message]


@pytest.mark.parametrize("theme", ["textual-dark", "ansi-dark"])
async def test_the_line_with_the_cursor_stands_out(theme: str) -> None:
    async with shown(thirty()) as (view, pilot):
        view.app.theme = theme
        await pilot.press("g", "j")

        def looks(y: int) -> set[tuple[object, object]]:
            styles = [one.style for one in view.render_line(y) if one.style]
            return {(style.bgcolor, style.reverse) for style in styles}

        assert len(looks(1)) == 1
        assert looks(1).isdisjoint(looks(0) | looks(2))


async def test_the_cursor_moves_without_drawing_anything_else() -> None:
    async with shown(thirty()) as (view, pilot):
        await pilot.press("g", "j", "j")
        await pilot.pause()
        before = view.drawn
        await pilot.press("j")
        await pilot.pause()
        assert view.drawn - before == 2
        view.wraps = True
        await pilot.press("k")
        await pilot.pause()
        assert view.cursor is not None
        assert view.cursor.number == 2


async def test_where_there_are_few_cells_as_many_tell_the_pod_as_it_takes() -> None:
    book = book_of(line(0, "one"), line(1, "two", pod=TWO))
    async with shown(book, 100) as (view, pilot):
        assert "info  ice-1 one" in screen(view)[0]
        await pilot.resize_terminal(40, HEIGHT)
        await pilot.pause()
        assert "info  -1 one" in screen(view)[0]


async def test_the_lines_that_stand_tell_their_pod_once_there_is_another() -> None:
    async with shown(thirty()) as (view, pilot):
        await pilot.press("g")
        await pilot.pause()
        before = view.drawn
        view.rows.book.extend([line(40, "of another", pod=TWO)])
        view.catch_up()
        await pilot.pause()
        assert view.drawn - before == HEIGHT
        assert "ice-1 line 0" in screen(view)[0]


async def test_one_scrolls_sideways_as_far_as_the_longest_line_in_sight() -> None:
    async with shown(book_of(line(0, "한" * 60 + "END"), line(1, "short"))) as (view, pilot):
        assert "END" not in screen(view)[0]
        assert screen(view)[0].endswith("…")
        await pilot.press(*["right"] * 20)
        assert screen(view)[0].endswith("END")
        await pilot.press(*["left"] * 20)
        assert "03:00:00" in screen(view)[0]


def long_lines() -> Logbook:
    """Korean ones that wrap to between one and twenty lines."""
    texts = (f"<{number}>" + "로그 메시지 " * (number * 7 % 60) for number in range(2_000))
    return book_of(*(line(number, text) for number, text in enumerate(texts)), cap=2_000)


async def test_only_lines_that_may_come_into_sight_are_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = 0

    def counting(kept: Kept, columns: Columns) -> str:
        nonlocal measured
        measured += 1
        return plain_text(kept, columns)

    monkeypatch.setattr("widgets.log_layout.plain_text", counting)
    async with shown(long_lines()) as (view, pilot):
        view.wraps = True
        for width in (70, 60, 50):
            await pilot.resize_terminal(width, HEIGHT)
        await pilot.press("g", "G")
        await pilot.pause()
        assert "<1999>" in "".join(screen(view))
        assert 0 < measured < 400


@pytest.mark.parametrize("up", [True, False])
async def test_wrapped_lines_scroll_past_without_a_jump(up: bool) -> None:
    async with shown(long_lines(), 50) as (view, pilot):
        view.wraps = True
        view.jump(view.rows[1_000].number)
        await pilot.pause()
        for _ in range(40):
            before = screen(view)
            view.post_message(_wheel(view, up))
            await pilot.pause()
            after = screen(view)
            moved = [
                step
                for step in range(1, HEIGHT)
                if (after[step:] == before[:-step] if up else after[:-step] == before[step:])
            ]
            assert moved, (before, after)


async def test_a_new_width_leaves_what_stands_at_the_top() -> None:
    async with shown(long_lines()) as (view, pilot):
        view.wraps = True
        view.jump(view.rows[1_000].number)
        await pilot.press("pageup")
        await pilot.pause()
        assert "<991>" in screen(view)[0]
        for width in (50, 41, 120):
            await pilot.resize_terminal(width, HEIGHT)
            await pilot.pause()
            assert "<991>" in screen(view)[0]

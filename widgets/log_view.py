"""LogView: the lines of a logbook, drawn as they are looked at: a screenful, not ten thousand."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive, var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from widgets.kept import Kept
from widgets.log_filter import LogFilter
from widgets.log_keys import KEYS
from widgets.log_layout import LogLayout, part_of
from widgets.log_rows import LogRows
from widgets.log_text import ALL, columns_for, log_text, plain_text
from widgets.logbook import Logbook
from widgets.pieces import widest

_REVERSE = Style(reverse=True)
_SIDEWAYS = 8
_TWICE = 2


class LogView(ScrollView, can_focus=True):
    """A window on log lines with a cursor. It follows what comes until one moves away.

    Then it stands still: what comes waits, and what is in sight does not give way.
    """

    HELP = "A move upwards stands still at what you read; the newest line follows again."

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log-view--cursor"}

    DEFAULT_CSS = """
    LogView {
        background: $background;
        text-wrap: nowrap;
        scrollbar-size: 0 0;
        & > .log-view--cursor { background: $primary-muted; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    wraps: var[bool] = var(False)
    search: reactive[str] = reactive("")
    left: reactive[int] = reactive(0)
    """Cells that are scrolled out of sight on the left."""

    class Opened(Message):
        """A line is to be shown whole."""

        def __init__(self, kept: Kept) -> None:
            super().__init__()
            self.kept = kept

    class Changed(Message):
        """What is shown, or how, is another."""

    def __init__(self, book: Logbook, chosen: LogFilter | None = None) -> None:
        super().__init__()
        self.auto_links = False  # looking for links in each line takes a fifth of drawing it
        self.rows = LogRows(book, chosen)
        self._on: Kept | None = None
        """The line that the cursor is on; where it is not shown, the next one has the cursor."""

        self._restarts = book.restarts
        self._columns = ALL
        self._layout_of = LogLayout()

    @property
    def number(self) -> int:
        """The number of the line that the cursor was put on."""
        return self._on.number if self._on else 0

    @property
    def cursor(self) -> Kept | None:
        """The line that the cursor is on."""
        return self.rows[self.place] if len(self.rows) else None

    @property
    def place(self) -> int:
        """The row of that line."""
        return self.rows.place_of(self.number)

    # What comes, and what is chosen

    def catch_up(self) -> None:
        """Draw what has come to the logbook; where that is out of sight nothing is drawn."""
        before, columns, top = self._window(), self._columns, self._top()
        self.rows.catch_up()
        self._show_ended()
        self._lay_out(top)
        if (self._window(), self._columns) != (before, columns):
            self.refresh()
        self.post_message(self.Changed())

    def _show_ended(self) -> None:
        """Lines of a container that ends before one's eyes do not vanish from them."""
        if self._restarts != self.rows.book.restarts:
            self._restarts = self.rows.book.restarts
            self.rows.choose(replace(self.rows.filter, previous=True), self.rows.context)

    def choose(self, chosen: LogFilter, context: int) -> None:
        """Show the lines of another filter, from the same line on."""
        self.rows.choose(chosen, context)
        self._measure()
        self._show_anew()

    def hold(self, held: bool) -> None:
        """Stand still, or go on with what has come meanwhile."""
        self.rows.hold(held)
        self.catch_up()
        self.refresh()  # the cursor may have moved where nothing else has

    def holds_back(self, count: int) -> bool:
        """Whether it stands still, and so many lines more would push out what is in sight."""
        window = self._window()
        return self.rows.held and bool(window) and window[0][0] < self.rows.book.first_after(count)

    def jump(self, number: int) -> None:
        """Go to a line by its number, or to the one after it where it is not shown."""
        if self.rows.waits(number):
            self.hold(False)
        before, places = self._window(), [self.place]
        self.rows.hold(True)
        self._on = self.rows.book.at(number)
        self._show_cursor()
        if self._window() == before:
            self._refresh_rows(*places, self.place)
        else:
            self.refresh()
        self.post_message(self.Changed())

    def watch_wraps(self) -> None:
        """Lay the lines out anew."""
        self.left = 0
        self._measure()
        self._show_anew()

    def on_resize(self) -> None:
        """Lay the lines out anew."""
        self._lay_out(self._top())

    def _show_anew(self) -> None:
        if self.rows.held:
            self._show_cursor()
        else:
            self._to_end()
        self.refresh()
        self.post_message(self.Changed())

    def _refresh_rows(self, *places: int) -> None:
        for place in places:
            top = self._layout_of.top_of(place)
            self.refresh_lines(top, self._layout_of.top_of(place + 1) - top)

    def _top(self) -> tuple[Kept, int] | None:
        """The row at the top of the window, and which of its lines stands there."""
        if not len(self.rows) or not self._layout_of.height:
            return None
        place, part = self._layout_of.row_at(int(self.scroll_offset.y))
        return (self.rows[place], part) if place < len(self.rows) else None

    def _lay_out(self, top: tuple[Kept, int] | None) -> None:
        """Measure anew; at the end, or where what stood at the top stands there again."""
        self._measure()
        if not self.rows.held:
            self._to_end()
        elif top:
            place = self.rows.place_of(top[0].number)
            self._sharpen(place)
            self._stand_at(place, top[1])

    def _stand_at(self, place: int, part: int) -> None:
        """Not scrolled to: that would draw everything again where it stands already."""
        first, last = self._layout_of.top_of(place), self._layout_of.top_of(place + 1) - 1
        y = min(first + part, max(first, last), self.max_scroll_y)
        self.set_reactive(LogView.scroll_y, float(y))
        self.set_reactive(LogView.scroll_target_y, float(y))

    def _sharpen(self, place: int) -> None:
        """Measure the rows around that one; what is in sight stays where it is."""
        top, part = self._layout_of.row_at(int(self.scroll_offset.y))
        if self._layout_of.sharpen(self.rows, place, self.scrollable_content_region.height):
            self._take_height()
            self._stand_at(top, part)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """What comes into sight is measured first."""
        super().watch_scroll_y(old_value, new_value)
        self._sharpen(self._layout_of.row_at(int(new_value))[0])

    def _show_cursor(self) -> None:
        self._sharpen(self.place)
        region = Region(0, self._layout_of.top_of(self.place), 1, 1)
        self.scroll_to_region(region, animate=False, force=True)

    def _to_end(self) -> None:
        if len(self.rows):
            self._on = self.rows[len(self.rows) - 1]
            self._sharpen(len(self.rows) - 1)
        self.scroll_to(y=self._layout_of.height, animate=False, force=True)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        top, style = y + self.scroll_offset.y, self.visual_style
        if top >= self._layout_of.height:
            return Strip.blank(self._width, style.rich_style)
        place, part = self._layout_of.row_at(top)
        if place == self.place and self.has_focus:
            style = self._cursor_style
        return self._drawn(self.rows[place], part, style)

    def _drawn(self, kept: Kept, part: int, style: Style) -> Strip:
        text = log_text(
            kept,
            dim=bool(self.rows.context) and not self.rows.filter.shows(kept),
            marked=kept.number in self.rows.book.marks,
            columns=self._columns,
            search=self.search,
        )
        if self.wraps:
            text = part_of(text, part, self._width)
        (strip,) = Visual.to_strips(self, text, max(text.cell_length, 1), 1, style)
        end = self.left + self._width
        if strip.cell_length <= end:
            return strip.crop(self.left, end).adjust_cell_length(self._width, style.rich_style)
        cut = strip.crop(self.left, end - 1).adjust_cell_length(self._width - 1, style.rich_style)
        return Strip([*cut, Segment("…", style.rich_style)], self._width)

    @property
    def _width(self) -> int:
        return max(self.scrollable_content_region.width, 1)

    @property
    def _cursor_style(self) -> Style:
        """Without colours of our own the row is reversed."""
        if self.app.native_ansi_color:
            return self.visual_style + _REVERSE
        return self.get_visual_style("log-view--cursor")

    def _measure(self) -> None:
        pods = () if self.rows.filter.pod else self.rows.book.heard
        newest = self.rows[len(self.rows) - 1].line.time if len(self.rows) else None
        self._columns = columns_for(self._width, pods, newest.date() if newest else None)
        self._layout_of.measure(self.rows, self._width, self._columns, wraps=self.wraps)
        self._take_height()

    def _take_height(self) -> None:
        # Assigned, it would lay the whole screen out anew, and draw it, for each line that comes.
        self.set_reactive(LogView.virtual_size, Size(self._width, self._layout_of.height))

    def _window(self) -> list[tuple[int, int]]:
        """What stands in the window: the number of the line, and which of its lines."""
        return [(self.rows[place].number, part) for place, part in self._in_sight()]

    def _in_sight(self) -> list[tuple[int, int]]:
        height = self.scrollable_content_region.height
        return self._layout_of.rows_at(int(self.scroll_offset.y), height)

    # The keys, and the mouse

    def action_go(self, place: int) -> None:
        """To a row, the oldest is 0; whoever follows is at the last one already."""
        last = len(self.rows) - 1
        if last >= 0 and (self.rows.held or place < last):
            self.jump(self.rows[max(0, min(place, last))].number)

    def action_move(self, step: int) -> None:
        """The next line, or the one before."""
        self.action_go(self.place + step)

    def action_page(self, step: int) -> None:
        """A page further, or back."""
        self.action_go(self.place + step * max(1, self.scrollable_content_region.height - 1))

    def action_follow(self) -> None:
        """The newest line, and those to come."""
        self.hold(False)

    def action_side(self, step: int) -> None:
        """Show more of the lines in the window, as far as the longest goes."""
        places = {place for place, _ in self._in_sight()}
        longest = widest(plain_text(self.rows[place], self._columns) for place in places)
        self.left = max(0, min(self.left + step * _SIDEWAYS, longest - self._width))

    def action_open(self) -> None:
        """Show the whole line."""
        if self.cursor is not None:
            self.post_message(self.Opened(self.cursor))

    def on_mouse_scroll_up(self) -> None:
        """Whoever looks back does not want to be taken to the end by the next line."""
        self.hold(True)

    def on_mouse_scroll_down(self) -> None:
        """At the end it goes on as before."""
        if self.is_vertical_scroll_end:
            self.action_follow()

    def on_click(self, event: events.Click) -> None:
        """To that line; twice shows it whole."""
        top = event.y + self.scroll_offset.y
        if top < self._layout_of.height:
            self.action_go(self._layout_of.row_at(top)[0])
        if event.chain == _TWICE:
            self.action_open()

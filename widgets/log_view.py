"""LogView: the lines of a logbook, drawn as they are looked at: a screenful, not ten thousand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from widgets.log_filter import LogFilter, compiled
from widgets.log_rows import LogRows
from widgets.log_text import log_text
from widgets.logbook import Kept, Logbook

_LONGEST = 4_000
"""Cells of a line that one can scroll to; the rest stands in the whole line."""

_REVERSE = Style(reverse=True)
_SIDEWAYS = 8


class LogView(ScrollView, can_focus=True):
    """A window on log lines with a cursor. It follows what comes while the cursor is at the end."""

    HELP = "Log lines of all pods. Enter shows the whole line with its fields and stack trace."

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log-view--cursor"}

    DEFAULT_CSS = """
    LogView {
        border: round $panel;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $foreground;
        background: $background;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        & > .log-view--cursor { background: $primary-muted; }
        &:focus { border: heavy $border; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Next line", show=False, id="logs.down", tooltip="Next line"),
        Binding("up,k", "move(-1)", "Line before", show=False, id="logs.up", tooltip="Line before"),
        Binding("pagedown,ctrl+f", "page(1)", "Page", show=False, id="logs.page", tooltip="A page"),
        Binding(
            "pageup,ctrl+b", "page(-1)", "Page up", show=False, id="logs.page-up", tooltip="Page up"
        ),
        Binding("home,g", "first", "First", show=False, id="logs.first", tooltip="First line"),
        Binding("end,G,f", "follow", "Follow", id="logs.follow", tooltip="Last line, and follow"),
        Binding("left,h", "side(-1)", "Left", show=False, id="logs.left", tooltip="To the left"),
        Binding("right,l", "side(1)", "Right", show=False, id="logs.right", tooltip="To the right"),
        Binding("enter", "open", "Whole line", id="logs.open", tooltip="Show the whole line"),
    ]

    wraps: var[bool] = var(False)
    following: var[bool] = var(True)
    search: var[str] = var("")
    dims: var[bool] = var(False)
    """Whether neighbours of hits are dimmed: the filter hides them, the context shows them."""

    class Opened(Message):
        """A line is to be shown whole."""

        def __init__(self, kept: Kept) -> None:
            super().__init__()
            self.kept = kept

    class Changed(Message):
        """What is shown, or how, is another."""

    def __init__(self, book: Logbook, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = LogRows(book)
        self.marks: set[int] = set()
        """Numbers of the lines with a bookmark."""
        self._cursor = 0
        self._tops: list[int] = [0]
        self._widest = 0
        self._layout = (0, False)
        self._counted: dict[int, int] = {}

    @property
    def cursor(self) -> Kept | None:
        """The line that the cursor is on."""
        return self.rows[self._place] if len(self.rows) else None

    @property
    def _place(self) -> int:
        return self.rows.place_of(self._cursor)

    # What comes, and what is chosen

    def catch_up(self) -> None:
        """Draw what has come to the logbook."""
        gone = self.rows.catch_up()
        self._measure()
        if self.following:
            self._to_end()
        elif gone and not self.wraps:
            self.scroll_to(y=max(0, self.scroll_offset.y - gone), animate=False, force=True)
        self.post_message(self.Changed())
        self.refresh()

    def choose(self, chosen: LogFilter, context: int) -> None:
        """Show the lines of another filter, from the same line on."""
        self.rows.choose(chosen, context)
        self._measure()
        if self.following:
            self._to_end()
        else:
            self._show_cursor()
        self.post_message(self.Changed())
        self.refresh()

    def hold(self, held: bool) -> None:
        """Stand still, or go on with what has come meanwhile."""
        self.rows.hold(held)
        self.catch_up()

    def jump(self, number: int) -> None:
        """Go to a line by its number."""
        self.following = False
        self._cursor = number
        self._show_cursor()
        self.post_message(self.Changed())
        self.refresh()

    def hits(self) -> list[int]:
        """Numbers of the shown lines that the search finds."""
        if not self.search:
            return []
        pattern = compiled(self.search)
        return [kept.number for kept in self.rows if pattern.search(self._text(kept).plain)]

    def watch_wraps(self) -> None:
        """Lay the lines out anew."""
        self._measure()
        self._show_cursor()
        self.refresh()

    def watch_search(self) -> None:
        """Mark the hits."""
        self.refresh()

    def on_resize(self) -> None:
        """Lay the lines out anew."""
        self._measure()
        if self.following:
            self._to_end()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        width = self.scrollable_content_region.width
        top = y + self.scroll_offset.y
        if top >= self._tops[-1]:
            return Strip.blank(width, self.rich_style)
        place, part = self._row_at(top)
        kept = self.rows[place]
        strip = self._drawn(self._text(kept), part, width)
        if place == self._place and self.has_focus:
            return strip.apply_style(self._cursor_style)
        return strip

    def _text(self, kept: Kept) -> Content:
        dim = self.dims and not self.rows.filter.shows(kept)
        marked = kept.number in self.marks
        return log_text(kept, dim=dim, marked=marked, pod=self._shows_pod, search=self.search)

    @property
    def _shows_pod(self) -> bool:
        """Where there is more than one."""
        return len(self.rows.book.pods) > 1 and not self.rows.filter.pod

    def _drawn(self, text: Content, part: int, width: int) -> Strip:
        if self.wraps:
            text = Content("").join(_chunks(text, width)[part : part + 1])
            left = 0
        else:
            left = self.scroll_offset.x
        strips = Visual.to_strips(self, text, max(text.cell_length, 1), 1, self.visual_style)
        strip = strips[0] if strips else Strip([Segment("")])
        return strip.crop(left, left + width).adjust_cell_length(width, self.rich_style)

    @property
    def _cursor_style(self) -> Style:
        """Without colours of our own the row is reversed."""
        return (
            _REVERSE
            if self.app.native_ansi_color
            else self.get_component_rich_style("log-view--cursor", partial=True)
        )

    def _row_at(self, top: int) -> tuple[int, int]:
        """Row, and line within it."""
        if not self.wraps:
            return top, 0
        low, high = 0, len(self._tops) - 1
        while low < high - 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._tops[middle] <= top else (low, middle)
        return low, top - self._tops[low]

    def _measure(self) -> None:
        """How many lines each row takes, and how wide the widest is."""
        width = max(self.scrollable_content_region.width, 1)
        if self.wraps:
            self._tops = [0, *accumulate(self._heights(width))]
            self._widest = width
        else:
            self._tops = [0, len(self.rows)]
            self._widest = max(self._widest, width, *self._widths())
        self.virtual_size = Size(min(self._widest, _LONGEST), self._tops[-1])

    def _heights(self, width: int) -> Iterator[int]:
        """Lines of each row; those that were counted at this width are not counted again."""
        layout = (width, self._shows_pod)
        if layout != self._layout:
            self._layout = layout
            self._counted.clear()
        first = self.rows.book.first
        for gone in [number for number in self._counted if number < first]:
            del self._counted[gone]
        for kept in self.rows:
            if kept.number not in self._counted:
                self._counted[kept.number] = len(_chunks(self._text(kept), width))
            yield self._counted[kept.number]

    def _widths(self) -> list[int]:
        """Of the lines about to be seen: measuring all of them is not worth it."""
        newest = [self.rows[place] for place in range(max(0, len(self.rows) - 60), len(self.rows))]
        return [0, *(self._text(kept).cell_length for kept in newest)]

    def _show_cursor(self) -> None:
        place = self._place
        top = self._tops[place] if self.wraps and place < len(self._tops) else place
        width = self.scrollable_content_region.width
        self.scroll_to_region(
            Region(self.scroll_offset.x, top, width, 1), animate=False, force=True
        )

    def _to_end(self) -> None:
        if len(self.rows):
            self._cursor = self.rows[len(self.rows) - 1].number
        self.scroll_to(y=self._tops[-1], animate=False, force=True)

    # The keys

    def action_move(self, step: int) -> None:
        """The next line, or the one before."""
        self._go(self._place + step)

    def action_page(self, step: int) -> None:
        """A page further, or back."""
        self._go(self._place + step * max(1, self.scrollable_content_region.height - 1))

    def action_first(self) -> None:
        """The oldest line."""
        self._go(0)

    def action_follow(self) -> None:
        """The newest line, and those to come."""
        self.following = True
        self._to_end()
        self.post_message(self.Changed())
        self.refresh()

    def action_side(self, step: int) -> None:
        """Scroll sideways."""
        x = self.scroll_offset.x + step * _SIDEWAYS
        self.scroll_to(x=max(0, x), animate=False, force=True)

    def action_open(self) -> None:
        """Show the whole line."""
        if self.cursor is not None:
            self.post_message(self.Opened(self.cursor))

    def _go(self, place: int) -> None:
        if len(self.rows):
            self.jump(self.rows[max(0, min(place, len(self.rows) - 1))].number)


def _chunks(text: Content, width: int) -> list[Content]:
    """The text in pieces of at most that many cells."""
    breaks: list[int] = []
    used = 0
    for offset, sign in enumerate(text.plain):
        cells = 1 if sign.isascii() else cell_len(sign)
        if used + cells > width:
            breaks.append(offset)
            used = 0
        used += cells
    return text.divide(breaks) if breaks else [text]

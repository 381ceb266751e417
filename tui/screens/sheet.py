"""The base of the drill-downs: one scrollable sheet, with the keys to read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.getters import query_one

from tui.feed import Reading
from tui.footer import Footer
from tui.screens.base import ReadingScreen
from widgets.pieces import Row
from widgets.sheet import Sheet
from widgets.title_bar import TitleBar
from widgets.titles import entitle


class SheetScreen(ReadingScreen):
    """A subclass says what stands on the sheet; it follows the sweeps."""

    DEFAULT_CSS = """
    SheetScreen {
        #page { border: round $primary; padding: 1 2; scrollbar-size-vertical: 1; }
        &.-stale #page { border: dashed $warning; }
        Sheet { max-width: 140; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="sheet.back", tooltip="Back to where it was opened"),
        Binding(
            "down,j", "scroll(1)", "Scroll down", show=False, id="sheet.down", tooltip="Scroll down"
        ),
        Binding("up,k", "scroll(-1)", "Scroll up", show=False, id="sheet.up", tooltip="Scroll up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page", show=False, id="sheet.page", tooltip="Page"),
        Binding(
            "pageup,ctrl+b", "page(-1)", "Page up", show=False, id="sheet.page-up",
            tooltip="Page up",
        ),
        Binding("home,g", "end(-1)", "Top", show=False, id="sheet.top", tooltip="Top"),
        Binding("end,G", "end(1)", "End", show=False, id="sheet.end", tooltip="End"),
    ]  # fmt: skip

    page = query_one("#page", VerticalScroll)
    sheet = query_one(Sheet)

    def compose(self) -> ComposeResult:
        """One scrollable sheet."""
        yield TitleBar()
        with VerticalScroll(id="page", can_focus=False):
            yield Sheet()
        yield Footer("sheet.back", "fix.first", "fix.choose", "check.copy")

    def show(self, reading: Reading) -> None:
        """Draws what is seen now."""
        entitle(self.page, self.heading)
        self.sheet.rows = tuple(self.rows_of(reading))

    @property
    def heading(self) -> str:
        """What the sheet is about."""
        raise NotImplementedError

    def rows_of(self, reading: Reading) -> Sequence[Row]:
        """What stands on the sheet."""
        raise NotImplementedError

    def action_back(self) -> None:
        """Back to where it was opened."""
        self.dismiss()

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.page.scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        self.page.scroll_relative(y=step * max(1, self.page.size.height - 1), animate=False)

    def action_end(self, step: int) -> None:
        """To the top, or the end."""
        if step < 0:
            self.page.scroll_home(animate=False)
        else:
            self.page.scroll_end(animate=False)

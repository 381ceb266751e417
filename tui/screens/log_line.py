"""One log line whole: every field, and its stack trace."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Footer

from tui.clipboard import copy
from widgets.kept import Kept
from widgets.log_text import whole_line
from widgets.sheet import Sheet


class LogLineScreen(ModalScreen[None]):
    """The line, scrollable."""

    CSS = """
    LogLineScreen {
        align: center middle;
        VerticalScroll {
            width: 90%; height: auto; max-height: 90%;
            border: heavy $border; padding: 1 2; background: $background;
            scrollbar-size-vertical: 1;
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter", "close", "Back", id="line.close", tooltip="Back to the lines"),
        Binding("y", "copy", "Copy", id="line.copy", tooltip="Copy the line as it was written"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="line.down", tooltip="Scroll down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="line.up", tooltip="Scroll up"),
        Binding("pagedown", "page(1)", "Page", show=False, id="line.page", tooltip="A page"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="line.page-up", tooltip="Page up"),
        Binding("home,g", "scroll(-9999)", "Top", show=False, id="line.top", tooltip="Top"),
        Binding("end,G", "scroll(9999)", "End", show=False, id="line.end", tooltip="End"),
    ]

    def __init__(self, kept: Kept) -> None:
        super().__init__()
        self._kept = kept

    def compose(self) -> ComposeResult:
        """One sheet."""
        with VerticalScroll(can_focus=False):
            yield Sheet()
        yield Footer()

    def on_mount(self) -> None:
        """Writes the line down."""
        self.query_one(Sheet).rows = whole_line(self._kept)

    def action_close(self) -> None:
        """Back to the lines."""
        self.dismiss()

    async def action_copy(self) -> None:
        """Copy the line as it was written."""
        await copy(self.app, self._kept.line.raw, "The line")

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        self.action_scroll(step * max(1, self.query_one(VerticalScroll).size.height - 1))

    def action_scroll(self, step: int) -> None:
        """Scroll by so many lines."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

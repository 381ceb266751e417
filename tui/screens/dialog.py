"""Dialog: the base of what is asked or told in front of everything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget

from tui.explaining import Explaining
from tui.footer import Footer
from tui.screens.least import LeastRoom
from widgets.pieces import Row
from widgets.sheet import Sheet

Answer = TypeVar("Answer")


class Dialog(Explaining, LeastRoom, ModalScreen[Answer]):
    """A box with a sheet that scrolls and, below it, what a subclass asks with.

    Escape leads out of it with None.
    """

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        #box {
            width: 100;
            max-width: 96%;
            height: auto;
            max-height: 96%;
            border: heavy $border;
            padding: 0 1;
            background: $background;
        }
        #told { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        Choice, Options, Input { dock: bottom; }
        Input, Input:focus {
            height: 3;
            border: heavy $border;
            background: $background;
            padding: 0 1;
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="dialog.back", tooltip="Back, and change nothing"),
        Binding(
            "down,j",
            "scroll(1)",
            "Scroll down",
            show=False,
            id="dialog.down",
            tooltip="Scroll down",
        ),
        Binding(
            "up,k",
            "scroll(-1)",
            "Scroll up",
            show=False,
            id="dialog.up",
            tooltip="Scroll up",
        ),
        Binding(
            "pagedown,space",
            "page(1)",
            "Page down",
            show=False,
            id="dialog.page-down",
            tooltip="Page down",
        ),
        Binding(
            "pageup",
            "page(-1)",
            "Page up",
            show=False,
            id="dialog.page-up",
            tooltip="Page up",
        ),
        Binding("home,g", "end(-1)", "Top", show=False, id="dialog.top", tooltip="Top"),
        Binding("end,G", "end(1)", "End", show=False, id="dialog.end", tooltip="End"),
    ]

    TITLE = ""
    HELP = ""

    def compose(self) -> ComposeResult:
        """The sheet, and what asks."""
        with Vertical(id="box"):
            with VerticalScroll(id="told", can_focus=False):
                yield Sheet()
            yield from self.asking()
        yield Footer()

    def asking(self) -> Iterable[Widget]:
        """What stands below the sheet."""
        return ()

    def on_mount(self) -> None:
        """Takes its title and tells what there is to tell."""
        self.query_one("#box", Vertical).border_title = self.TITLE
        self.tell(self.rows())

    def rows(self) -> Iterable[Row]:
        """What stands in the sheet at first."""
        return ()

    def tell(self, rows: Iterable[Row]) -> None:
        """Put these rows in the sheet."""
        self.query_one(Sheet).rows = tuple(rows)

    def action_leave(self) -> None:
        """Out of it."""
        self.dismiss(None)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one("#told").scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        told = self.query_one("#told")
        told.scroll_relative(y=step * max(told.size.height - 1, 1), animate=False)

    def action_end(self, step: int) -> None:
        """To the top, or the end."""
        told = self.query_one("#told")
        if step < 0:
            told.scroll_home(animate=False)
        else:
            told.scroll_end(animate=False)

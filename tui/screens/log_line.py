"""One log line whole: every field, and its stack trace."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.log_saving import copy_line
from tui.screens.dialog import Dialog
from widgets.kept import Kept
from widgets.log_text import whole_line
from widgets.pieces import Row


class LogLineScreen(Dialog[None]):
    """The line, scrollable."""

    TITLE = "Line"
    HELP = "One log line with all its fields, and its stack trace where it has one."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "Back", show=False, id="line.close", tooltip="Back to the lines"),
        Binding("y", "copy", "Copy", id="line.copy", tooltip="Copy the line as it was written"),
    ]

    def __init__(self, kept: Kept) -> None:
        super().__init__()
        self._kept = kept

    def rows(self) -> Iterable[Row]:
        """The line."""
        return whole_line(self._kept)

    async def action_copy(self) -> None:
        """Copy the line as it was written."""
        await copy_line(self.app, self._kept.line)

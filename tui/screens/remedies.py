"""The remedies of a cause, to choose one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from probes.model import Cause
from tui.screens.dialog import Dialog
from widgets.options import Options
from widgets.pieces import STRONG, Row, Words, content, plain


class RemedyList(Options):
    """One row for each remedy."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Next", show=False, id="remedies.down", tooltip="Next"),
        Binding("up,k", "cursor_up", "Before", show=False, id="remedies.up", tooltip="Before"),
        Binding("enter", "select", "Plan", id="remedies.plan", tooltip="Plan this remedy"),
    ]

    DEFAULT_CSS = """
    RemedyList { height: auto; margin-top: 1; }
    """


class RemediesScreen(Dialog[str | None]):
    """Ends with the id of the remedy that was chosen."""

    TITLE = "Remedies"

    def __init__(self, cause: Cause, titles: Mapping[str, str]) -> None:
        """`titles` are the remedies' names by their ids."""
        super().__init__()
        self._cause = cause
        self._titles = titles

    def rows(self) -> Iterable[Row]:
        """The cause."""
        return (Words(((self._cause.title, STRONG),)), Words(plain(self._cause.explanation)))

    def asking(self) -> Iterable[Widget]:
        """Its remedies."""
        names = self._cause.remedies
        wide = max(map(len, names)) + 2
        lines = (((one.ljust(wide), STRONG), (self._titles.get(one, ""), "")) for one in names)
        yield RemedyList(*(Option(content(line)) for line in lines))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ends with that one."""
        event.stop()
        self.dismiss(self._cause.remedies[event.option_index])

"""The remedies of a cause, to choose one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from probes.model import Cause
from tui.screens.dialog import Dialog
from widgets.options import Options
from widgets.pieces import MUTED, STRONG, Row, Words, content, plain


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


@dataclass(frozen=True, slots=True)
class Offer:
    """A remedy by id and title, and one way to have it done: its words and its options."""

    remedy: str
    title: str
    way: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


class RemediesScreen(Dialog[Offer | None]):
    """Ends with what was chosen."""

    TITLE = "Remedies"
    HELP = "What mends this cause. Each shows its plan and asks before it is applied."

    def __init__(self, cause: Cause, offers: Sequence[Offer]) -> None:
        """The ways of one remedy stand beneath one another, the one without options first."""
        super().__init__()
        self._cause = cause
        self._offers = offers

    def rows(self) -> Iterable[Row]:
        """The cause."""
        return (Words(((self._cause.title, STRONG),)), Words(plain(self._cause.explanation)))

    def asking(self) -> Iterable[Widget]:
        """Its remedies, each named once."""
        wide = max(len(one.remedy) for one in self._offers) + 2
        before = ("", *(one.remedy for one in self._offers))
        lines = (
            (("   or ", MUTED), (one.way, ""))
            if one.remedy == last
            else (
                (one.remedy.ljust(wide), STRONG),
                (", ".join(filter(None, (one.title, one.way))), ""),
            )
            for one, last in zip(self._offers, before, strict=False)
        )
        yield RemedyList(*(Option(content(line)) for line in lines))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Ends with that one."""
        event.stop()
        self.dismiss(self._offers[event.option_index])

"""Help: every key that works on the screen below."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen

from widgets.pieces import STRONG, Blank, Fact, Row, Words, plain
from widgets.sheet import Sheet


class HelpScreen(ModalScreen[None]):
    """The keys, and what the focused widget is for."""

    CSS = """
    HelpScreen {
        align: center middle;
        VerticalScroll {
            width: 64;
            max-width: 90%;
            height: auto;
            max-height: 90%;
            border: round $primary;
            padding: 1 2;
            background: $surface;
            scrollbar-size-vertical: 1;
        }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,enter", "close", "Close", id="help.close", tooltip="Back"),
    ]

    def __init__(self, keys: Iterable[tuple[str, str]], about: str = "") -> None:
        super().__init__()
        self._keys = tuple(keys)
        self._about = about

    def compose(self) -> ComposeResult:
        """One sheet of keys."""
        with VerticalScroll():
            yield Sheet()

    def on_mount(self) -> None:
        """Writes the keys down."""
        self.query_one(VerticalScroll).border_title = "Keys"
        rows: list[Row] = [Fact(key, plain(what)) for key, what in self._keys]
        if self._about:
            rows = [Words(((self._about, STRONG),)), Blank(), *rows]
        self.query_one(Sheet).rows = tuple(rows)

    def action_close(self) -> None:
        """Back to the screen below."""
        self.dismiss()


def keys_of(bindings: Iterable[ActiveBinding], display: Iterable[str]) -> list[tuple[str, str]]:
    """Keys and what they do, equal actions together; only those that have a name of ours."""
    told: dict[str, list[str]] = {}
    for active, shown in zip(bindings, display, strict=True):
        what = active.binding.tooltip or active.binding.description
        if active.enabled and what and active.binding.id:
            told.setdefault(what, []).append(shown)
    return [(" ".join(dict.fromkeys(keys)), what) for what, keys in told.items()]

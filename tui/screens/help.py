"""Help: every key of the screen below, and why one cannot be used now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.offered import Offered, offered
from tui.screens.dialog import Dialog
from widgets.pieces import MUTED, STRONG, Blank, Fact, Line, Row, Words, plain


class HelpScreen(Dialog[None]):
    """What the screen and its focused part are for, and their keys."""

    TITLE = "Keys"
    HELP = "The keys of the screen below. What cannot be used now is dimmed and says why."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "Close", show=False, id="help.close", tooltip="Back")
    ]

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        about = (below.HELP, below.focused.HELP if below.focused else None)
        self._about = tuple(dict.fromkeys(one for one in about if one))
        self._keys = offered(below)

    def rows(self) -> Iterable[Row]:
        """All of it: the focused part first, since its keys go before the others."""
        for text in self._about:
            yield Words(plain(text))
        groups: dict[str, list[Offered]] = {"Here": [], "On this screen": [], "Everywhere": []}
        for one in self._keys:
            groups[_place(one)].append(one)
        for title, keys in groups.items():
            yield from _group(title, keys)


def _place(one: Offered) -> str:
    if isinstance(one.node, App):
        return "Everywhere"
    return "On this screen" if isinstance(one.node, Screen) else "Here"


def _group(title: str, keys: Sequence[Offered]) -> Iterator[Row]:
    if keys:
        yield Blank()
        yield Words(plain(title, STRONG))
    for one in keys:
        yield Fact(" ".join(one.shown), _told(one))


def _told(one: Offered) -> Line:
    if one.enabled:
        return plain(one.does)
    return plain(f"{one.does}: {one.why_not}" if one.why_not else one.does, MUTED)

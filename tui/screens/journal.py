"""The journal: what was never finished first, then what was done, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from remedies.history import Record
from tui.facts import ending, record_facts
from tui.planrows import told_rows
from tui.screens.dialog import Dialog
from widgets.options import Options
from widgets.pieces import MUTED, STRONG, Line, Row, Words, cut, plain

_WARNING = "bold $text-warning"
_EMPTY = "Nothing was ever applied, or refused, by this user on this machine."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants done about a plan of that id: taken back, or noted as looked after."""

    id: str
    undo: bool


class Records(Options):
    """One row for each plan."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Next", show=False, id="journal.down", tooltip="Next"),
        Binding("up,k", "cursor_up", "Before", show=False, id="journal.up", tooltip="Before"),
    ]

    DEFAULT_CSS = """
    Records { height: auto; max-height: 9; margin-top: 1; }
    """


class JournalScreen(Dialog[Wanted | None]):
    """Ends with what is wanted of one of the plans."""

    TITLE = "Journal"
    HELP = "What was done from this machine, the newest first; what never ended stands on top."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo", "Undo", id="journal.undo", tooltip="Plan how to take it back"),
        Binding(
            "x", "settle", "Looked after", id="journal.settle", tooltip="Note it as looked after"
        ),
    ]

    def __init__(self, told: Sequence[Record], left: Sequence[Record]) -> None:
        """All records oldest first, and those of them whose end nobody knows."""
        super().__init__()
        self._left = frozenset(one.id for one in left)
        rest = (one for one in reversed(told) if one.id not in self._left)
        self._records = (*reversed(left), *rest)

    def rows(self) -> Iterable[Row]:
        """The first of them, or that there is none."""
        return self._whole(self._records[0]) if self._records else (Words(plain(_EMPTY)),)

    def asking(self) -> Iterable[Widget]:
        """The list."""
        if self._records:
            yield Records(*(Option(cut(self._row(one), 94)) for one in self._records))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tells that one whole."""
        event.stop()
        self.tell(self._whole(self._records[event.option_index]))
        self.refresh_bindings()

    def why_not(self, action: str) -> str:
        """What was not done cannot be undone."""
        chosen = self._chosen()
        if action == "settle" and (chosen is None or chosen.id not in self._left):
            return "It has come to its end."
        if action == "undo" and (chosen is None or chosen.plan is None):
            return "Nothing was done."
        return ""

    def action_undo(self) -> None:
        """Plan how to take it back."""
        self._end(undo=True)

    def action_settle(self) -> None:
        """Note that a person has looked after it."""
        self._end(undo=False)

    def _end(self, *, undo: bool) -> None:
        chosen = self._chosen()
        if chosen:
            self.dismiss(Wanted(chosen.id, undo))

    def _chosen(self) -> Record | None:
        place = next((one.highlighted for one in self.query(Records)), None)
        return None if place is None else self._records[place]

    def _row(self, one: Record) -> Line:
        style = _WARNING if one.id in self._left else ""
        return ((f"{one.at:%m-%d %H:%M}  ", MUTED), (f"{one.remedy}: {ending(one)}", style))

    def _whole(self, one: Record) -> Iterator[Row]:
        yield Words(((one.sentence, STRONG),))
        yield from told_rows(record_facts(one, is_open=one.id in self._left))

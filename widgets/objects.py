"""Objects: the pods, Applications and tables that one can look into, as one list. Draws only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from probes.model import CheckId, Status
from widgets.options import Options
from widgets.pieces import MUTED, STRONG, cut, padded, widest
from widgets.status import WIDTH, status_piece

_MOST_NAME = 44


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """One object: kind, namespace and name identify it, `words` say how it stands.

    A row without a name stands for what cannot be looked into: `words` say why in short, and
    `check` tells it whole.
    """

    kind: str
    namespace: str
    name: str
    status: Status
    words: str
    check: CheckId | None = None

    @property
    def searched(self) -> str:
        """What a filter looks at."""
        return f"{self.kind} {self.namespace} {self.name}".casefold()


class Objects(Options):
    """The list, its kinds under headings."""

    HELP = "Pods, Applications and tables, each with how it stands."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Next", show=False, id="objects.down", tooltip="Next"),
        Binding("up,k", "cursor_up", "Before", show=False, id="objects.up", tooltip="Before"),
        Binding("home,g", "first", "First", show=False, id="objects.first", tooltip="First"),
        Binding("end,G", "last", "Last", show=False, id="objects.last", tooltip="Last"),
        Binding("enter", "select", "Look into", id="objects.open", tooltip="Look into it"),
    ]

    rows: var[tuple[ObjectRow, ...]] = var(())

    class Opened(Message):
        """An object was chosen."""

        def __init__(self, row: ObjectRow) -> None:
            super().__init__()
            self.row = row

    def watch_rows(self) -> None:
        """Draws the list anew; the cursor stays on its object."""
        at = self._chosen()
        self._draw()
        ids = [_key(row) for row in self.rows]
        if at is not None and _key(at) in ids:
            self.highlighted = self.get_option_index(_key(at))
        elif self.rows:
            self.action_first()

    def on_resize(self) -> None:
        """Rows are cut to the width."""
        self._draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tells which one was chosen."""
        event.stop()
        row = self._chosen()
        if row is not None:
            self.post_message(self.Opened(row))

    def go_to(self, kind: str) -> None:
        """To the first of that kind."""
        for row in self.rows:
            if row.kind == kind:
                self.highlighted = self.get_option_index(_key(row))
                return

    def _chosen(self) -> ObjectRow | None:
        option = self.highlighted_option
        found = (row for row in self.rows if option is not None and _key(row) == option.id)
        return next(found, None)

    def _draw(self) -> None:
        at = self.highlighted
        width = self.scrollable_content_region.width
        name = min(_MOST_NAME, widest(row.name for row in self.rows))
        places = {kind: _place(self.rows, kind) for kind in {row.kind for row in self.rows}}
        options: list[Option] = []
        kind = ""
        for row in self.rows:
            if row.kind != kind:
                kind = row.kind
                options.append(Option(cut(((f"{kind}s", STRONG),), width), disabled=True))
            options.append(Option(_drawn(row, name, places[row.kind], width), id=_key(row)))
        self.set_options(options)
        self.highlighted = at if at is not None and at < len(options) else None


def _place(rows: Iterable[ObjectRow], kind: str) -> int:
    """Cells of the column of namespaces: none where all objects of the kind are in the same."""
    places = {row.namespace for row in rows if row.kind == kind and row.name}
    return widest(places) if len(places) > 1 else 0


def _drawn(row: ObjectRow, name: int, place: int, width: int) -> Content:
    status = status_piece(row.status, WIDTH + 1)
    if not row.name:
        return cut((status, (row.words, "")), width)
    namespace = f"{padded(row.namespace, place)}  " if place else ""
    named = (f"{padded(row.name, name)}  ", "")
    return cut((status, named, (f"{namespace}{row.words}", MUTED)), width)


def _key(row: ObjectRow) -> str:
    return f"{row.kind}:{row.namespace}/{row.name}"

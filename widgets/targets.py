"""Targets: what can be looked at, one row each, with how it stood when it was looked at last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from probes.model import Status
from widgets.options import Options
from widgets.pieces import MUTED, STRONG, Line, cut, padded, widest
from widgets.status import WIDTH, status_piece, told

_MOST_NAME = 32
"""Cells that names may take; the sentence needs some, too."""


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target. `age` says how long ago it stood so (`5m ago`, `now`); None: nobody knows."""

    id: str
    name: str
    status: Status | None
    sentence: str
    age: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """What kind of targets follow, and why there are none where that is so."""

    text: str
    trouble: str = ""


class Targets(Options):
    """Headings and targets; Enter chooses one."""

    HELP = "Another target is looked at without starting the program again."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Next", show=False, id="profiles.down", tooltip="Next"),
        Binding("up,k", "cursor_up", "Before", show=False, id="profiles.up", tooltip="Before"),
        Binding("home,g", "first", "First", show=False, id="profiles.first", tooltip="First"),
        Binding("end,G", "last", "Last", show=False, id="profiles.last", tooltip="Last"),
        Binding("enter", "select", "Look", id="profiles.open", tooltip="Look at this target"),
    ]

    DEFAULT_CSS = """
    Targets {
        height: 1fr;
        & > .option-list--option-disabled { color: $foreground; text-style: none; }
    }
    """

    rows: var[tuple[TargetRow | Heading, ...]] = var(())

    @dataclass
    class Chosen(Message):
        """A target was chosen."""

        id: str

    @dataclass
    class Moved(Message):
        """Another target is highlighted."""

        id: str

    def on_resize(self) -> None:
        """Rows are cut to the width."""
        self._draw()

    def watch_rows(self) -> None:
        """Draws the rows, and keeps to the target that was highlighted."""
        self._draw()

    def go_to(self, wanted: str) -> None:
        """Highlight that target, or the first one."""
        places = {
            one.id: place for place, one in enumerate(self.rows) if isinstance(one, TargetRow)
        }
        self.highlighted = places.get(wanted, next(iter(places.values()), None))
        self.call_after_refresh(self.scroll_to_highlight)

    @property
    def at(self) -> str:
        """The id of the highlighted target, empty where none is."""
        place = self.highlighted
        option = self.get_option_at_index(place) if place is not None else None
        return (option.id or "") if option else ""

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tells what was chosen."""
        event.stop()
        self.post_message(self.Chosen(event.option_id or ""))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tells what is looked at."""
        event.stop()
        self.post_message(self.Moved(event.option_id or ""))

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        name = min(_MOST_NAME, widest(one.name for one in self.rows if isinstance(one, TargetRow)))
        age = widest(one.age for one in self.rows if isinstance(one, TargetRow))
        lines = [drawn(one, name, age, width) for one in self.rows]
        ids = [one.id if isinstance(one, TargetRow) else None for one in self.rows]
        standing = [self.get_option_at_index(place) for place in range(self.option_count)]
        if [one.id for one in standing] != ids:
            here = self.at
            self.set_options(
                Option(line, id=id, disabled=id is None)
                for line, id in zip(lines, ids, strict=True)
            )
            self.go_to(here)
            return
        for place, (option, line) in enumerate(zip(standing, lines, strict=True)):
            if not (isinstance(option.prompt, Content) and option.prompt.is_same(line)):
                self.replace_option_prompt_at_index(place, line)


def drawn(row: TargetRow | Heading, name: int, age: int, width: int) -> Content:
    """A row on one line; the columns of name and age take so many cells."""
    if isinstance(row, Heading):
        trouble = (("  ", ""), *told(Status.UNKNOWN, row.trouble)) if row.trouble else ()
        return cut(((row.text, STRONG), *trouble), width)
    status = status_piece(row.status, WIDTH) if row.status else (" " * WIDTH, "")
    shown = padded(str(cut(((row.name, ""),), name)), name)
    line: Line = (
        status,
        (f"  {shown}", ""),
        (f"  {padded(row.age, age)}" if age else "", MUTED),
        (f"  {row.sentence}", "" if row.status else MUTED),
    )
    return cut(line, width)

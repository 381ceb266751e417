"""Objects: what one can look into, filtered by a part of the name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one

from tui.feed import Reading
from tui.footer import Footer
from tui.objects import APPLICATION, POD, objects_of
from tui.screens.application_detail import ApplicationDetailScreen
from tui.screens.base import ReadingScreen
from tui.screens.check_detail import CheckDetailScreen
from tui.screens.looking import WayNow
from tui.screens.pod_detail import PodDetailScreen
from tui.screens.table_detail import TableDetailScreen
from widgets.objects import ObjectRow, Objects
from widgets.prompt import Prompt
from widgets.title_bar import TitleBar
from widgets.titles import entitle


def detail_of(row: ObjectRow, way: WayNow) -> ReadingScreen:
    """The screen that looks into it; for what cannot be looked into, the check that says why."""
    if row.check:
        return CheckDetailScreen(row.check)
    if row.kind == POD:
        return PodDetailScreen(way, row.namespace, row.name)
    if row.kind == APPLICATION:
        return ApplicationDetailScreen(way, row.namespace, row.name)
    return TableDetailScreen(row.name)


def _count(rows: Iterable[ObjectRow]) -> int:
    return sum(bool(row.name) for row in rows)


class ObjectsScreen(ReadingScreen):
    """The list, with a filter."""

    HELP = "What one can look into: each with all that is known of it."
    OPENED_BY = "objects"

    CSS = """
    ObjectsScreen Objects { height: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="objects.back", tooltip="Back to the overview"),
        Binding("slash", "filter", "Filter", id="objects.filter", tooltip="Filter by a name"),
    ]

    objects = query_one(Objects)
    prompt = query_one(Prompt)

    def __init__(self, kind: str = "") -> None:
        """`kind` is what the cursor starts on."""
        super().__init__()
        self._kind = kind
        self._filter = ""

    def compose(self) -> ComposeResult:
        """The list, and a place to type."""
        yield TitleBar()
        yield Objects()
        yield Prompt()
        yield Footer("objects.open", "objects.back", "objects.filter", "view.sweep", "view.logs")

    def on_mount(self) -> None:
        """Starts on the list."""
        super().on_mount()
        self.objects.focus()

    def show(self, reading: Reading) -> None:
        """Lists what the newest sweep has."""
        wanted = self._filter.casefold()
        rows = objects_of(reading.snapshot)
        found = tuple(row for row in rows if wanted in row.searched)
        self.objects.rows = found
        if self._kind and found:
            self.objects.go_to(self._kind)
            self._kind = ""
        only = f"  with {self._filter}" if self._filter else ""
        entitle(self.objects, f"Objects{only}", f"{_count(found)} of {_count(rows)}")

    def action_filter(self) -> None:
        """Ask for a part of the name."""
        self.prompt.ask("filter", "Show only names with", self._filter)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Takes the filter."""
        self._filter = event.text.strip()
        self.prompt.close()
        self.objects.focus()
        if self.reading is not None:
            self.show(self.reading)

    def on_prompt_left(self) -> None:
        """Back to the list."""
        self.objects.focus()

    def action_back(self) -> None:
        """Back to the overview."""
        self.dismiss()

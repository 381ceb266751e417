"""The overview: the sentence, the data path, the checklist, the causes and four panels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.getters import query_one
from textual.reactive import var

from probes.checks.log_groups import groups
from probes.checks.schema import WANTED
from probes.model import Cause, Status
from tui.clipboard import copy
from tui.feed import Reading
from tui.footer import Footer
from tui.layout import Room, room_for
from tui.offered import key_shown
from tui.output import Report, renderer
from tui.screens.base import ReadingScreen, cause_of
from widgets.ages import short_age
from widgets.argocd_panel import ArgoCDPanel
from widgets.causes_panel import CausesPanel
from widgets.checklist import Checklist, CheckRow
from widgets.data_path import DataPath
from widgets.database_panel import DatabasePanel
from widgets.logbook import Logbook
from widgets.logs_panel import LogsPanel
from widgets.panel import Panel
from widgets.prometheus_panel import PrometheusPanel
from widgets.prompt import Prompt
from widgets.sentence import Sentence
from widgets.title_bar import TitleBar
from widgets.titles import entitle

PANELS = {
    "causes-alone": "Causes",
    "prometheus": "Prometheus",
    "argocd": "Argo CD",
    "database": "Database",
    "logs": "Logs",
}
"""Ids and titles by number key; the causes stand at the left where there is room for that."""

_IDS = tuple(PANELS)

_NEEDED = (
    "fix.first",
    "checklist.open",
    "causes.choose",
    "panel.open",
    "view.logs",
    "view.sweep",
    "view.filter",
    "view.objects",
    "view.copy",
    "view.report",
    "fix.choose",
)
"""The keys that one needs first."""


class OverviewScreen(ReadingScreen):
    """Everything at a glance."""

    HELP = "What is wrong, what to mend first, and how everything stands that was looked at."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "step(1)", "Panel", id="view.next", tooltip="Go to the next panel"),
        Binding(
            "shift+tab",
            "step(-1)",
            "Panel before",
            show=False,
            id="view.previous",
            tooltip="Go to the panel before",
        ),
        *(
            Binding(
                str(place),
                f"panel({place})",
                title,
                show=False,
                id=f"view.panel-{place}",
                tooltip=f"Go to {title}",
            )
            for place, title in enumerate(PANELS.values())
        ),
        Binding("escape", "checks", "Checks", show=False, id="view.checks", tooltip="Checklist"),
        Binding("slash", "filter", "Filter", id="view.filter", tooltip="Filter the checks"),
        Binding("y", "copy", "Copy", id="view.copy", tooltip="Copy the whole verdict as text"),
    ]

    room: var[Room] = var(Room.COMPACT)
    current: var[int] = var(0)
    """The panel shown where there is room for one only."""

    checklist = query_one(Checklist)

    def __init__(self, clock: Callable[[], datetime], book: Logbook) -> None:
        super().__init__()
        self._clock = clock
        self._book = book
        self._filter = ""

    def compose(self) -> ComposeResult:
        """All of it; the classes of `Room` say what is displayed."""
        # Known before anything is laid out: laying it out twice costs 20 ms of the first paint.
        self.set_reactive(OverviewScreen.room, room_for(self.app.size))
        self.add_class(self.room)
        yield TitleBar()
        yield Sentence()
        yield DataPath()
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Checklist()
                yield CausesPanel(0, id="causes")
            with Grid(id="panels"):
                yield CausesPanel(0, id="causes-alone")
                yield PrometheusPanel(1, id="prometheus")
                yield ArgoCDPanel(2, id="argocd")
                yield DatabasePanel(3, WANTED, id="database")
                yield LogsPanel(4, groups, self._book, id="logs")
        yield Prompt()
        yield Footer(*_NEEDED)

    def on_mount(self) -> None:
        """Starts on the checklist."""
        self.checklist.focus()
        self._place_logs()
        self._show_keys()
        self._show_current()

    def _show_keys(self) -> None:
        """Tells the panels how their keys are shown: they may be a person's own."""
        for panel in self.query(CausesPanel):
            panel.key = key_shown(self, "view.panel-0")
            panel.fix_keys = key_shown(self, "fix.first"), key_shown(self, "fix.choose")
        for place, name in enumerate(_IDS):
            self.query_one(f"#{name}", Panel).key = key_shown(self, f"view.panel-{place}")

    def on_resize(self, event: events.Resize) -> None:
        """Gives the room there is to what matters most."""
        self.room = room_for(event.size)

    def watch_room(self, before: Room, room: Room) -> None:
        """Switches the layout; the focus stays on what it is on, wherever that stands now."""
        self.remove_class(before)
        self.add_class(room)
        self._place_logs()
        if isinstance(self.focused, CausesPanel):
            self.action_panel(0)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The panel that one looks at is the one to show where there is room for one only."""
        if isinstance(event.widget, CausesPanel):
            self.current = 0
        elif event.widget.id in _IDS:
            self.current = _IDS.index(event.widget.id)

    def _place_logs(self) -> None:
        """Beside the other panels where there is room for a third column, else the last of them."""
        before = "#prometheus" if self.room is Room.LARGE else "#database"
        panels, logs = self.query_one("#panels"), self.query_one("#logs")
        place = panels.children.index(self.query_one(before)) + 1
        if panels.children.index(logs) != place:
            panels.move_child(logs, after=self.query_one(before))

    def watch_current(self) -> None:
        """Shows another panel."""
        self._show_current()

    def show(self, reading: Reading) -> None:
        """Hands the reading down; each widget draws what changed."""
        diagnosis = reading.diagnosis
        with self.app.batch_update():
            self.query_one(Sentence).told = (reading.now.status, reading.now.sentence)
            self.query_one(DataPath).edges = diagnosis.path
            self._draw_checks(reading)
            for panel in self.query(Panel):
                panel.show(reading.snapshot, diagnosis)

    def grow_older(self) -> None:
        """Tells the ages of the verdicts anew."""
        if self.reading is not None and self.is_mounted:
            self._draw_checks(self.reading)
            self.query_one(ArgoCDPanel).grow_older(self._clock())

    def catch_up(self) -> None:
        """Draws new log lines."""
        for panel in self.query(LogsPanel):
            panel.catch_up()

    def holds_back(self, count: int) -> bool:
        """Whether the panel stands still on lines that so many more would push out."""
        return any(panel.tail.holds_back(count) for panel in self.query(LogsPanel))

    def _draw_checks(self, reading: Reading) -> None:
        now, history = self._clock(), reading.history
        self.checklist.rows = tuple(
            CheckRow(
                result,
                short_age(now - history.since[result.id]) if result.id in history.since else "",
                history.changed(result.id),
            )
            for result in reading.diagnosis.results
            if self._filter in f"{result.id} {result.status}"
        )
        entitle(self.checklist, f"Checks with {self._filter}" if self._filter else "Checks")

    def action_filter(self) -> None:
        """Ask for a part of the ids or statuses to show."""
        self.query_one(Prompt).ask("filter", "Show only checks with (prom, fail, …)", self._filter)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Takes the filter."""
        self._filter = event.text.strip().casefold()
        self.query_one(Prompt).close()
        self.grow_older()
        self.checklist.focus()

    def on_prompt_left(self) -> None:
        """Back to the checklist."""
        self.checklist.focus()

    @property
    def cause(self) -> Cause | None:
        """That of the cursor, else a root cause of the highlighted check, else the first."""
        focused = self.focused
        if isinstance(focused, CausesPanel):
            return focused.cause
        if isinstance(focused, Checklist) and focused.at:
            return cause_of(focused.at, self.reading) or super().cause
        return super().cause

    def tell(self, status: Status, sentence: str) -> None:
        """Says something in the sentence's place, until the next reading."""
        for widget in self.query(Sentence):
            widget.told = (status, sentence)

    def action_panel(self, place: int) -> None:
        """Show a panel and go to it."""
        self.current = place
        name = _IDS[place]
        if place == 0 and self.room is not Room.COMPACT:
            name = "causes"
        self.query_one(f"#{name}", Panel).focus()

    def action_step(self, step: int) -> None:
        """To the next panel, or the one before."""
        if self.room is not Room.COMPACT:
            self.focus_next() if step > 0 else self.focus_previous()
            return
        at_panel = isinstance(self.focused, Panel)
        self.current = (self.current + step) % len(_IDS)
        if at_panel:
            self.query_one(f"#{_IDS[self.current]}", Panel).focus()

    def action_checks(self) -> None:
        """Back to the checklist."""
        self.checklist.focus()

    def why_not(self, action: str) -> str:
        """Nothing can be copied before the first sweep has ended."""
        if action != "copy" or (self.reading is not None and self.reading.snapshot.finished):
            return ""
        return "Nothing to copy yet: the first sweep has not ended."

    async def action_copy(self) -> None:
        """Copy what `check` would print."""
        if self.reading is not None:
            report = Report.of(self.reading.snapshot, self.reading.told)
            await copy(self.app, renderer("text")(report), "The verdict")

    def _show_current(self) -> None:
        for place, name in enumerate(_IDS):
            self.query_one(f"#{name}", Panel).set_class(place == self.current, "-current")

"""The logs: all pods or one, filtered, searched, marked, and saved."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.widgets import Footer

from tui import paths
from tui.clipboard import copy, shown_path
from tui.feed import Reading
from tui.files import write_private
from tui.screens.base import ReadingScreen
from tui.screens.log_line import LogLineScreen
from widgets.log_filter import LEVELS, LogFilter, mistake
from widgets.log_view import LogView
from widgets.logbook import Logbook
from widgets.prompt import Prompt
from widgets.title_bar import TitleBar
from widgets.titles import entitle

_CONTEXTS = (0, 2, 5)
_ASKED = {
    "search": "Search (regular expression)",
    "include": "Show only lines with (regular expression)",
    "exclude": "Hide lines with (regular expression)",
}


class LogsScreen(ReadingScreen):
    """A log viewer on the app's logbook."""

    CSS = """
    LogsScreen LogView { height: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="logs.back", tooltip="Back to the overview"),
        Binding("slash", "ask('search')", "Search", id="logs.search", tooltip="Search lines"),
        Binding("n", "hit(1)", "Next hit", show=False, id="logs.next", tooltip="Next hit"),
        Binding("N", "hit(-1)", "Hit before", show=False, id="logs.before", tooltip="Hit before"),
        Binding("i", "ask('include')", "Only", id="logs.include", tooltip="Show only lines with …"),
        Binding("x", "ask('exclude')", "Without", id="logs.exclude", tooltip="Hide lines with …"),
        Binding("v", "level", "Level", id="logs.level", tooltip="All, info, warnings, errors"),
        Binding("o", "pod", "Pod", id="logs.pod", tooltip="One pod after another, or all"),
        Binding(
            "c", "context", "Context", show=False, id="logs.context", tooltip="Lines around a hit"
        ),
        Binding("space", "hold", "Pause", id="logs.hold", tooltip="Stand still, or go on"),
        Binding("m", "mark", "Mark", show=False, id="logs.mark", tooltip="Set or unset a bookmark"),
        Binding(
            "apostrophe", "marked", "To mark", show=False, id="logs.marked", tooltip="Next bookmark"
        ),
        Binding("s", "start", "Startup", show=False, id="logs.start", tooltip="Startup lines"),
        Binding(
            "b", "previous", "Before restart", show=False, id="logs.previous",
            tooltip="Show lines of containers before their restart, or hide them",
        ),
        Binding("w", "wrap", "Wrap", show=False, id="logs.wrap", tooltip="Wrap lines, or not"),
        Binding("y", "copy", "Copy", show=False, id="logs.copy", tooltip="Copy the line"),
        Binding("S", "save", "Save", show=False, id="logs.save", tooltip="Save what is shown"),
    ]  # fmt: skip

    view = query_one(LogView)
    prompt = query_one(Prompt)

    def __init__(self, book: Logbook) -> None:
        super().__init__()
        self._book = book
        self._filter = LogFilter()
        self._around = 0

    def compose(self) -> ComposeResult:
        """The lines, and a place to type."""
        yield TitleBar()
        yield LogView(self._book)
        yield Prompt()
        yield Footer()

    def on_mount(self) -> None:
        """Shows what there is."""
        self.view.focus()
        self._choose()

    def show(self, reading: Reading) -> None:
        """Lines come by themselves; a sweep changes nothing here."""

    def catch_up(self) -> None:
        """Draw what has come to the logbook."""
        self.view.catch_up()

    def why_not(self, action: str) -> str:
        """Why a key cannot do anything now."""
        if not self.is_mounted:
            return ""
        if action == "previous" and not any(kept.previous for kept in self._book):
            return "No container has restarted: there are no lines from before."
        if action == "hit" and not self.view.search:
            return "Nothing to go to: search with / first."
        if action == "marked" and not self.view.marks:
            return "There is no bookmark: m sets one."
        if action == "context" and not self._narrowed:
            return "Nothing is hidden by an expression or a level: every line has its neighbours."
        return ""

    @property
    def _narrowed(self) -> bool:
        chosen = self._filter
        return bool(chosen.include or chosen.exclude or chosen.least)

    def on_log_view_changed(self) -> None:
        """Tells what is shown of what there is."""
        self._draw_words()

    def on_log_view_opened(self, event: LogView.Opened) -> None:
        """Shows a line whole."""
        self.app.push_screen(LogLineScreen(event.kept))

    def _draw_words(self) -> None:
        view, rows = self.view, self.view.rows
        words = self._filter.words
        count = f"{len(rows):,} of {len(self._book):,} lines"
        state = "following" if view.following and not rows.held else "standing still"
        waiting = f" · {rows.waiting:,} waiting" if rows.held else ""
        around = f" · {self._around} around" if self._around else ""
        title = f"Logs  {words}" if words else "Logs"
        entitle(view, title, f"{count}{around} · {state}{waiting}")

    def _choose(self) -> None:
        self.view.dims = bool(self._around)
        self.view.choose(self._filter, self._around)
        self.refresh_bindings()

    # Asking

    def action_ask(self, purpose: str) -> None:
        """Ask for an expression."""
        now = self.view.search if purpose == "search" else str(getattr(self._filter, purpose))
        self.prompt.ask(purpose, _ASKED[purpose], now)

    def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Takes the expression, or says what is wrong with it."""
        wrong = mistake(event.text)
        if wrong:
            self.prompt.object_to(wrong)
            return
        self.prompt.close()
        self.view.focus()
        if event.purpose == "search":
            self.view.search = event.text
            self.refresh_bindings()
            if event.text:
                self._to_hit(0)
            return
        if event.purpose == "include":
            self._filter = replace(self._filter, include=event.text)
        else:
            self._filter = replace(self._filter, exclude=event.text)
        self._choose()

    def on_prompt_left(self) -> None:
        """Back to the lines."""
        self.view.focus()

    def action_hit(self, step: int) -> None:
        """The next hit, or the one before."""
        self._to_hit(step)

    def _to_hit(self, step: int) -> None:
        """To the hit at the cursor or next to it; round at the ends."""
        hits = self.view.hits()
        if not hits:
            self.notify("No line has it.", severity="warning", markup=False)
            return
        here = self.view.cursor.number if self.view.cursor else 0
        if step < 0:
            target = next((one for one in reversed(hits) if one < here), hits[-1])
        else:
            target = next((one for one in hits if one >= here + step), hits[0])
        self.view.jump(target)

    # Choosing

    def action_level(self) -> None:
        """The next level."""
        following = LEVELS[(LEVELS.index(self._filter.least) + 1) % len(LEVELS)]
        self._filter = replace(self._filter, least=following)
        self._choose()

    def action_pod(self) -> None:
        """The next pod; after the last all of them."""
        pods = ("", *self._book.pods)
        place = pods.index(self._filter.pod) if self._filter.pod in pods else 0
        self._filter = replace(self._filter, pod=pods[(place + 1) % len(pods)])
        self._choose()

    def action_previous(self) -> None:
        """Lines of ended containers, or none."""
        self._filter = replace(self._filter, previous=not self._filter.previous)
        self._choose()

    def action_context(self) -> None:
        """More neighbours of what is shown, or none."""
        place = _CONTEXTS.index(self._around)
        self._around = _CONTEXTS[(place + 1) % len(_CONTEXTS)]
        self._choose()

    def action_hold(self) -> None:
        """Stand still, or go on."""
        self.view.hold(not self.view.rows.held)
        self._draw_words()

    def action_wrap(self) -> None:
        """Wrap, or not."""
        self.view.wraps = not self.view.wraps

    # Going, and taking away

    def action_mark(self) -> None:
        """A bookmark on the line, or none."""
        kept = self.view.cursor
        if kept is not None:
            self.view.marks ^= {kept.number}
            self.view.refresh()
            self.refresh_bindings()

    def action_marked(self) -> None:
        """To the next bookmark, round at the end; its time is told."""
        here = self.view.cursor.number if self.view.cursor else -1
        kept = sorted(one for one in self.view.marks if self._book.at(one))
        if not kept:
            self.notify("The marked lines are no longer kept.", markup=False)
            return
        target = next((one for one in kept if one > here), kept[0])
        self.view.jump(target)
        line = self._book.at(target)
        place = f"bookmark {kept.index(target) + 1} of {len(kept)}"
        if line and line.line.time:
            self.notify(f"{place}, {line.line.time:%Y-%m-%d %H:%M:%S} UTC", markup=False)

    def action_start(self) -> None:
        """To where a container began; the newest start first, then the ones before."""
        here = self.view.cursor.number if self.view.cursor else 0
        starts = [kept.number for kept in self.view.rows if kept.starts]
        if not starts:
            self.notify("No startup line is shown: a log that was rotated has none.", markup=False)
            return
        self.view.jump(next((one for one in reversed(starts) if one < here), starts[-1]))

    def action_back(self) -> None:
        """Back to the overview."""
        self.dismiss()

    async def action_copy(self) -> None:
        """Copy the line as it was written."""
        if self.view.cursor is not None:
            await copy(self.app, self.view.cursor.line.raw, "The line")

    async def action_save(self) -> None:
        """Save what is shown."""
        text = "".join(f"{kept.line.pod} {_stamp(kept.line.time)} {kept.line.raw}\n"
                       for kept in self.view.rows)  # fmt: skip
        path = paths.saved_logs(datetime.now(UTC))
        try:
            await asyncio.to_thread(write_private, path, text)
        except OSError as error:
            self.notify(f"Not saved to {path}: {error.strerror}", severity="error", markup=False)
            return
        count = f"{len(self.view.rows):,} lines"
        self.notify(f"{count}, to {shown_path(path)}", title="Saved", markup=False)


def _stamp(time: datetime | None) -> str:
    return time.isoformat() if time else "-"

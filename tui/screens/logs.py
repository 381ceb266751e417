"""The logs: all pods or one, filtered, searched, marked, and saved."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.getters import query_one

from tui.feed import Reading
from tui.footer import Footer
from tui.log_saving import copy_line, save
from tui.offered import key_shown
from tui.screens.base import ReadingScreen
from tui.screens.log_keys import IDS, KEYS
from tui.screens.log_line import LogLineScreen
from widgets.log_filter import LEVELS, TOO_SLOW, LogFilter, mistake
from widgets.log_gaps import gap_rows
from widgets.log_search import hit_from, hits_among, is_too_slow
from widgets.log_starts import starts_among, why_nothing_before
from widgets.log_state import state_line
from widgets.log_view import LogView
from widgets.logbook import Logbook
from widgets.pieces import Fitted
from widgets.prompt import Prompt
from widgets.sheet import Sheet
from widgets.title_bar import TitleBar

_CONTEXTS = (0, 2, 5)
_ASKED = {
    "search": "Search (regular expression)",
    "include": "Show only lines with (regular expression)",
    "exclude": "Hide lines with (regular expression)",
}


class LogsScreen(ReadingScreen):
    """A log viewer on the app's logbook."""

    HELP = "The newest lines of all pods as they come; a filter holds for lines to come too."
    OPENED_BY = "logs"

    CSS = """
    LogsScreen {
        LogView { height: 1fr; }
        #log-state { background: $surface; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    view = query_one(LogView)
    prompt = query_one(Prompt)

    def __init__(self, book: Logbook) -> None:
        super().__init__()
        self._book = book
        self._target = book.target
        self._hit = (-1, "")

    def compose(self) -> ComposeResult:
        """The lines, what is shown of them, and a place to type."""
        yield TitleBar()
        yield Sheet(id="log-gaps")
        yield LogView(self._book)
        yield Sheet(id="log-state")
        yield Prompt()
        yield Footer(*IDS, most=2)

    def on_mount(self) -> None:
        """Shows what there is."""
        self.view.focus()
        self.view.catch_up()

    def show(self, reading: Reading) -> None:
        """Lines come by themselves; a sweep tells which ones cannot come."""
        self._draw_gaps()

    def catch_up(self) -> None:
        """Draw what has come to the logbook."""
        if self._target != self._book.target:
            self._target = self._book.target
            self._change(pod="")
        self.view.catch_up()
        self._drop_slow()
        self._draw_gaps()

    def _drop_slow(self) -> None:
        """An expression that was quick on the lines so far may be slow on one that comes."""
        slow = self.filter.too_slow
        if slow:
            self._change(**dict.fromkeys(slow, ""))
        if self.view.search and mistake(self.view.search):
            slow["search"], self.view.search = self.view.search, ""
        for text in slow.values():
            self.notify(f"/{text}/ is not used: {TOO_SLOW}", severity="warning", markup=False)

    def holds_back(self, count: int) -> bool:
        """Whether the view stands still on lines that so many more would push out."""
        return self.view.holds_back(count)

    @property
    def filter(self) -> LogFilter:
        """Which lines are shown."""
        return self.view.rows.filter

    def why_not(self, action: str) -> str:
        """Why a key cannot do anything now."""
        if not self.is_mounted:
            return ""
        if action == "previous" and not any(kept.previous for kept in self._book):
            return why_nothing_before(self.reading.snapshot if self.reading else None)
        if action == "hit" and not self.view.search:
            return f"Nothing to go to: search with {key_shown(self, 'logs.search')} first."
        if action == "marked" and not self._book.marks:
            return f"There is no bookmark: {key_shown(self, 'logs.mark')} sets one."
        if action == "context" and not self._narrowed:
            return "Nothing is hidden by an expression or a level: every line has its neighbours."
        return ""

    @property
    def _narrowed(self) -> bool:
        chosen = self.filter
        return bool(chosen.include or chosen.exclude or chosen.least or chosen.quiet)

    def on_log_view_changed(self) -> None:
        """Tells what is shown of what there is."""
        self._draw_state()

    def on_log_view_opened(self, event: LogView.Opened) -> None:
        """Shows a line whole."""
        self.app.push_screen(LogLineScreen(event.kept))

    def _draw_state(self) -> None:
        view, (number, found) = self.view, self._hit
        hit = found if number == view.number else ""
        told = state_line(view.rows, view.place, hit=hit)
        self.query_one("#log-state", Sheet).rows = (Fitted((told,)),)

    def _draw_gaps(self) -> None:
        observation = self.reading.snapshot.logs if self.reading else None
        self.query_one("#log-gaps", Sheet).rows = gap_rows(observation, self._book.gaps)

    def _change(self, **changes: Any) -> None:
        self._choose(replace(self.filter, **changes), self.view.rows.context)

    def _choose(self, chosen: LogFilter, around: int) -> None:
        self.view.choose(chosen, around)
        self.refresh_bindings()

    # Asking

    def action_ask(self, purpose: str) -> None:
        """Ask for an expression."""
        now = self.view.search if purpose == "search" else str(getattr(self.filter, purpose))
        self.prompt.ask(purpose, _ASKED[purpose], now)

    async def on_prompt_answered(self, event: Prompt.Answered) -> None:
        """Takes the expression, or says what is wrong with it."""
        # In a thread: the first expression loads the engine.
        wrong = await asyncio.to_thread(mistake, event.text)
        if not wrong and await is_too_slow(self._book, event.text):
            wrong = TOO_SLOW
        if wrong:
            self.prompt.object_to(wrong)
            return
        self.prompt.close()
        self.view.focus()
        if event.purpose != "search":
            self._change(**{event.purpose: event.text})
            return
        self.view.search = event.text
        self.refresh_bindings()
        if event.text:
            await self._go_to_hit(0 if self.view.rows.held else None)

    def on_prompt_left(self) -> None:
        """Back to the lines."""
        self.view.focus()

    async def action_hit(self, step: int) -> None:
        """To the hit next to the cursor, or to the one before; round at the ends."""
        await self._go_to_hit(step)

    async def _go_to_hit(self, step: int | None) -> None:
        """As `hit_from` has it; without a step to the newest one."""
        hits = await hits_among(self.view.rows, self.view.search)
        if not hits:
            self.notify("No line that is shown has it.", severity="warning", markup=False)
            return
        here = self.view.cursor.number if self.view.cursor else 0
        target = hits[-1] if step is None else hit_from(hits, here, step)
        self.view.jump(target)
        self._hit = (target, f"hit {hits.index(target) + 1:,} of {len(hits):,}")
        self._draw_state()

    # Choosing

    def action_level(self) -> None:
        """The next level."""
        self._change(least=LEVELS[(LEVELS.index(self.filter.least) + 1) % len(LEVELS)])

    def action_pod(self, step: int) -> None:
        """The next pod, or the one before; after the last all of them."""
        pods = sorted({"", self.filter.pod, *self._book.pods})
        self._change(pod=pods[(pods.index(self.filter.pod) + step) % len(pods)])

    def action_previous(self) -> None:
        """Lines of ended containers, or none."""
        self._change(previous=not self.filter.previous)

    def action_quiet(self) -> None:
        """Without what the kubelet and Prometheus ask, or with it."""
        self._change(quiet=not self.filter.quiet)

    def action_context(self) -> None:
        """More neighbours of what is shown, or none."""
        place = _CONTEXTS.index(self.view.rows.context)
        self._choose(self.filter, _CONTEXTS[(place + 1) % len(_CONTEXTS)])

    def action_hold(self) -> None:
        """Stand still, or go on."""
        self.view.hold(not self.view.rows.held)

    def action_wrap(self) -> None:
        """Wrap, or not."""
        self.view.wraps = not self.view.wraps

    # Going, and taking away

    def action_mark(self) -> None:
        """A bookmark on the line, or none."""
        kept = self.view.cursor
        if kept is not None:
            self._book.marks ^= {kept.number}
            self.view.refresh()
            self.refresh_bindings()

    def action_marked(self) -> None:
        """To the next bookmark, round at the end; its time is told."""
        here = self.view.cursor.number if self.view.cursor else -1
        kept = sorted(one for one in self._book.marks if self._book.at(one))
        if not kept:
            self.notify("The marked lines are no longer kept.", markup=False)
            return
        target = next((one for one in kept if one > here), kept[0])
        self.view.jump(target)
        line = self._book.at(target)
        told = [f"bookmark {kept.index(target) + 1} of {len(kept)}"]
        if line and line.line.time:
            told.append(f"{line.line.time:%Y-%m-%d %H:%M:%S} UTC")
        if not self.view.rows.shows(target):
            told.append("its line is hidden by what is chosen")
        self.notify(", ".join(told), markup=False)

    def action_start(self) -> None:
        """To where a container began; the newest start first, then the ones before."""
        known = starts_among(self._book, self.reading.snapshot if self.reading else None)
        starts = [kept.number for kept in known if self.filter.pod in ("", kept.line.pod)]
        if not starts:
            self.notify(
                "No startup line is kept: it was rotated away, or not read yet.", markup=False
            )
            return
        here = self.view.number
        self.view.jump(next((one for one in reversed(starts) if one < here), starts[-1]))

    def action_back(self) -> None:
        """Back to the overview."""
        self.dismiss()

    async def action_copy(self) -> None:
        """Copy the line as it was written."""
        if self.view.cursor is not None:
            await copy_line(self.app, self.view.cursor.line)

    async def action_save(self) -> None:
        """Save what is shown."""
        await save(self.app, tuple(self.view.rows))

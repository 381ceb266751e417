"""Drill-down of one check: its verdict with evidence and causes, and how to see it by hand."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Footer

from probes import byhand, catalogue
from probes.byhand import Command
from probes.model import Cause, CheckId
from tui.clipboard import copy
from tui.feed import Reading
from tui.screens.base import ReadingScreen, cause_of
from widgets.evidence import evidence_rows
from widgets.sheet import Sheet
from widgets.title_bar import TitleBar


class CheckDetailScreen(ReadingScreen):
    """One check whole; it follows the sweeps."""

    CSS = """
    CheckDetailScreen {
        #evidence { border: round $primary; padding: 1 2; scrollbar-size-vertical: 1; }
        &.-stale #evidence { border: dashed $warning; }
        Sheet { max-width: 120; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", id="check.back", tooltip="Back to the overview"),
        Binding("left,h", "step(-1)", "Previous", id="check.previous", tooltip="Check before"),
        Binding("right,l", "step(1)", "Next", id="check.next", tooltip="Next check"),
        Binding(
            "down,j",
            "scroll(1)",
            "Scroll down",
            show=False,
            id="check.down",
            tooltip="Scroll down",
        ),
        Binding("up,k", "scroll(-1)", "Scroll up", show=False, id="check.up", tooltip="Scroll up"),
        Binding("pagedown", "page(1)", "Page", show=False, id="check.page", tooltip="A page on"),
        Binding(
            "pageup", "page(-1)", "Page up", show=False, id="check.page-up", tooltip="A page back"
        ),
        Binding("y", "copy", "Copy commands", id="check.copy", tooltip="Copy all the commands"),
        *(
            Binding(
                str(number),
                f"copy_one({number})",
                f"Copy command {number}",
                show=False,
                id=f"check.copy-{number}",
                tooltip=f"Copy command {number}",
            )
            for number in range(1, 10)
        ),
    ]

    def __init__(self, check: CheckId) -> None:
        super().__init__()
        self._check = check

    def compose(self) -> ComposeResult:
        """One scrollable sheet."""
        yield TitleBar()
        with VerticalScroll(id="evidence", can_focus=False):
            yield Sheet()
        yield Footer()

    @property
    def cause(self) -> Cause | None:
        """The first root cause that the check names, else the first of all."""
        return cause_of(self._check, self.reading) or super().cause

    def show(self, reading: Reading) -> None:
        """Draws the newest verdict."""
        diagnosis = reading.diagnosis
        result = next(one for one in diagnosis.results if one.id is self._check)
        named = {cause.id for cause in result.causes}
        words = catalogue.CHECKS[self._check]
        self.query_one("#evidence", VerticalScroll).border_title = self._check.value
        self.query_one(Sheet).rows = evidence_rows(
            result,
            words.question,
            words.explanation,
            tuple(cause for cause in diagnosis.causes if cause.id in named),
            reading.history.looks.get(self._check, ()),
            tuple((one.what, one.shell) for one in self._commands()),
        )

    def _commands(self) -> tuple[Command, ...]:
        """What to type to see it by hand."""
        if self.reading is None or self.reading.snapshot.workload is None:
            return ()
        return byhand.commands(self._check, self.reading.snapshot, self.reading.context)

    def why_not(self, action: str) -> str:
        """There are no commands before the workload was seen."""
        if action in ("copy", "copy_one") and not self._commands():
            return "Nothing to copy yet: the workload has not answered."
        return ""

    async def action_copy(self) -> None:
        """Copy all the commands, each with what it shows as a comment."""
        text = "\n".join(f"# {one.what}\n{one.shell}" for one in self._commands())
        await copy(self.app, text, f"The commands for {self._check}")

    async def action_copy_one(self, number: int) -> None:
        """Copy one of the commands."""
        told = self._commands()
        if number <= len(told):
            await copy(self.app, told[number - 1].shell, f"Command {number}")
        else:
            self.notify(f"There are {len(told)} commands.", severity="warning", markup=False)

    def action_back(self) -> None:
        """Back to where it was opened."""
        self.dismiss()

    def action_step(self, step: int) -> None:
        """Another check, in the checklist's order."""
        checks = list(CheckId)
        self._check = checks[(checks.index(self._check) + step) % len(checks)]
        self.query_one("#evidence", VerticalScroll).scroll_home(animate=False)
        if self.reading is not None:
            self.show(self.reading)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one("#evidence", VerticalScroll).scroll_relative(y=step, animate=False)

    def action_page(self, step: int) -> None:
        """Scroll by a page."""
        room = self.query_one("#evidence", VerticalScroll)
        room.scroll_relative(y=step * max(1, room.size.height - 1), animate=False)

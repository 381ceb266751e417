"""Drill-down of one check: its question, verdict, evidence and causes."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Footer

from probes import catalogue
from probes.model import Cause, CheckId
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
        &.-stale #evidence { text-opacity: 60%; }
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
        )

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

"""Progress: what is being done, step by step, and in the end how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from remedies.model import Outcome, Plan, Progress
from tui.offered import key_shown
from tui.planrows import outcome_rows, progress_rows
from tui.screens.dialog import Dialog


class ProgressScreen(Dialog[str | None]):
    """Stands while a plan is applied, and stays with its outcome. Ends with an id to undo."""

    TITLE = "Applying"
    HELP = "The plan as it is applied, step by step, and in the end how it went."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "Close", id="outcome.close", tooltip="Back"),
        Binding("u", "undo", "Undo", id="outcome.undo", tooltip="Plan how to take it back"),
    ]

    @dataclass
    class Told(Message):
        """A step has come further."""

        progress: Progress

    @dataclass
    class Ended(Message):
        """The plan has come to its end."""

        outcome: Outcome

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan
        self._told: dict[str, Progress] = {}
        self._whole = "looking whether nothing has changed since"
        self.outcome: Outcome | None = None

    def on_mount(self) -> None:
        """Begins with every step still to do."""
        super().on_mount()
        self._draw()

    def on_progress_screen_told(self, event: Told) -> None:
        """Draws how far it has come."""
        progress = event.progress
        self._whole = "" if progress.step else progress.text
        if progress.step:
            self._told[progress.step] = progress
        self._draw()

    def on_progress_screen_ended(self, event: Ended) -> None:
        """Draws how it went."""
        self.outcome = event.outcome
        self._whole = ""
        self._draw()
        self.refresh_bindings()

    def why_not(self, action: str) -> str:
        """It cannot be left before its end, nor undone where nothing was done."""
        if action in ("leave", "undo") and self.outcome is None:
            leaving = key_shown(self, "view.quit")
            return f"It goes on until it has ended; {leaving} asks whether to leave in the middle."
        if action == "undo" and self.outcome and not self.outcome.steps:
            return "Nothing was done."
        return ""

    def action_undo(self) -> None:
        """Plan how to take it back."""
        self.dismiss(self._plan.id)

    def _draw(self) -> None:
        rows = [*progress_rows(self._plan, self._told, self._whole)]
        if self.outcome is not None:
            rows.extend(outcome_rows(self.outcome))
        self.tell(rows)
        self.query_one("#told").scroll_end(animate=False)

"""Leaving while a plan is applied: asked first."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from tui.screens.dialog import Dialog
from widgets.choice import Choice
from widgets.pieces import STRONG, Row, Words, plain


class LeavingScreen(Dialog[bool | None]):
    """Ends with True where a person wants to leave all the same."""

    TITLE = "Leave?"
    HELP = "A plan is being applied: whether to leave in the middle of it."

    def rows(self) -> Iterable[Row]:
        """What leaving would mean."""
        yield Words((("A plan is being applied.", STRONG),))
        yield Words(
            plain(
                "Leaving now stops waiting for the step that is under way: it may be done or not. "
                "What must not stay without the rest (a new token) is taken back first. "
                "The journal keeps which step that is, and the next start tells it."
            )
        )

    def asking(self) -> Iterable[Widget]:
        """The answers."""
        return (Choice("No, stay", "Yes, leave"),)

    def on_choice_taken(self, event: Choice.Taken) -> None:
        """Ends with the answer."""
        self.dismiss(event.place == 1)

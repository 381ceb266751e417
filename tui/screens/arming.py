"""Arming: leaving read-only takes the profile's name, typed."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Input

from probes.model import Status
from tui.screens.dialog import Dialog
from widgets.pieces import STRONG, Blank, Row, Words
from widgets.status import status_piece


class ArmingScreen(Dialog[bool | None]):
    """Ends with True where the name was typed."""

    TITLE = "Arm"
    HELP = "Remedies can be applied once the name is typed; before, nothing is changed."

    def __init__(self, profile: str, namespace: str) -> None:
        super().__init__()
        self._profile = profile
        self._namespace = namespace

    def rows(self) -> Iterable[Row]:
        """What it means, and what to type."""
        where = f" in namespace {self._namespace}" if self._namespace else ""
        yield Words((("Remedies change the live system", STRONG), (f"{where}.", STRONG)))
        yield Words((("Each still shows its plan and asks before it is applied.", ""),))
        yield Blank()
        name = (self._profile, STRONG)
        yield Words((("Type the profile's name, ", ""), name, (", and press Enter:", "")))

    def asking(self) -> Iterable[Widget]:
        """Where it is typed."""
        field = Input(id="name")
        field.cursor_blink = False  # each blink would be bytes
        return (field,)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Arms where it is the name; else says so."""
        if event.value.strip() == self._profile:
            self.dismiss(True)
            return
        status, style = status_piece(Status.FAIL)
        told = (f"{status}  ", style)
        self.tell((*self.rows(), Words((told, ("that is not its name", "")))))

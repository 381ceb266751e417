"""Sentence: what is wrong and what to do first, on top of everything."""

from __future__ import annotations

from textual.reactive import var

from probes.model import Status
from widgets.pieces import STRONG, Words
from widgets.sheet import Sheet
from widgets.status import status_class, status_piece


class Sentence(Sheet):
    """One sentence with the status of the whole."""

    DEFAULT_CSS = """
    Sentence {
        border-left: outer $panel;
        padding: 0 1;
        max-height: 40%;
        &.-pass { border-left: outer $success; }
        &.-warn { border-left: outer $warning; }
        &.-fail { border-left: outer $error; }
        &.-unknown { border-left: outer $accent; }
    }
    """

    told: var[tuple[Status, str]] = var((Status.PENDING, ""))

    def watch_told(self, told: tuple[Status, str]) -> None:
        """Takes the status' colour and lays the sentence out."""
        status, sentence = told
        self.set_classes(status_class(status))
        word, style = status_piece(status)
        head = f"{word}  "
        self.rows = (Words(((head, style), (sentence, STRONG)), len(head)),)

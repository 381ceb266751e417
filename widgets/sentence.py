"""Sentence: what is wrong and what to do first, on top of everything."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import var

from probes.model import Status
from widgets.pieces import STRONG, Words
from widgets.sheet import Sheet
from widgets.status import status_class, status_piece


class Sentence(Sheet):
    """One sentence with the status of the whole.

    Where there is no room for all of it its middle is left out: the end says what to do.
    """

    DEFAULT_CSS = """
    Sentence {
        border-left: outer $panel;
        padding: 0 1;
        max-height: 36%;
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
        self.refresh()  # all of it: lines may stand where others were left out before

    def render(self) -> Content:
        """As many of its lines as there is room for."""
        size = self.content_size
        lines = super().render().split("\n", allow_blank=True)
        fitting = lines if len(lines) <= size.height else _without_middle(lines, size.height)
        return Content("\n").join(line.truncate(size.width, ellipsis=True) for line in fitting)


def _without_middle(lines: Sequence[Content], count: int) -> Sequence[Content]:
    """So many of the lines from both ends, the one before the gap with an ellipsis."""
    tail = count // 2
    *head, last = lines[: max(count - tail, 1)]
    return [*head, last + "…", *(lines[-tail:] if tail else ())]

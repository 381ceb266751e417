"""Choice: two or more answers on a line, the harmless one first; taking another is deliberate."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from widgets.pieces import Line, content

_GAP = "   "
_CHOSEN = "bold reverse"


class Choice(Widget, can_focus=True):
    """The answers, one of them chosen; Enter takes it.

    The first one is chosen when it appears. Until it has been drawn it hears nothing, so that a
    key pressed before the question stood there cannot answer it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1)", "Left", show=False, id="choice.left", tooltip="Answer left"),
        Binding(
            "right,l,tab", "move(1)", "Choose", id="choice.right", tooltip="Choose another answer"
        ),
        Binding("enter", "take", "Take", id="choice.take", tooltip="Take the chosen answer"),
    ]

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; margin-top: 1; }
    """

    place: reactive[int] = reactive(0)

    class Taken(Message):
        """An answer was given; `place` counts from 0."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, *answers: str) -> None:
        super().__init__()
        self._answers = answers
        self._drawn = False

    def on_mount(self) -> None:
        """Listens from its first appearance on."""
        self.call_after_refresh(self._listen)

    def _listen(self) -> None:
        self._drawn = True

    def render(self) -> Content:
        """All answers on one line."""
        return content(self._line())

    def action_move(self, step: int) -> None:
        """Choose the next answer, or the one before; it stops at the ends."""
        if self._drawn:
            self.place = min(max(self.place + step, 0), len(self._answers) - 1)

    def action_take(self) -> None:
        """Give the chosen answer."""
        if self._drawn:
            self.post_message(self.Taken(self.place))

    def on_click(self, event: events.Click) -> None:
        """A click chooses an answer, and takes the one that is chosen already."""
        end = 0
        for place, answer in enumerate(self._answers):
            start, end = end, end + cell_len(self._label(place, answer))
            if start <= event.x < end and self._drawn:
                if place == self.place:
                    self.action_take()
                self.place = place
            end += cell_len(_GAP)

    def _line(self) -> Line:
        line: Line = ()
        for place, answer in enumerate(self._answers):
            style = _CHOSEN if place == self.place else ""
            line = (*line, (self._label(place, answer), style), (_GAP, ""))
        return line

    def _label(self, place: int, answer: str) -> str:
        mark = "▸" if place == self.place else " "
        return f"{mark} {answer} "

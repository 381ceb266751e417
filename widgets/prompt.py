"""Prompt: one line at the bottom of a screen that asks for a text, and goes away again."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from widgets.titles import entitle


class Prompt(Input):
    """Hidden until it asks. Enter answers, Escape leaves everything as it is."""

    HELP = "Type, then Enter. Escape leaves everything as it is; an empty text takes it away."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Leave", id="prompt.cancel", tooltip="Leave it as it is")
    ]

    DEFAULT_CSS = """
    Prompt {
        display: none;
        height: 3;
        &, &:focus { border: heavy $border; }
        border-title-color: $foreground;
        background: $background;
        padding: 0 1;
    }
    """

    class Answered(Message):
        """A text was entered."""

        def __init__(self, purpose: str, text: str) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text

    class Left(Message):
        """Nothing was entered."""

    def __init__(self) -> None:
        super().__init__(select_on_focus=True)
        self.cursor_blink = False  # each blink would be bytes
        self._purpose = ""

    def ask(self, purpose: str, title: str, text: str = "") -> None:
        """Ask for something; `purpose` comes back with the answer."""
        self._purpose = purpose
        entitle(self, title, "")
        self.value = text
        # At once, both of them: what is typed right behind the key that asks belongs here.
        self.display = True
        self.screen.set_focus(self)

    def object_to(self, why: str) -> None:
        """The text will not do: say why, and ask on."""
        entitle(self, subtitle=why)

    def close(self) -> None:
        """Go away."""
        self.display = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the answer."""
        event.stop()
        self.post_message(self.Answered(self._purpose, event.value))

    def action_cancel(self) -> None:
        """Go away without an answer."""
        self.close()
        self.post_message(self.Left())

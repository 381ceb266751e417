"""The least that Textual can draw: a footer with one key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer


class BareApp(App[None]):
    """A footer."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        """Nothing else."""
        yield Footer()


if __name__ == "__main__":
    BareApp().run()

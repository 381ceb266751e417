"""TitleBar: what is looked at, and in which state the looking is."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from widgets.pieces import STRONG, Line, content, cut

_PROGRAM = "opsportal-tui"
_BETWEEN = "  "


class TitleBar(Widget):
    """One line: the target at the left, the state at the right."""

    DEFAULT_CSS = """
    TitleBar {
        height: 1;
        width: 1fr;
        padding: 0 1;
        background: $panel;
    }
    """

    place: reactive[tuple[str, ...]] = reactive(())
    """The names of the target, the most important first."""

    state: reactive[Line] = reactive(())
    """The state of the looking; it is never cut."""

    def render(self) -> Content:
        """Both, as far as there is room."""
        state = content(self.state)
        room = self.content_size.width - state.cell_length - len(_BETWEEN)
        names = _BETWEEN.join(self.place)
        left: Line = ((f"{_PROGRAM}{_BETWEEN}", STRONG), (names, ""))
        if content(left).cell_length > room:
            left = ((names, ""),)
        shown = cut(left, room)
        gap = " " * max(room - shown.cell_length, 0)
        return Content.assemble(shown, gap, _BETWEEN, state)

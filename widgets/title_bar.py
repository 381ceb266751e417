"""TitleBar: what is looked at, and in which state the looking is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from widgets.pieces import STRONG, Line, content, cut, plain

_PROGRAM = "opsportal-tui"
_BETWEEN = "  "
_EDGE = " "


class TitleBar(Widget):
    """One line: the target at the left, the state at the right.

    Where there is no room for all of it the program's name goes first, then the target's names
    from the last on; the first of them is cut; the state stands whole.
    """

    DEFAULT_CSS = """
    TitleBar {
        height: 1;
        width: 1fr;
        background: $surface;
        text-wrap: nowrap;
        &:ansi { text-style: reverse; }
    }
    """

    place: reactive[tuple[str, ...]] = reactive(())
    """The names of the target, the most important first."""

    state: reactive[Line] = reactive(())
    """The state of the looking and what may be done; it is never cut."""

    def render(self) -> Content:
        """Both, as far as there is room."""
        return drawn(self.place, self.state, self.content_size.width)


def drawn(place: Sequence[str], state: Line, width: int) -> Content:
    """The bar at that width."""
    right = content(((_BETWEEN, ""), *state, (_EDGE, "")))
    room = width - right.cell_length
    fitting = (line for line in _lefts(place) if content(line).cell_length <= room)
    left = cut(next(fitting, _first(place)), room)
    return Content.assemble(left, " " * (room - left.cell_length), right)


def _lefts(place: Sequence[str]) -> Iterator[Line]:
    """What may stand at the left, the fullest first."""
    for count in range(len(place), 0, -1):
        names = (_BETWEEN.join(place[:count]), "")
        if count == len(place):
            yield ((f"{_EDGE}{_PROGRAM}{_BETWEEN}", STRONG), names)
        yield ((_EDGE, ""), names)


def _first(place: Sequence[str]) -> Line:
    return plain(f"{_EDGE}{place[0]}" if place else f"{_EDGE}{_PROGRAM}")

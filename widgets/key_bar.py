"""KeyBar: the keys of now on the bottom lines, whole ones only, the most needed first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.reactive import var
from textual.widget import Widget

from widgets.pieces import MUTED, Line, content, widest

_EDGE = 1
_GAP = 2
_KEY = "bold $footer-key-foreground"
_TALL = 32
"""Rows of a screen from which a second line may be taken."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is pressed and as it is shown, and what it does in a word or two."""

    key: str
    shown: str
    label: str
    enabled: bool = True
    last: bool = False
    """Whether it stands at the end, whatever else there is no room for."""

    @property
    def cells(self) -> int:
        """How wide it is drawn."""
        return widest([f"{self.shown} {self.label}"])


class KeyBar(Widget):
    """One line of keys, or two where that is allowed and the screen is tall."""

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: auto;
        color: $footer-foreground;
        background: $footer-background;
    }
    """

    keys: var[tuple[Key, ...]] = var(())

    def __init__(self, most: int = 1) -> None:
        """`most` are the lines it may take."""
        super().__init__()
        self._most = most

    def watch_keys(self, before: tuple[Key, ...], keys: tuple[Key, ...]) -> None:
        """Draws other keys; the rest of the screen moves only where the height changes."""
        width = self.content_size.width
        taller = len(self._rows(before, width)) != len(self._rows(keys, width))
        self.refresh(layout=taller or not width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the keys take."""
        return len(self._rows(self.keys, width))

    def render(self) -> Content:
        """The keys that there is room for."""
        rows = self._rows(self.keys, self.content_size.width)
        return Content("\n").join(content(_line(row)) for row in rows)

    def on_click(self, event: events.Click) -> None:
        """A click on a key is as if it were pressed."""
        rows = self._rows(self.keys, self.content_size.width)
        if event.y < len(rows):
            for start, key in _places(rows[event.y]):
                if start <= event.x < start + key.cells:
                    self.app.simulate_key(key.key)

    def _rows(self, keys: Sequence[Key], width: int) -> list[list[Key]]:
        most = self._most if self.app.size.height >= _TALL else 1
        return fitted(keys, width - 2 * _EDGE, most)


def fitted(keys: Sequence[Key], width: int, most: int) -> list[list[Key]]:
    """The keys on at most so many lines; where not all fit, those in front of the last ones go."""
    last = [key for key in keys if key.last]
    others = [key for key in keys if not key.last]
    rows = _wrapped([*others, *last], width)
    while len(rows) > most and others:
        others.pop()
        rows = _wrapped([*others, *last], width)
    return rows[:most]


def _wrapped(keys: Sequence[Key], width: int) -> list[list[Key]]:
    rows: list[list[Key]] = [[]]
    used = 0
    for key in keys:
        if rows[-1] and used + _GAP + key.cells > width:
            rows.append([])
        used = (used + _GAP if rows[-1] else 0) + key.cells
        rows[-1].append(key)
    return rows


def _places(row: Sequence[Key]) -> Iterator[tuple[int, Key]]:
    start = _EDGE
    for key in row:
        yield start, key
        start += key.cells + _GAP


def _line(row: Sequence[Key]) -> Line:
    line: Line = ((" " * _EDGE, ""),)
    for key in row:
        shown, label = (_KEY, "") if key.enabled else (MUTED, MUTED)
        line = (*line, (key.shown, shown), (f" {key.label}{' ' * _GAP}", label))
    return line

"""Options: a list of rows, one line each, whose highlighted row shows in every theme."""

from __future__ import annotations

from rich.style import Style
from textual.strip import Strip
from textual.widgets import OptionList

_REVERSE = Style(reverse=True)


class Options(OptionList):
    """The base of the lists. Without colours of our own the highlighted row is reversed.

    An option takes one line: cut its prompt to the width.
    """

    DEFAULT_CSS = """
    Options {
        border: round $panel;
        border-title-color: $foreground;
        border-title-style: bold;
        border-subtitle-color: $foreground;
        padding: 0 1;
        background: $background;
        scrollbar-size-vertical: 1;
        & > .option-list--option-highlighted {
            color: $foreground;
            background: $surface;
            text-style: none;
        }
        &:focus {
            border: heavy $border;
            background-tint: $foreground 0%;
            & > .option-list--option-highlighted {
                color: $foreground;
                background: $primary-muted;
                text-style: bold;
            }
        }
        &:ansi > .option-list--option-highlighted {
            background: ansi_default;
            text-style: underline;
        }
        &:ansi:focus > .option-list--option-highlighted {
            background: ansi_default;
            text-style: bold;
        }
    }
    """

    def render_line(self, y: int) -> Strip:
        """A line of the list.

        A style sheet cannot reverse the highlighted row: `Widget.get_visual_style` of Textual
        8.2 leaves that attribute out.
        """
        strip = super().render_line(y)
        is_cursor = self.has_focus and y + self.scroll_offset.y == self.highlighted
        return strip.apply_style(_REVERSE) if is_cursor and self.app.native_ansi_color else strip

"""Sheet: rows of facts and words, laid out to the width it is given."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import var
from textual.widget import Widget

from widgets.pieces import Row, height, laid_out


class Sheet(Widget):
    """Draws rows. What stands already is not drawn again: over SSH every line is bytes."""

    DEFAULT_CSS = """
    Sheet { height: auto; width: 1fr; }
    """

    rows: var[tuple[Row, ...]] = var(())

    def watch_rows(self, before: tuple[Row, ...], rows: tuple[Row, ...]) -> None:
        """Draws the lines that changed; lays the screen out anew only where the height changes."""
        width = self.content_size.width
        if not width or height(before, width) != height(rows, width):
            self.refresh(layout=True)
            return
        lines = laid_out(before, width).split("\n", allow_blank=True)
        news = laid_out(rows, width).split("\n", allow_blank=True)
        left, top = self.gutter.left, self.gutter.top
        changed = [y for y, line in enumerate(news) if not line.is_same(lines[y])]
        if changed:
            self.refresh(*(Region(left, top + y, width, 1) for y in changed))

    def render(self) -> Content:
        """The rows at the present width."""
        return laid_out(self.rows, self.content_size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the rows take at that width."""
        return height(self.rows, width)

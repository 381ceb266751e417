"""Sheet: rows of facts and words, laid out to the width it is given."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from widgets.pieces import Row, height, laid_out


class Sheet(Widget):
    """Draws rows. Equal rows are not drawn again."""

    DEFAULT_CSS = """
    Sheet { height: auto; width: 1fr; }
    """

    rows: reactive[tuple[Row, ...]] = reactive((), layout=True)

    def render(self) -> Content:
        """The rows at the present width."""
        return laid_out(self.rows, self.content_size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the rows take at that width."""
        return height(self.rows, width)

"""Titles on borders: never markup, and not drawn again where they are equal."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


def entitle(widget: Widget, title: str | None = None, subtitle: str | None = None) -> None:
    """Set the title, the subtitle, or both; None leaves one as it is. Both are plain text."""
    for name, text in (("border_title", title), ("border_subtitle", subtitle)):
        if text is not None and (getattr(widget, name) or "") != Content(text).markup:
            setattr(widget, name, Content(text))

"""Themes: Textual's own; the default stays legible in 256 colours."""

from __future__ import annotations

import difflib

from textual.theme import BUILTIN_THEMES

DEFAULT = "gruvbox"


def unknown_theme(name: str) -> str | None:
    """A sentence that names the nearest theme, or None where the theme is known."""
    if name in BUILTIN_THEMES:
        return None
    near = difflib.get_close_matches(name, BUILTIN_THEMES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(BUILTIN_THEMES)}"
    return f"there is no theme {name}: {hint}"

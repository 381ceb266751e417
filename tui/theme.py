"""Themes of our own beside Textual's, and which of them fits a terminal.

The colours of `opsportal`, `high-contrast` and `opsportal-light` are entries of xterm's palette of
256, so that they look the same with 256 colours as with all. `opsportal-ansi` uses the terminal's
own sixteen for statuses alone, and bold, dim, reverse and lines for the rest: whatever colours the
terminal has, text stands on the background that its owner chose.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, MutableMapping

from textual.theme import BUILTIN_THEMES, Theme

DEFAULT = "opsportal"
ANSI = "opsportal-ansi"

_DARK = Theme(
    name=DEFAULT,
    primary="#5fafff",
    secondary="#87afd7",
    success="#87d787",
    warning="#ffd75f",
    error="#ff5f5f",
    accent="#d7afff",
    foreground="#e4e4e4",
    background="#121212",
    surface="#262626",
    panel="#444444",
    variables={
        "text-primary": "#5fafff",
        "text-secondary": "#87afd7",
        "text-success": "#87d787",
        "text-warning": "#ffd75f",
        "text-error": "#ff5f5f",
        "text-accent": "#d7afff",
        "foreground-muted": "#a8a8a8",
        "primary-muted": "#00005f",
        "error-muted": "#870000",
        "warning-muted": "#875f00",
        "success-muted": "#005f00",
        "accent-muted": "#5f5f87",
        "border-blurred": "#444444",
        "footer-background": "#262626",
        "footer-key-foreground": "#5fafff",
        "block-cursor-background": "#5fafff",
        "block-cursor-foreground": "#121212",
        "scrollbar": "#444444",
        "scrollbar-hover": "#585858",
        "scrollbar-background": "#1c1c1c",
    },
)

_HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#5fd7ff",
    secondary="#87d7ff",
    success="#5fff5f",
    warning="#ffd700",
    error="#ff8787",
    accent="#ffafff",
    foreground="#ffffff",
    background="#000000",
    surface="#121212",
    panel="#585858",
    variables={
        "text": "#ffffff",
        "text-muted": "#d0d0d0",
        "text-primary": "#5fd7ff",
        "text-secondary": "#87d7ff",
        "text-success": "#5fff5f",
        "text-warning": "#ffd700",
        "text-error": "#ff8787",
        "text-accent": "#ffafff",
        "foreground-muted": "#d0d0d0",
        "primary-muted": "#00005f",
        "error-muted": "#ff8787",
        "warning-muted": "#ffd700",
        "success-muted": "#5fff5f",
        "accent-muted": "#ffafff",
        "border-blurred": "#8a8a8a",
        "footer-background": "#121212",
        "footer-key-foreground": "#ffd700",
        "block-cursor-background": "#5fd7ff",
        "block-cursor-foreground": "#000000",
        "scrollbar": "#a8a8a8",
        "scrollbar-hover": "#ffffff",
        "scrollbar-background": "#262626",
    },
)

_LIGHT = Theme(
    name="opsportal-light",
    dark=False,
    primary="#005faf",
    secondary="#005f87",
    success="#005f00",
    warning="#875f00",
    error="#af0000",
    accent="#8700af",
    foreground="#1c1c1c",
    background="#ffffff",
    surface="#eeeeee",
    panel="#c6c6c6",
    variables={
        "text-primary": "#005faf",
        "text-secondary": "#005f87",
        "text-success": "#005f00",
        "text-warning": "#875f00",
        "text-error": "#af0000",
        "text-accent": "#8700af",
        "foreground-muted": "#585858",
        "primary-muted": "#d7ffff",
        "error-muted": "#ff8787",
        "warning-muted": "#ffd75f",
        "success-muted": "#87d787",
        "accent-muted": "#d7afff",
        "border-blurred": "#c6c6c6",
        "footer-background": "#eeeeee",
        "footer-key-foreground": "#005faf",
        "block-cursor-background": "#005faf",
        "block-cursor-foreground": "#ffffff",
        "scrollbar": "#c6c6c6",
        "scrollbar-hover": "#a8a8a8",
        "scrollbar-background": "#eeeeee",
    },
)

_ANSI = Theme(
    name=ANSI,
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_blue",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    accent="ansi_magenta",
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "panel": "ansi_default",
        "foreground-disabled": "ansi_default",
        "surface-active": "transparent",
        "border": "ansi_cyan",
        "border-blurred": "ansi_default",
        "foreground-muted": "ansi_default",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-background": "ansi_default",
        "block-cursor-text-style": "bold reverse",
        "block-cursor-blurred-text-style": "underline",
        "footer-key-foreground": "ansi_cyan",
        "scrollbar": "ansi_cyan",
        "scrollbar-hover": "ansi_cyan",
        "scrollbar-active": "ansi_cyan",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
    },
)

OURS = (_DARK, _HIGH_CONTRAST, _LIGHT, _ANSI)
"""What the app registers."""

_TRUE_COLOUR = ("truecolor", "24bit")
_NAMES = (*(theme.name for theme in OURS), *BUILTIN_THEMES)


def fitting(environ: Mapping[str, str]) -> str:
    """The theme for a terminal that these variables tell of: its own colours if it has sixteen."""
    has_many = "256color" in environ.get("TERM", "") or environ.get("COLORTERM") in _TRUE_COLOUR
    return DEFAULT if has_many else ANSI


def without_colour(environ: MutableMapping[str, str]) -> bool:
    """Whether no colour is wanted: NO_COLOR has a value (no-color.org).

    An empty one is taken out: it means nothing, but Textual would draw in shades of grey.
    """
    if not environ.get("NO_COLOR"):
        environ.pop("NO_COLOR", None)
        return False
    return True


def unknown_theme(name: str) -> str | None:
    """A sentence that names the nearest theme, or None where the theme is known."""
    if name in _NAMES:
        return None
    near = difflib.get_close_matches(name, _NAMES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_NAMES)}"
    return f"there is no theme {name}: {hint}"

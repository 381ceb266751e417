"""Copying: by OSC 52 to the terminal's clipboard, and always to a file beside it.

Over SSH nobody can tell whether a terminal obeyed OSC 52 (tmux and screen must be told to), so
what was copied stands in a file of the state folder as well.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.app import App

from tui import paths
from tui.files import write_private


async def copy(app: App[None], text: str, what: str) -> None:
    """Copy it and say where it went. `what` names it in a few words."""
    app.copy_to_clipboard(text)
    app.notify(await asyncio.to_thread(_kept, text, what), title="Copied", markup=False)


def _kept(text: str, what: str) -> str:
    """Writes the file; the sentence that says how it went."""
    path = paths.copied_file()
    try:
        write_private(path, text)
    except OSError as error:
        return f"{what}, to the clipboard; not to {shown_path(path)}: {error.strerror}"
    return f"{what}, to the clipboard and to {shown_path(path)}"


def shown_path(path: Path) -> str:
    """The path as a person writes it."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)

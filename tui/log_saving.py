"""Saving log lines to a file that only their reader may read."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime

from textual.app import App

from tui import paths
from tui.clipboard import shown_path
from tui.files import write_private
from widgets.kept import Kept


async def save(app: App[None], lines: Collection[Kept]) -> None:
    """Write them down as they were written, each with its pod and time, and say where."""
    path = paths.saved_logs(datetime.now(UTC))
    text = "".join(map(_saved, lines))
    try:
        await asyncio.to_thread(write_private, path, text)
    except OSError as error:
        why = f"Not saved to {shown_path(path)}: {error.strerror}"
        app.notify(why, severity="error", markup=False)
        return
    app.notify(f"{len(lines):,} lines, to {shown_path(path)}", title="Saved", markup=False)


def _saved(kept: Kept) -> str:
    time = kept.line.time
    return f"{kept.line.pod} {time.isoformat() if time else '-'} {kept.line.raw}\n"

"""Taking log lines away: one to the clipboard, many to a file that only their reader may read."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime

from textual.app import App

from probes.model import LogLine
from tui import paths
from tui.clipboard import copy, shown_path
from tui.files import write_private
from widgets.kept import Kept
from widgets.log_text import part_of


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
    cut = sum(bool(one.line.written) for one in lines)
    only = f", {cut:,} of them only in part" if cut else ""
    app.notify(f"{len(lines):,} lines{only}, to {shown_path(path)}", title="Saved", markup=False)


async def copy_line(app: App[None], line: LogLine) -> None:
    """Copy the line as it was written, as far as there is of it."""
    what = f"{part_of(line).capitalize()} of the line" if line.written else "The line"
    await copy(app, line.raw, what)


def _saved(kept: Kept) -> str:
    line = kept.line
    only = f" ({part_of(line)})" if line.written else ""
    return f"{line.pod} {line.time.isoformat() if line.time else '-'} {line.raw}{only}\n"

"""Performing the writing of a new file of this machine, and its removal."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from probes.reach.guard import require_permit
from remedies.model import RemoveFile, WriteFile
from remedies.performing.base import Seen, Standing, StepError, Tell
from remedies.world import World

_LARGEST = 1_000_000


class WriteFilePerformer:
    """Performs `WriteFile`."""

    async def look(self, world: World, action: WriteFile) -> Seen:
        """Done where it holds the text, stale where anything else is there."""
        found = await asyncio.to_thread(_text, action.path)
        if found is None:
            return Seen(Standing.FRESH)
        if found == action.text:
            return Seen(Standing.DONE, f"{action.path} holds it")
        return Seen(Standing.STALE, f"{action.path} is there already, and is not overwritten")

    async def rehearse(self, world: World, action: WriteFile) -> str:
        """Whether there is a folder to write it into."""
        folder = Path(action.path).parent
        may = await asyncio.to_thread(os.access, folder, os.W_OK)
        return "" if may else f"{folder} is no folder to write into"

    async def perform(self, world: World, action: WriteFile, tell: Tell) -> str:
        """Write it whole; where another has made it meanwhile, that one stays."""
        require_permit("writing a file")
        try:
            await asyncio.to_thread(_write, action.path, action.text)
        except FileExistsError as error:
            raise StepError(f"{action.path} is there already", certain=True) from error
        except OSError as error:
            raise StepError(f"{action.path} cannot be written: {error.strerror}") from error
        return f"wrote {action.path}"


class RemoveFilePerformer:
    """Performs `RemoveFile`."""

    async def look(self, world: World, action: RemoveFile) -> Seen:
        """Done where nothing is there, stale where it holds something else by now."""
        found = await asyncio.to_thread(_text, action.path)
        if found is None:
            return Seen(Standing.DONE, f"{action.path} is not there")
        if found == action.text:
            return Seen(Standing.FRESH)
        return Seen(Standing.STALE, f"{action.path} is not as it was written")

    async def rehearse(self, world: World, action: RemoveFile) -> str:
        """A file has no dry run."""
        return ""

    async def perform(self, world: World, action: RemoveFile, tell: Tell) -> str:
        """Remove it."""
        require_permit("removing a file")
        try:
            await asyncio.to_thread(os.unlink, action.path)
        except OSError as error:
            raise StepError(f"{action.path} cannot be removed: {error.strerror}") from error
        return f"removed {action.path}"


def _text(path: str) -> str | None:
    """What a file holds; empty for what is no text, None where nothing is there."""
    if not os.path.lexists(path):
        return None
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            return file.read(_LARGEST)
    except (OSError, UnicodeDecodeError):
        return ""


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())

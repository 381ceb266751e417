"""Writing files: whole or not at all, and for nobody else's eyes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Put the text there in one step, mode 0600, making the folders. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _written(path, text) as name:
        os.replace(name, path)


def write_new(path: Path, text: str) -> None:
    """The same without the folders, and never over a file that is there: raises FileExistsError."""
    with _written(path, text) as name:
        os.link(name, path)  # unlike a rename it never overwrites


@contextmanager
def _written(path: Path, text: str) -> Iterator[str]:
    """A file beside the path with the text in it, gone after the block unless it was renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)

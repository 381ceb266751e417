"""Keeper: owns the sandbox's folder and guarantees that nothing is left behind.

A child process in a session of its own holds the reading end of a pipe. When the sandbox ends,
normally, on Ctrl-C or by SIGKILL, the pipe closes and the child stops what the sandbox started
and removes the folder (`sandbox.cleanup`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from sandbox import cleanup
from sandbox.errors import SandboxError

_START_S = 10.0
_CLOSE_S = 6.0


class KeeperError(SandboxError):
    """The folder could not be claimed."""


class Keeper:
    """The folder's owner. Sub-processes are adopted; `close` ends them all and the folder."""

    def __init__(self, folder: Path, child: Process) -> None:
        self.folder = folder
        self._child = child
        self._adopted: list[Process] = []

    @classmethod
    async def start(cls, folder: Path) -> Keeper:
        """Claims a folder that is empty or does not exist yet; it is made with mode 0700.

        Raises KeeperError with the reason when that is not possible.
        """
        folder = _absolute(folder)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", cleanup.__file__, str(folder)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        answer = await _answer(child)
        if answer != "ready":
            raise KeeperError(f"cannot use {folder}: {answer}")
        return cls(folder, child)

    def adopt(self, process: Process | int) -> None:
        """Takes over a sub-process, by its pid where it is not a child of ours."""
        if isinstance(process, Process):
            self._adopted.append(process)
        cleanup.record(self.folder, process if isinstance(process, int) else process.pid)

    async def close(self) -> None:
        """Returns when every adopted process has ended and the folder is gone.

        Raises OSError when something could not be removed.
        """
        if self._child.stdin is not None:
            self._child.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._child.wait(), _CLOSE_S)
        # The child may have been killed itself; then its work is done here.
        await asyncio.to_thread(cleanup.clean, self.folder)
        for process in self._adopted:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _CLOSE_S)


def _absolute(folder: Path) -> Path:
    """The child works in `/`, and the mark is compared as text."""
    return Path(os.path.abspath(folder))


async def _answer(child: Process) -> str:
    """The child's one line; the pipe stays open, so that its end means our end."""
    if child.stdout is None:
        raise KeeperError("the keeper has no standard output")
    try:
        line = await asyncio.wait_for(child.stdout.readline(), _START_S)
    except TimeoutError:
        child.kill()
        line = b"the keeper did not start"
    answer = line.decode().strip() or "the keeper ended at once"
    if answer != "ready":
        await child.wait()
    return answer

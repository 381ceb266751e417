"""Cleanup: stops the sandbox's sub-processes and removes its folder when its owner is gone.

`python cleanup.py FOLDER` makes the folder, answers `ready`, waits for end of file on its
standard input (the owner closed it, or died in whatever way), cleans up and exits. Only light
modules of the standard library are imported: it starts in milliseconds and needs no site-packages.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = "OPSPORTAL_SANDBOX_FOLDER"
"""Environment variable of every sub-process: finds those that were never recorded."""

RECORD = "processes"
"""File in the folder: one `pid start-time` a line."""

_PROC = Path("/proc")
_QUIT_S = 2.0
_KILL_S = 1.0
_REMOVE_S = 1.5
_POLL_S = 0.02


@dataclass(frozen=True)
class Process:
    """A process and when it started (clock ticks since boot), so that a reused pid is not hit.

    `started` is 0 where the system has no /proc.
    """

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> Process:
        """The process that has this pid now."""
        stat = _stat(pid)
        return cls(pid, stat[1] if stat else 0)

    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        if not _PROC.joinpath("self").exists():
            return _exists(self.pid)
        stat = _stat(self.pid)
        return stat is not None and stat[0] != "Z" and self.started in (0, stat[1])

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal, if it is still the same process."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)

    def end(self, limit_s: float) -> None:
        """SIGQUIT, then SIGKILL after `limit_s`; returns when it is gone, or after 1 s more."""
        for number, limit in ((signal.SIGQUIT, limit_s), (signal.SIGKILL, _KILL_S)):
            self.signal(number)
            self.signal(signal.SIGCONT)
            deadline = time.monotonic() + limit
            while self.alive() and time.monotonic() < deadline:
                time.sleep(_POLL_S)


def _stat(pid: int) -> tuple[str, int] | None:
    """(state, start time) from proc(5); the command name may hold spaces and parentheses."""
    try:
        fields = _PROC.joinpath(str(pid), "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return fields[0].decode(), int(fields[19])


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def record(folder: Path, pid: int) -> None:
    """Notes a process to be stopped. One short append: it is there whole or not at all."""
    process = Process.of(pid)
    descriptor = os.open(folder / RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{process.pid} {process.started}\n".encode())
    finally:
        os.close(descriptor)


def _recorded(folder: Path) -> Iterator[Process]:
    try:
        lines = (folder / RECORD).read_text().splitlines()
    except OSError:
        return
    for line in lines:
        pid, _, started = line.partition(" ")
        if pid.isdigit() and started.isdigit():
            yield Process(int(pid), int(started))


def _marked(folder: Path) -> Iterator[Process]:
    """Processes that carry the folder's mark: the owner may die before it records one."""
    mark = f"{MARK}={folder}".encode()
    for entry in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                yield Process.of(int(entry.name))


def running(folder: Path) -> tuple[Process, ...]:
    """Every process of this folder that is still alive."""
    found = {*_recorded(folder), *_marked(folder)}
    return tuple(process for process in found if process.alive())


def _stop_all(folder: Path) -> None:
    """SIGQUIT (PostgreSQL: immediate shutdown; Go: exit), then SIGKILL."""
    for number, limit in ((signal.SIGQUIT, _QUIT_S), (signal.SIGKILL, _KILL_S)):
        deadline = time.monotonic() + limit
        signalled: set[Process] = set()
        # Looked for anew each round: one that is stopped may just have started another.
        while (alive := running(folder)) and time.monotonic() < deadline:
            for process in set(alive) - signalled:
                process.signal(number)
                process.signal(signal.SIGCONT)
            signalled.update(alive)
            time.sleep(_POLL_S)


def clean(folder: Path) -> None:
    """Stops every process of the folder, then removes it; takes five seconds at most.

    Raises OSError when something of the folder remains.
    """
    _stop_all(folder)
    deadline = time.monotonic() + _REMOVE_S
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError:
            # A dying process may still have written a file.
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_S)


def _claim(folder: Path) -> str:
    """Makes the folder; only an empty one may become ours, because it will be removed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return "not empty" if any(folder.iterdir()) else ""
    except OSError as error:
        return error.strerror or type(error).__name__


def main(folder: Path) -> int:
    """Claims the folder, answers `ready` or the reason why not, and waits for the owner's end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    refusal = _claim(folder)
    os.write(1, f"{refusal or 'ready'}\n".encode())
    if refusal:
        return 1
    while os.read(0, 4096):
        pass
    clean(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""Places: a folder of our own for programs under test, and what still runs of them."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("opsportal-tui")
_PROC = Path("/proc")
_POLL_S = 0.05
_HIDDEN = ("OPSPORTAL_", "KUBE", "NO_COLOR", "COLORTERM", "SSH_", "TMUX", "XDG_", "LC_", "TERM")


@dataclass(frozen=True)
class Place:
    """A folder that stands in the environment of every program started with `environ`.

    The sandbox's servers get an environment of their own, but it names their folder, which lies
    in this one: so they are found, too.
    """

    folder: Path
    environ: Mapping[str, str]

    def with_environ(self, **more: str) -> Place:
        """The same folder, with more in the environment."""
        return replace(self, environ={**self.environ, **more})

    def processes(self) -> dict[int, str]:
        """What runs of this place: its command lines by pid, for a person to read."""
        found = {}
        mark = str(self.folder).encode()
        for entry in _PROC.glob("[0-9]*"):
            with suppress(OSError):  # it ended meanwhile
                if mark in (entry / "environ").read_bytes() and _runs(entry):
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(entry.name)] = command.decode(errors="replace")
        return found

    def left_after(self, limit_s: float) -> dict[int, str]:
        """What still runs when the time is up; returns as soon as nothing does."""
        deadline = time.monotonic() + limit_s
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        return left


def _environ(folder: Path) -> dict[str, str]:
    """Ours, without what would lead to a cluster or a configuration of this machine."""
    ours = {name: text for name, text in os.environ.items() if not name.startswith(_HIDDEN)}
    homes = dict.fromkeys(("HOME", "TMPDIR", "XDG_CONFIG_HOME"), str(folder))
    return ours | homes | {"KUBECONFIG": str(folder / "none"), "LANG": "C.UTF-8"}


def _runs(entry: Path) -> bool:
    """A zombie does not."""
    return (entry / "stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"


@contextmanager
def open_place() -> Iterator[Place]:
    """A place for the time of the block; whatever is left of it afterwards is killed.

    Its path is short (a socket's name may hold about 100 characters), and passable for the
    account that PostgreSQL runs as in root's place.
    """
    folder = Path(tempfile.mkdtemp(prefix="opsportal-test-", dir="/tmp"))
    folder.chmod(0o711)
    place = Place(folder, _environ(folder))
    try:
        yield place
    finally:
        for pid in place.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        place.left_after(5)
        shutil.rmtree(folder, ignore_errors=True)

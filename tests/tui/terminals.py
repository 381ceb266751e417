"""A terminal of our own: the program runs on a pseudo-terminal, and what it writes is read."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

LIMIT_S = 30.0


class Terminal:
    """One program on a pseudo-terminal. `written` is all it has written so far."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], *, size: tuple[int, int]
    ) -> None:
        self._master, slave = pty.openpty()
        width, height = size
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environ, "TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(slave)
        self.written = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(LIMIT_S)
        self.hang_up()

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def unread(self) -> int:
        """How many bytes it has written that were not read yet."""
        waiting = fcntl.ioctl(self._master, termios.FIONREAD, bytes(4))
        return int.from_bytes(waiting, sys.byteorder)

    def until(self, text: str) -> None:
        """Reads until the text was written; fails past the deadline."""
        deadline = time.monotonic() + LIMIT_S
        while text.encode() not in self.written:
            assert time.monotonic() < deadline, f"{text!r} was never written"
            if not self._read(0.2) and self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode} before {text!r}")

    def read_for(self, duration_s: float) -> None:
        """Reads whatever is written in that time."""
        deadline = time.monotonic() + duration_s
        while (left_s := deadline - time.monotonic()) > 0 and self.process.poll() is None:
            self._read(left_s)

    def end(self) -> int:
        """Reads to the end, and gives the exit code."""
        deadline = time.monotonic() + LIMIT_S
        while self.process.poll() is None or self._read(0.0):
            assert time.monotonic() < deadline, "it did not end"
            self._read(0.05)
        return self.process.returncode

    def hang_up(self) -> None:
        """Closes the terminal, as a cut connection does."""
        if self._master >= 0:
            os.close(self._master)
        self._master = -1

    def _read(self, wait_s: float) -> bool:
        if self._master < 0 or not select.select([self._master], [], [], wait_s)[0]:
            return False
        try:
            piece = os.read(self._master, 65536)
        except OSError:  # the other side is closed
            return False
        self.written += piece
        return bool(piece)

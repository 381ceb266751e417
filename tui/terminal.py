"""Terminal: Textual's driver, made to end when the line is cut, whatever it was doing."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable

from textual.drivers.linux_driver import LinuxDriver

PATIENCE_S = 2.0
"""How long the program may take to end by itself once its terminal is gone."""


class TerminalDriver(LinuxDriver):
    """Textual's driver for a real terminal.

    Its writer thread ends on the first error, after which nobody empties its queue of 30 writes:
    the next one would wait for ever. And a cut line brings SIGCONT after SIGHUP, which it takes
    for the end of a stop: it would start to read and write a second time.
    """

    _suspended = False

    def write(self, data: str) -> None:
        """Write to the terminal, if there still is one."""
        if os.isatty(self.fileno):
            super().write(data)

    def suspend_application_mode(self) -> None:
        """Give the terminal back, for as long as the program is stopped."""
        self._suspended = True
        super().suspend_application_mode()

    def resume_application_mode(self) -> None:
        """Take the terminal again, if it was given back."""
        if self._suspended:
            self._suspended = False
            super().resume_application_mode()

    def close(self) -> None:
        """Wait until everything is written, if it can be."""
        if os.isatty(self.fileno):
            super().close()


def end_when_cut_off(fileno: int, patience: Callable[[], float] = lambda: PATIENCE_S) -> None:
    """End the program soon after the terminal has gone, also where it is stuck writing to it.

    `patience` tells in seconds how long it may take to end by itself. Everything it opened lives in
    this process or ends with it: connections, and the sandbox.
    """
    threading.Thread(target=_wait, args=(fileno, patience), name="hang-up", daemon=True).start()


def _wait(fileno: int, patience: Callable[[], float]) -> None:
    poll = select.poll()
    poll.register(fileno, 0)  # a hang-up is told unasked
    if any(event & select.POLLHUP for _, event in poll.poll()):
        time.sleep(patience())
        os._exit(128 + signal.SIGHUP)

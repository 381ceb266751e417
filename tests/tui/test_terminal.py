"""On a real terminal: the dashboard draws, answers keys, and leaves the terminal clean."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.tui.terminals import LIMIT_S, Terminal

pytestmark = pytest.mark.slow

PROGRAM = str(Path(sys.executable).with_name("opsportal-tui"))
CUT_OFF_S = 5.0
PRIMARY_SCREEN = b"\x1b[?1049l"
CURSOR_SHOWN = b"\x1b[?25h"
MOUSE_ON, MOUSE_OFF = b"\x1b[?1000h", b"\x1b[?1000l"


def started(tmp_path: Path, *args: str) -> Terminal:
    """The dashboard on a machine without a kubeconfig: everything is unknown, nothing is asked."""
    hidden = ("OPSPORTAL_", "KUBE", "NO_COLOR")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    environ |= {"HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "none")}
    terminal = Terminal([PROGRAM, *args], environ, size=(100, 30))
    terminal.until("loki.url")
    return terminal


def stall(terminal: Terminal) -> None:
    """Makes it draw, and reads nothing, until it can write no more."""
    deadline = time.monotonic() + LIMIT_S
    still, before = 0, 0
    while still < 10:
        assert time.monotonic() < deadline, "it never stood still"
        terminal.type(b"?\x1b")
        time.sleep(0.05)
        unread = terminal.unread()
        still, before = (still + 1 if unread == before else 0), unread


def assert_clean(written: bytes) -> None:
    end = written.rfind(b"\x1b[?1049h")
    after = written[end:]
    assert PRIMARY_SCREEN in after
    assert CURSOR_SHOWN in after[after.rfind(PRIMARY_SCREEN) - 200 :]
    assert written.rfind(MOUSE_OFF) > written.rfind(MOUSE_ON)


def test_q_ends_it_with_0_and_a_clean_terminal(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.type(b"q")
        assert terminal.end() == 0
        assert_clean(terminal.written)
        assert b"Traceback" not in terminal.written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_clean(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path) as terminal:
        terminal.process.send_signal(number)
        assert terminal.end() == 128 + number
        assert_clean(terminal.written)
        assert b"Traceback" not in terminal.written


def test_a_cut_connection_ends_it(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.hang_up()
        terminal.process.send_signal(signal.SIGHUP)  # what sshd's end of the session sends
        terminal.process.wait(CUT_OFF_S)


def test_a_line_that_stalls_and_is_then_cut_ends_it_too(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        stall(terminal)
        terminal.hang_up()
        terminal.process.wait(CUT_OFF_S)


def test_without_the_mouse_the_terminal_keeps_it(tmp_path: Path) -> None:
    with started(tmp_path, "--no-mouse") as terminal:
        terminal.type(b"q")
        terminal.end()
        assert MOUSE_ON not in terminal.written

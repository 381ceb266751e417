"""`fix` on a terminal: it shows the plan, asks, and hears nothing that was typed before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tui.terminals import Terminal
from tests.tui.test_cli import PROGRAM

pytestmark = [pytest.mark.slow, pytest.mark.needs_postgres]


def test_only_yes_typed_after_the_question_applies_the_plan(tmp_path: Path) -> None:
    command = (str(PROGRAM), "fix", "argocd.token-missing", "--sandbox")
    environ = os.environ | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    with Terminal(command, environ, size=(100, 30)) as terminal:
        terminal.until("starting sandbox")
        terminal.type(b"yes\n")
        terminal.until("Only `yes` does: ")
        terminal.type(b"y\n")
        assert terminal.end() == 3
    assert "nothing was changed: the answer was not `yes`" in terminal.written.decode()
    assert not (tmp_path / "opsportal-tui" / "journal.jsonl").exists()

"""The sandbox as a child process: it says where it is, and leaves nothing behind, ever."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox import cleanup
from sandbox.errors import SandboxError
from sandbox.launch import launch, parse
from tests.waiting import until

pytestmark = pytest.mark.slow

_READY_S = 40.0
_GONE_S = 20.0

_PARENT = """
import asyncio, sys
from sandbox.launch import launch

async def main():
    async with launch("healthy") as running:
        print(running.kubeconfig, flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the sandbox makes its folder; PostgreSQL's account must be able to pass it."""
    made = Path(tempfile.mkdtemp(prefix="launch-test-", dir="/tmp"))
    made.chmod(0o755)
    monkeypatch.setenv("TMPDIR", str(made))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def _entries(home: Path, pattern: str = "*") -> list[Path]:
    return list(home.glob(pattern))


async def _gone(home: Path, folder: Path | None = None) -> None:
    """Waits until nothing of the sandbox is left: no file, no process."""
    await until(lambda: not _entries(home) and not (folder and cleanup.running(folder)), _GONE_S)


@asynccontextmanager
async def _child(scenario: str = "healthy") -> AsyncIterator[tuple[Process, Path]]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", scenario), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    assert child.stdout
    assert child.stdin
    try:
        line = await asyncio.wait_for(child.stdout.readline(), _READY_S)
        yield child, Path(json.loads(line)["kubeconfig"]).parent
    finally:
        if child.returncode is None:
            child.stdin.close()
        await asyncio.wait_for(child.communicate(), _GONE_S)


async def test_the_sandbox_lives_as_long_as_the_block(home: Path) -> None:
    async with launch("healthy") as running:
        folder = running.kubeconfig.parent
        assert running.scenario == "healthy"
        assert running.context == "sandbox"
        assert running.namespace == "wealist-prod"
        assert folder.parent == home
        assert running.kubeconfig.stat().st_mode & 0o077 == 0
        assert all("127.0.0.1" in address for address in running.addresses.values())
        assert running.portal_token not in repr(running)
        assert running.argocd_token not in repr(running)
        assert cleanup.running(folder)
    await _gone(home, folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
async def test_a_signal_ends_all_of_it(home: Path, number: signal.Signals) -> None:
    async with _child() as (child, folder):
        child.send_signal(number)
        code = await asyncio.wait_for(child.wait(), _GONE_S)
        assert code == (-number if number == signal.SIGKILL else 0)
        await _gone(home, folder)


async def test_the_end_of_standard_input_ends_it_quietly(home: Path) -> None:
    async with _child() as (child, folder):
        assert child.stdin
        child.stdin.close()
        out, err = await asyncio.wait_for(child.communicate(), _GONE_S)
        assert (child.returncode, out, err) == (0, b"", b"")
        await _gone(home, folder)


async def test_a_killed_parent_takes_it_along(home: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PARENT), stdout=PIPE, stderr=PIPE
    )
    assert parent.stdout
    line = await asyncio.wait_for(parent.stdout.readline(), _READY_S)
    folder = Path(line.decode().strip()).parent
    assert cleanup.running(folder)
    parent.kill()
    await asyncio.wait_for(parent.communicate(), _GONE_S)
    await _gone(home, folder)


async def test_told_to_stop_while_it_starts_it_leaves_nothing(home: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "healthy"), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    await until(lambda: _entries(home, "*/postgres"), _READY_S)
    child.send_signal(signal.SIGTERM)
    out, err = await asyncio.wait_for(child.communicate(), _GONE_S)
    assert (child.returncode, out, err) == (0, b"", b"")
    await _gone(home)


async def test_a_sandbox_that_is_too_slow_is_given_up_and_removed(home: Path) -> None:
    with pytest.raises(SandboxError, match=r"not ready within 0\.05 s"):
        async with launch("healthy", timeout_s=0.05):
            pass
    assert not _entries(home)


async def test_an_unknown_scenario_is_one_sentence() -> None:
    with pytest.raises(SandboxError, match=r"^there is no scenario 'helthy': did you mean healthy"):
        async with launch("helthy"):
            pass


@pytest.mark.parametrize("line", [b"hello\n", b"{}\n", b"[1]\n", b"\xff\n"])
def test_a_line_that_is_none_is_told(line: bytes) -> None:
    with pytest.raises(SandboxError, match="did not say where it is"):
        parse(line)


async def test_the_package_is_the_one_beside_us_whatever_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "__init__.py").write_text("raise SystemExit('another sandbox')")
    monkeypatch.chdir(tmp_path)
    assert os.getcwd() == str(tmp_path)
    with pytest.raises(SandboxError, match="there is no scenario"):
        async with launch("nothing-like-it"):
            pass

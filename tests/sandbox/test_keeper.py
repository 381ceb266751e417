"""However the sandbox ends, nothing of it is left: no process, no folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox import cleanup
from sandbox.keeper import Keeper, KeeperError
from sandbox.processes import Setting, spawn
from tests.waiting import until

PARENT = """
import asyncio, json, sys
from pathlib import Path
from sandbox.keeper import Keeper
from sandbox.postgres import start_postgres
from sandbox.prometheus import start_prometheus

async def main(folder):
    keeper = await Keeper.start(folder)
    print(json.dumps("keeping"), flush=True)
    await start_prometheus(folder, keeper)
    await start_postgres(folder, keeper, password="secret")
    print(json.dumps("ready"), flush=True)
    try:
        await asyncio.sleep(600)
    finally:
        await keeper.close()

asyncio.run(main(Path(sys.argv[1])))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as parent:
        # The database's account must pass through.
        Path(parent).chmod(0o711)
        yield Path(parent) / "sandbox"


@pytest.fixture
async def keeper(folder: Path) -> AsyncIterator[Keeper]:
    keeper = await Keeper.start(folder)
    yield keeper
    await keeper.close()


@contextmanager
def parent(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that starts the servers; in a session of its own, like a terminal's job."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def says(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert json.loads(process.stdout.readline()) == word


def nothing_left(folder: Path) -> bool:
    """No folder, and no process that was told of it, the keeper's child included."""
    if folder.exists():
        return False
    return not any(str(folder).encode() in told for told in command_lines())


def command_lines() -> Iterator[bytes]:
    for entry in Path("/proc").glob("[0-9]*"):
        told = b""
        with contextlib.suppress(OSError):  # gone since it was listed, or not ours
            told += (entry / "cmdline").read_bytes()
            # Prometheus is told relative paths: its working folder says whose it is.
            told += os.fsencode((entry / "cwd").readlink())
        yield told


@pytest.mark.slow
@pytest.mark.needs_postgres
@pytest.mark.needs_prometheus
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_a_parent_that_dies_leaves_nothing(folder: Path, number: signal.Signals) -> None:
    with parent(folder) as process:
        says(process, "keeping")
        says(process, "ready")
        servers = cleanup.running(folder)
        assert len(servers) >= 2
        # As a terminal's Ctrl-C does: the whole process group.
        os.killpg(process.pid, number)
        await until(lambda: nothing_left(folder))
        assert not any(server.alive() for server in servers)


@pytest.mark.slow
@pytest.mark.needs_postgres
@pytest.mark.needs_prometheus
@pytest.mark.parametrize("delay_s", [0.0, 0.2, 0.4, 0.6, 0.9])
async def test_a_parent_killed_while_it_starts_leaves_nothing(folder: Path, delay_s: float) -> None:
    with parent(folder) as process:
        says(process, "keeping")
        # The moment is the test's parameter; whatever has been started by then must go.
        await asyncio.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        await until(lambda: nothing_left(folder))


async def sleeper(keeper: Keeper) -> asyncio.subprocess.Process:
    setting = Setting(keeper.folder, keeper.folder, keeper.folder / "log")
    return await spawn(["sleep", "300"], setting)


async def test_closing_ends_what_was_adopted_and_removes_the_folder(keeper: Keeper) -> None:
    assert keeper.folder.stat().st_mode & 0o777 == 0o700
    process = await sleeper(keeper)
    keeper.adopt(process)
    await keeper.close()
    assert process.returncode is not None
    assert not keeper.folder.exists()


async def test_what_was_never_adopted_is_found_by_its_mark(keeper: Keeper) -> None:
    process = await sleeper(keeper)
    await keeper.close()
    assert await asyncio.wait_for(process.wait(), 5) != 0
    assert nothing_left(keeper.folder)


async def test_a_stopped_process_is_ended_too(keeper: Keeper) -> None:
    process = await sleeper(keeper)
    keeper.adopt(process)
    process.send_signal(signal.SIGSTOP)
    await keeper.close()
    assert process.returncode is not None


async def test_without_its_child_closing_cleans_up_itself(keeper: Keeper) -> None:
    process = await sleeper(keeper)
    keeper.adopt(process)
    keeper._child.kill()
    await keeper.close()
    assert process.returncode is not None
    assert not keeper.folder.exists()


async def test_a_reused_pid_is_not_hit(keeper: Keeper) -> None:
    stranger = await asyncio.create_subprocess_exec("sleep", "300")
    try:
        record = keeper.folder / cleanup.RECORD
        record.write_text(f"{stranger.pid} 1\n")
        await keeper.close()
        assert cleanup.Process.of(stranger.pid).alive()
    finally:
        stranger.kill()
        await stranger.wait()


def filled(folder: Path) -> Path:
    folder.mkdir()
    precious = folder / "thesis.txt"
    precious.write_text("mine")
    return precious


async def test_a_folder_with_something_in_it_is_refused_and_kept(folder: Path) -> None:
    precious = filled(folder)
    with pytest.raises(KeeperError, match="not empty"):
        await Keeper.start(folder)
    assert precious.read_text() == "mine"


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeeperError, match="Not a directory"):
        await Keeper.start(tmp_path / "file" / "sandbox")


async def test_closing_twice_is_fine(keeper: Keeper) -> None:
    await keeper.close()
    await keeper.close()


async def test_a_program_gets_none_of_our_environment(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    setting = Setting(keeper.folder, keeper.folder, keeper.folder / "log")
    process = await spawn(["env"], setting)
    await process.wait()
    assert "hunter2" not in setting.log.read_text()
    assert f"{cleanup.MARK}={keeper.folder}" in setting.log.read_text()

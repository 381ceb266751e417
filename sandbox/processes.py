"""Processes: starts programs that leave no trace: marked, detached, never holding our pipes."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.cleanup import MARK
from sandbox.errors import SandboxError

_UNPRIVILEGED = ("postgres", "nobody")
_PATH = "/usr/local/bin:/usr/bin:/bin"


class StartError(SandboxError):
    """A program could not be started; the message ends with the last lines it wrote."""


@dataclass(frozen=True)
class Account:
    """A system account that a program runs as."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The account to use in root's place; None when we are not root.

    Raises StartError when we are root and the system has none of the usual accounts.
    """
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in _UNPRIVILEGED:
        if name in known:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise StartError(f"no account to run as in root's place: looked for {_UNPRIVILEGED}")


@dataclass(frozen=True)
class Setting:
    """Where and as whom a program runs: the keeper's folder, working folder, log, account."""

    folder: Path
    cwd: Path
    log: Path
    account: Account | None = None


async def spawn(argv: Sequence[str | Path], setting: Setting) -> Process:
    """Starts a program in a session of its own, its output in the log; none of our environment."""
    account = setting.account
    with setting.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *map(str, argv),
            stdin=DEVNULL,
            stdout=log,
            stderr=log,
            cwd=setting.cwd,
            env={
                "PATH": _PATH,
                "HOME": str(setting.cwd),
                "LC_ALL": "C",
                "TZ": "UTC",
                MARK: str(setting.folder),
            },
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


async def run(argv: Sequence[str | Path], setting: Setting, *, timeout_s: float) -> None:
    """Runs a program to its end. Raises StartError when it fails or takes too long."""
    process = await spawn(argv, setting)
    try:
        code = await asyncio.wait_for(process.wait(), timeout_s)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise failed(argv[0], f"took longer than {timeout_s:g} s", setting.log) from None
    if code != 0:
        raise failed(argv[0], f"ended with code {code}", setting.log)


def failed(program: str | Path, what: str, log: Path, *, lines: int = 10) -> StartError:
    """The error that tells what a program did and the end of its log."""
    written = log.read_text(errors="replace").splitlines() if log.exists() else []
    return StartError("\n".join([f"{Path(program).name} {what}", *written[-lines:]]))


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago: starting on it may still fail."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""Launch: starts the sandbox as a child process and hands out how to reach it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.errors import SandboxError

__all__ = ["Running", "SandboxError", "launch"]

_END_S = 12.0
_TERMINATE_S = 3.0
_STDERR_LINES = 8


@dataclass(frozen=True)
class Running:
    """A sandbox that runs: the kubeconfig to use, and addresses that answer on loopback."""

    scenario: str
    kubeconfig: Path
    context: str
    namespace: str
    addresses: Mapping[str, str]
    """By part: `kubernetes`, `portal`, `prometheus`, `argocd`, `postgres`, `auth`."""

    portal_token: str = field(repr=False)
    """Access token of a portal user, an administrator."""

    argocd_token: str = field(repr=False)
    """Session of Argo CD's administrator, as `argocd login` gets one."""


@asynccontextmanager
async def launch(
    scenario: str = "incident-v11", *, timeout_s: float = 30
) -> AsyncIterator[Running]:
    """Runs a scenario in a child process for the time of the block.

    Raises SandboxError with one sentence when it does not come up within `timeout_s` seconds.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "sandbox", scenario),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=_environment(),
        # A session of its own: Ctrl-C in the terminal is ours to handle. The pipe ends it.
        start_new_session=True,
    )
    said: deque[str] = deque(maxlen=_STDERR_LINES)
    listening = asyncio.create_task(_listen(child, said))
    try:
        yield await _ready(child, listening, said, timeout_s)
    finally:
        await _end(child)
        await asyncio.wait({listening}, timeout=_TERMINATE_S)
        listening.cancel()


def _environment() -> dict[str, str]:
    """Ours, with this very package on the path, installed or not."""
    home = str(Path(__file__).resolve().parent.parent)
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{home}{os.pathsep}{path}" if path else home}


async def _listen(child: Process, said: deque[str]) -> None:
    """Keeps the last lines of standard error, so that the child never waits for us."""
    if child.stderr is None:
        return
    while chunk := await child.stderr.read(8192):
        said.extend(chunk.decode(errors="replace").splitlines())


async def _ready(
    child: Process, listening: asyncio.Task[None], said: deque[str], timeout_s: float
) -> Running:
    if child.stdout is None:
        raise SandboxError("the sandbox has no standard output")
    try:
        line = await asyncio.wait_for(child.stdout.readline(), timeout_s)
    except TimeoutError:
        told = f": {said[-1]}" if said else ""
        raise SandboxError(f"the sandbox was not ready within {timeout_s:g} s{told}") from None
    if not line:
        await asyncio.wait({listening}, timeout=_TERMINATE_S)
        last = [text for text in said if text.strip()]
        raise SandboxError(_sentence(last))
    return parse(line)


def _sentence(said: list[str]) -> str:
    return said[-1].removeprefix("sandbox: ") if said else "the sandbox ended before it was ready"


def parse(line: bytes) -> Running:
    """The ready line. Raises SandboxError when it is none."""
    try:
        told = json.loads(line)
        return Running(
            scenario=told["scenario"],
            kubeconfig=Path(told["kubeconfig"]),
            context=told["context"],
            namespace=told["namespace"],
            addresses=told["addresses"],
            portal_token=told["portal_token"],
            argocd_token=told["argocd_token"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise SandboxError(f"the sandbox did not say where it is: {error!r}") from error


async def _end(child: Process) -> None:
    """Closes the pipe, which ends the child; insists when it does not."""
    if child.stdin is not None:
        child.stdin.close()
    for limit, insist in ((_END_S, child.terminate), (_TERMINATE_S, child.kill)):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), limit)
            return
        with contextlib.suppress(ProcessLookupError):
            insist()
    await child.wait()

"""git on a local clone: bounded in time, asking nobody, and never over the network.

What writes needs the permit, as everything of the program does that changes something.
"""

from __future__ import annotations

import asyncio
import os
import re
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from urllib.parse import urlsplit

from probes.model import Failure, FailureKind, ProbeError
from probes.reach.guard import require_permit
from probes.text import safe_text

LIMIT_S = 20.0

_READS = frozenset(
    {
        "cat-file",
        "check-ref-format",
        "config",
        "grep",
        "log",
        "ls-tree",
        "rev-parse",
        "status",
        "var",
    }
)
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "protocol.allow=never",
    "log.showSignature=false",
)
"""No hooks, no helpers, and no way to a remote, whatever the clone's own configuration says."""

_KEPT = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")
_SCP = re.compile(r"(?:[^@/]+@)?([^:/]+):(?!//)(.+)")


async def git(clone: str, *arguments: str, stdin: str = "", index: str = "") -> str:
    """What git says. Raises ProbeError with git's own words, also where there is no git."""
    if arguments[0] not in _READS:
        require_permit(f"git {arguments[0]}")
    settings = (word for one in _SETTINGS for word in ("-c", one))
    command = ("git", "--no-pager", *settings, "-C", clone, *arguments)
    environment = _environment() | ({"GIT_INDEX_FILE": index} if index else {})
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
        )
    except OSError as error:
        raise _failed(FailureKind.UNAVAILABLE, arguments, f"git cannot be run: {error}") from error
    said, told = await _ended(process, stdin.encode(), arguments)
    if process.returncode:
        last = told.decode("utf-8", "replace").strip().splitlines()
        why = safe_text(last[-1] if last else f"it ended with {process.returncode}")
        raise _failed(FailureKind.MALFORMED, arguments, why)
    try:
        return said.decode()
    except UnicodeDecodeError as error:
        raise _failed(FailureKind.MALFORMED, arguments, "it is no UTF-8") from error


async def asked(clone: str, *arguments: str) -> str:
    """As `git`, for a question whose answer may be that there is no such thing: empty then."""
    try:
        return (await git(clone, *arguments)).strip()
    except ProbeError as error:
        if error.failure.kind is FailureKind.MALFORMED:
            return ""
        raise


async def _ended(process: Process, stdin: bytes, arguments: tuple[str, ...]) -> tuple[bytes, bytes]:
    try:
        async with asyncio.timeout(LIMIT_S):
            return await process.communicate(stdin)
    except TimeoutError:
        raise _failed(
            FailureKind.TIMEOUT, arguments, f"it did not end within {LIMIT_S:g} s"
        ) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _environment() -> dict[str, str]:
    """Ours, without what would lead git elsewhere or have it ask somebody."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
    return kept | quiet | {"LC_ALL": "C"}


def _failed(kind: FailureKind, arguments: tuple[str, ...], why: str) -> ProbeError:
    asked = f"git {arguments[0]}"
    return ProbeError(Failure(kind, f"{asked}: {why}", asked=asked))


def same_repository(one: str, other: str) -> bool:
    """Whether two addresses lead to the same repository, over whatever protocol."""
    return _place(one) == _place(other)


def _place(url: str) -> str:
    """Host and path, as Argo CD compares them: without user, port, case, and `.git`."""
    address = url.strip()
    scp = None if "://" in address else _SCP.fullmatch(address)
    host, path = scp.groups() if scp else _split(address)
    return f"{host}/{path.strip('/').removesuffix('.git')}".lower()


def _split(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", address
    return parts.hostname or "", parts.path

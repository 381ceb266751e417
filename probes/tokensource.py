"""A person's token, for the portal or for Argo CD: one that was given, or from a command."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from probes.model import Failure, FailureKind, ProbeError
from probes.profile import Profile
from probes.token import expires_at, fits_header

PORTAL_VARIABLE = "OPSPORTAL_TOKEN"
ARGOCD_VARIABLE = "ARGOCD_AUTH_TOKEN"
"""What Argo CD's own command line reads."""

_MOST_BYTES = 64_000
_SPARE = timedelta(seconds=60)
_ASSUMED_LIFE = timedelta(minutes=5)
"""How long a token is kept that does not say when it ends."""


class TokenSource:
    """Gives the token, and remembers a command's until shortly before it ends.

    The command may ask an identity provider each time: it is not run on every sweep. `variable`
    names where the given one came from.
    """

    def __init__(
        self, command: tuple[str, ...] | None, given: SecretStr | None, variable: str
    ) -> None:
        self._given = given if given and given.get_secret_value().strip() else None
        self._command = command
        self._variable = variable
        self._kept: SecretStr | None = None
        self._keep_until = datetime.min.replace(tzinfo=UTC)

    @classmethod
    def portal(cls, profile: Profile, given: SecretStr | None = None) -> TokenSource:
        """The access token of a user of the portal."""
        return cls(profile.token_command, given, PORTAL_VARIABLE)

    @classmethod
    def argocd(cls, profile: Profile, given: SecretStr | None = None) -> TokenSource:
        """The token of a person who may mint tokens at Argo CD."""
        return cls(profile.argocd_token_command, given, ARGOCD_VARIABLE)

    async def token(self, timeout_s: float) -> SecretStr | None:
        """The token, or None where none is configured. Raises ProbeError."""
        if self._given:
            return _usable(self._given.get_secret_value(), self._variable)
        if not self._command:
            return None
        if self._kept is None or datetime.now(UTC) >= self._keep_until:
            self._keep(_usable(await _output(self._command, timeout_s), self._command[0]))
        return self._kept

    def forget(self) -> None:
        """Drop what is remembered: the server did not accept it."""
        self._kept = None

    def _keep(self, token: SecretStr) -> None:
        ends = expires_at(token)
        self._kept = token
        self._keep_until = ends - _SPARE if ends else datetime.now(UTC) + _ASSUMED_LIFE


def _usable(text: str, source: str) -> SecretStr:
    token = SecretStr(text.strip())
    if not fits_header(token):
        what = "is empty" if not text.strip() else "has blanks or line breaks inside"
        raise _failed(FailureKind.MALFORMED, f"the token of {source} {what}", source)
    return token


async def _output(command: tuple[str, ...], timeout_s: float) -> str:
    """What the command prints. Its error output may hold a secret, so that it is never shown."""
    name = command[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be started"
        raise _failed(FailureKind.NOT_FOUND, f"{name}: {reason}", name) from error
    try:
        async with asyncio.timeout(timeout_s):
            printed, status = await _finished(process)
    except TimeoutError as error:
        await _end(process)
        sentence = f"{name} printed no token within {timeout_s:.1f} s"
        raise _failed(FailureKind.TIMEOUT, sentence, name) from error
    except asyncio.CancelledError:
        await _end(process)
        raise
    if status:
        raise _failed(FailureKind.UNAUTHORIZED, f"{name} ended with status {status}", name)
    return printed.decode(errors="replace")


async def _finished(process: asyncio.subprocess.Process) -> tuple[bytes, int]:
    if process.stdout is None:
        return b"", await process.wait()
    printed = await process.stdout.read(_MOST_BYTES)
    while more := await process.stdout.read(_MOST_BYTES):
        printed = (printed + more)[:_MOST_BYTES]
    return printed, await process.wait()


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the command and its children, which may outlive it with our pipe in their hands."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _failed(kind: FailureKind, sentence: str, asked: str) -> ProbeError:
    return ProbeError(Failure(kind, sentence, asked=asked))

"""Credentials of one cluster: loaded in a process of its own, kept in memory only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from probes.model import Failure, FailureKind, ProbeError
from probes.profile import Profile
from probes.text import safe_text

_PROGRAM = Path(__file__).parent.parent / "kubeconfig.py"
_LIMIT_S = 15.0
_END_S = 2.0
_EARLY_S = 30.0
"""Credentials are renewed this long before they expire."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to talk to one API server. `server` has no trailing slash; PEM texts may be empty."""

    context: str
    namespace: str
    server: str
    authorization: SecretStr
    ca: str
    certificate: str
    key: SecretStr
    verify: bool
    tls_server_name: str
    proxy: SecretStr
    expires_at: float | None = field(default=None)

    @property
    def stale(self) -> bool:
        """Whether they have expired, or are about to."""
        return self.expires_at is not None and time.time() > self.expires_at - _EARLY_S


async def load(profile: Profile, *, limit_s: float = _LIMIT_S) -> Credentials:
    """Load what kubectl would use. Raises ProbeError with a sentence that says what to do."""
    scratch = tempfile.mkdtemp(prefix="opsportal-tui-")
    try:
        code, answer, complaint = await _run(_command(profile, scratch), limit_s)
    except TimeoutError:
        raise _refused(
            f"the credentials of {_context(profile)} took more than {limit_s:g} s to load: "
            "run its credential command by hand, it may be waiting for a login"
        ) from None
    except OSError as error:
        raise _refused(f"no process could be started: {error.strerror}") from error
    finally:
        # The library writes certificates and keys it decodes to files: they end here.
        shutil.rmtree(scratch, ignore_errors=True)
    return _read(answer, code, complaint, profile)


def _command(profile: Profile, scratch: str) -> list[str]:
    # By path and with -P: what lies in the working directory must not be imported.
    command = [sys.executable, "-P", str(_PROGRAM), "--scratch", scratch]
    if profile.kubeconfig:
        command += ["--kubeconfig", str(profile.kubeconfig)]
    if profile.context:
        command += ["--context", profile.context]
    return command


async def _run(command: list[str], limit_s: float) -> tuple[int, bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # no terminal to ask on, and one group to end
    )
    finished = False
    try:
        async with asyncio.timeout(limit_s):
            answer, complaint = await process.communicate()
        finished = True
        return process.returncode or 0, answer, complaint
    finally:
        if not finished:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the whole group: a plugin that hangs is a process of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_END_S):
            await process.wait()


def _read(answer: bytes, code: int, complaint: bytes, profile: Profile) -> Credentials:
    try:
        found: dict[str, Any] = json.loads(answer)
    except ValueError:
        raise _refused(_crashed(code, complaint, profile)) from None
    if "error" in found:
        raise _refused(safe_text(str(found["error"])))
    return Credentials(
        context=safe_text(found["context"]),
        namespace=found["namespace"],
        server=found["server"],
        authorization=SecretStr(found["authorization"]),
        ca=found["ca"],
        certificate=found["certificate"],
        key=SecretStr(found["key"]),
        verify=found["verify"],
        tls_server_name=found["tls_server_name"],
        proxy=SecretStr(found["proxy"]),
        expires_at=found["expires_at"],
    )


def _crashed(code: int, complaint: bytes, profile: Profile) -> str:
    """Of an unforeseen end only the kind of error is told: its words may quote a secret."""
    last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
    name = last.partition(":")[0].rpartition(".")[2]
    why = name if name.isidentifier() else f"exit {code}"
    return (
        f"the credentials of {_context(profile)} could not be loaded ({safe_text(why, 60)}): "
        "try `kubectl get pods` with the same context"
    )


def _context(profile: Profile) -> str:
    return f"context {profile.context}" if profile.context else "the current context"


def _refused(sentence: str) -> ProbeError:
    return ProbeError(Failure(FailureKind.UNAVAILABLE, sentence, asked="load the kubeconfig"))


def tls_context(credentials: Credentials) -> ssl.SSLContext:
    """TLS as the kubeconfig wants it. Raises ProbeError where its certificates are not usable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if not credentials.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif credentials.ca:
            context.load_verify_locations(cadata=credentials.ca)
        else:
            context.load_default_certs()
        if credentials.certificate:
            pem = f"{credentials.certificate}\n{credentials.key.get_secret_value()}\n"
            with _private_file(pem) as path:
                # Without `password` OpenSSL would ask for one on the terminal.
                context.load_cert_chain(path, password="")
    except (ssl.SSLError, ValueError, OSError) as error:
        raise _refused(
            f"the certificates of context {credentials.context} are not usable "
            f"({safe_text(getattr(error, 'reason', None) or type(error).__name__, 80)}): "
            "renew them in the kubeconfig"
        ) from error
    return context


@contextlib.contextmanager
def _private_file(content: str) -> Iterator[str]:
    """A path that OpenSSL can read once: in memory where the system can, else 0600 and removed."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("client-certificate")
        path = f"/proc/self/fd/{descriptor}"
    else:
        descriptor, path = tempfile.mkstemp(prefix="opsportal-tui-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            yield path
    finally:
        if not path.startswith("/proc/"):
            os.unlink(path)

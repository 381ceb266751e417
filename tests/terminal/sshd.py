"""A real OpenSSH server on loopback, with keys of its own, for the account that runs the tests."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import free_port

_HOST = "127.0.0.1"
_LIMIT_S = 10.0
_POLL_S = 0.05
_SEPARATION = Path("/run/sshd")
"""Where Debian's sshd, when it runs as root, puts its unprivileged half."""

_CONFIG = """\
ListenAddress {host}:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
UseDNS no
AuthenticationMethods publickey
PermitRootLogin prohibit-password
AcceptEnv none
SetEnv {environ}
"""


def sshd_binary() -> str | None:
    """The path of sshd, which is often not on a person's PATH; it must be started by its path."""
    return shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@dataclass(frozen=True)
class SshServer:
    """A server that lets the holder of `user_key` in."""

    folder: Path
    port: int
    pid: int

    def client(self, command: str) -> str:
        """The command line that runs the command over there, on a terminal of its own."""
        words = (
            *("ssh", "-tt", "-o", "LogLevel=ERROR", "-F", os.devnull, "-p", str(self.port)),
            *("-i", str(self.folder / "user_key"), "-o", "IdentitiesOnly=yes"),
            *("-o", "IdentityAgent=none", "-o", "StrictHostKeyChecking=yes"),
            *("-o", f"UserKnownHostsFile={self.folder}/known_hosts", "-o", "ConnectTimeout=10"),
            *(f"{getpass.getuser()}@{_HOST}", command),
        )
        return shlex.join(words)

    def connections(self) -> list[int]:
        """The processes of sshd that carry connections, by pid."""
        return [pid for pid in _descendants(self.pid) if _name(pid).startswith("sshd")]


@contextmanager
def open_sshd(folder: Path, environ: Mapping[str, str]) -> Iterator[SshServer]:
    """A server for the time of the block; sessions have `environ` added to their environment.

    Fails the test with sshd's own words where it does not answer.
    """
    port = free_port()
    _prepare(folder, port, environ)
    with _separation(), (folder / "sshd.log").open("wb") as log:
        daemon = subprocess.Popen(
            [sshd_binary() or "sshd", "-D", "-e", "-f", folder / "sshd_config"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(environ),
        )
        server = SshServer(folder, port, daemon.pid)
        try:
            _until_answered(daemon, server)
            yield server
        finally:
            for pid in server.connections():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            daemon.kill()
            daemon.wait(_LIMIT_S)


def _prepare(folder: Path, port: int, environ: Mapping[str, str]) -> None:
    for name in ("host_key", "user_key"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder / name],
            check=True,
            timeout=_LIMIT_S,
        )
    key = (folder / "host_key.pub").read_text()
    (folder / "known_hosts").write_text(f"[{_HOST}]:{port} {key}")
    told = " ".join(f'"{name}={text}"' for name, text in environ.items())
    text = _CONFIG.format(host=_HOST, port=port, folder=folder, environ=told)
    (folder / "sshd_config").write_text(text)


@contextmanager
def _separation() -> Iterator[None]:
    """The folder that sshd wants when root runs it; gone again if it was not there."""
    ours = os.geteuid() == 0 and not _SEPARATION.exists()
    if ours:
        _SEPARATION.mkdir(mode=0o755)
    try:
        yield
    finally:
        if ours:
            _SEPARATION.rmdir()


def _until_answered(daemon: subprocess.Popen[bytes], server: SshServer) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not _answers(server.port):
        said = (server.folder / "sshd.log").read_text()
        assert daemon.poll() is None, f"sshd ended: {said}"
        assert time.monotonic() < deadline, f"sshd does not answer: {said}"
        time.sleep(_POLL_S)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((_HOST, port), _LIMIT_S) as connection:
        return connection.recv(4) == b"SSH-"
    return False


def _descendants(pid: int) -> list[int]:
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [one for child in map(int, children) for one in (child, *_descendants(child))]
    return []


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text()
    return ""

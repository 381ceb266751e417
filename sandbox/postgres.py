"""PostgreSQL: a real server that plays the database service: TCP on 127.0.0.1, SCRAM passwords."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from sandbox.cleanup import Process
from sandbox.keeper import Keeper
from sandbox.kubernetes.tls import Authority, Tls
from sandbox.pgbinaries import find_postgres, reachable_binaries
from sandbox.processes import (
    Account,
    Setting,
    StartError,
    free_port,
    run,
    unprivileged_account,
)

__all__ = ["Postgres", "find_postgres", "start_postgres"]

ADMIN = "wealist_admin"
DATABASE = "ops_db"

_INITDB_S = 60.0
_START_S = 30
_CONNECT_S = 10.0
_STOP_S = 5.0
_PORT_ATTEMPTS = 5

# Data that lives for minutes needs no durability; a quiet server needs few wake-ups.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",
    "max_connections": "60",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres:
    """A running server. `tls_ca` is the PEM of its certificate's authority, with TLS only."""

    host: str = "127.0.0.1"
    user: str = ADMIN

    def __init__(self, port: int, process: Process, password: str, tls_ca: str | None) -> None:
        self.port = port
        self.tls_ca = tls_ca
        self._process = process
        self._password = password

    def dsn(self, database: str = DATABASE) -> dict[str, Any]:
        """Keyword arguments for `asyncpg.connect`, the password included."""
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self._password,
            "database": database,
            "ssl": ssl.create_default_context(cadata=self.tls_ca) if self.tls_ca else False,
        }

    async def execute(self, sql: str, *, database: str = DATABASE) -> None:
        """Runs one or more statements as the administrator, on a connection of its own."""
        connection = await asyncpg.connect(**self.dsn(database), timeout=_CONNECT_S)
        try:
            await connection.execute(sql, timeout=_CONNECT_S)
        finally:
            await connection.close(timeout=_CONNECT_S)

    async def stop(self) -> None:
        """Stops the server at once, connections included: its port refuses from then on."""
        await asyncio.to_thread(self._process.end, _STOP_S)


@dataclass(frozen=True)
class _Cluster:
    """What initdb made and what pg_ctl starts."""

    binaries: Path
    home: Path
    setting: Setting

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def server_log(self) -> Path:
        return self.home / "server.log"


async def start_postgres(
    folder: Path,
    keeper: Keeper,
    *,
    password: str,
    tls: bool = False,
    binaries: Path | None = None,
) -> Postgres:
    """Starts a server with the role `wealist_admin` and the database `ops_db`.

    As root it runs as an unprivileged account, and `folder` becomes passable (0711) for it. With
    `tls` the server takes TLS connections only, as the managed database does. `binaries` defaults
    to what `find_postgres` finds. Raises StartError when there is none or it does not start.
    """
    binaries = binaries or find_postgres()
    if binaries is None:
        raise StartError("no PostgreSQL: install Debian's postgresql or the sandbox extra")
    account = unprivileged_account()
    cluster = _prepare(folder, binaries, account)
    await _initdb(cluster, password)
    certificate = _certificate(cluster) if tls else None
    _configure(cluster, certificate)
    port = await _start(cluster)
    process = Process.of(_postmaster(cluster))
    keeper.adopt(process.pid)
    postgres = Postgres(port, process, password, certificate.ca_pem if certificate else None)
    await postgres.execute(f'CREATE DATABASE "{DATABASE}"', database="postgres")
    return postgres


def _prepare(folder: Path, binaries: Path, account: Account | None) -> _Cluster:
    """Makes the server's home, and binaries that its account can execute."""
    home = folder / "postgres"
    home.mkdir(mode=0o700)
    if account is not None:
        folder.chmod(0o711)
        _require_passable(folder, account)
        _give([home], account)
        binaries = reachable_binaries(binaries, home)
    return _Cluster(binaries, home, Setting(folder, home, home / "start.log", account))


def _require_passable(folder: Path, account: Account) -> None:
    for parent in folder.parents:
        if not parent.stat().st_mode & 0o001:
            raise StartError(
                f"account {account.name} cannot pass {parent}: set TMPDIR to a folder it can, /tmp"
            )


def _give(paths: Sequence[Path], account: Account | None) -> None:
    if account is not None:
        for path in paths:
            os.chown(path, account.uid, account.gid)


async def _initdb(cluster: _Cluster, password: str) -> None:
    secret = cluster.home / "password"
    descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{password}\n")
    try:
        _give([secret], cluster.setting.account)
        await run(
            [
                cluster.binaries / "initdb",
                *("--pgdata", cluster.data),
                *("--username", ADMIN, "--pwfile", secret),
                *("--auth-local", "reject", "--auth-host", "scram-sha-256"),
                *("--encoding", "UTF8", "--locale", "C"),
                *("--no-sync", "--no-instructions"),
            ],
            cluster.setting,
            timeout_s=_INITDB_S,
        )
    finally:
        secret.unlink(missing_ok=True)


def _certificate(cluster: _Cluster) -> Tls:
    tls = Authority().issue(cluster.home, label="postgres")
    _give([tls.certificate, tls.key], cluster.setting.account)
    return tls


def _configure(cluster: _Cluster, tls: Tls | None) -> None:
    settings = dict(_SETTINGS)
    if tls is not None:
        settings |= {
            "ssl": "on",
            "ssl_cert_file": str(tls.certificate),
            "ssl_key_file": str(tls.key),
        }
        (cluster.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
    lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
    with (cluster.data / "postgresql.conf").open("a") as file:
        file.writelines(lines)


async def _start(cluster: _Cluster) -> int:
    """Starts the server on a free port and returns it; another program may take a port first."""
    for _attempt in range(_PORT_ATTEMPTS):
        port = free_port()
        try:
            await run(
                [
                    cluster.binaries / "pg_ctl",
                    *("start", "--silent", "--wait", "--timeout", str(_START_S)),
                    *("--pgdata", cluster.data, "--log", cluster.server_log),
                    *("--options", f"-p {port}"),
                ],
                cluster.setting,
                timeout_s=_START_S + 5,
            )
        except StartError as error:
            said = cluster.server_log.read_text() if cluster.server_log.exists() else ""
            if "could not bind" not in said:
                raise StartError(f"{error}\n{said[-2000:]}") from None
            cluster.server_log.unlink()
            continue
        return port
    raise StartError(f"PostgreSQL found its port taken {_PORT_ATTEMPTS} times")


def _postmaster(cluster: _Cluster) -> int:
    """The server's pid: the first line of postmaster.pid."""
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])

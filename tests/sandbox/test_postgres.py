"""The sandbox's PostgreSQL: a real server, over TCP, with a password, never as root."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from sandbox import postgres as module
from sandbox.keeper import Keeper
from sandbox.pgbinaries import find_postgres, reachable_binaries, wheel_binaries
from sandbox.postgres import Postgres, start_postgres
from sandbox.processes import StartError, free_port

PASSWORD = "correct horse battery staple"
DEBIAN = pytest.param("debian", marks=pytest.mark.needs_postgres)


@contextmanager
def passable() -> Iterator[Path]:
    """A folder to be, that the server's account can pass to."""
    with tempfile.TemporaryDirectory() as parent:
        Path(parent).chmod(0o711)
        yield Path(parent) / "sandbox"


@pytest.fixture
def folder() -> Iterator[Path]:
    with passable() as made:
        yield made


@asynccontextmanager
async def running(folder: Path, **options: Any) -> AsyncIterator[Postgres]:
    keeper = await Keeper.start(folder)
    try:
        yield await start_postgres(folder, keeper, password=PASSWORD, **options)
    finally:
        await keeper.close()


async def value(postgres: Postgres, sql: str) -> Any:
    connection = await asyncpg.connect(**postgres.dsn())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def written_anywhere(folder: Path) -> bytes:
    """Every file of the folder and every command line of the system."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        found.append(line)
    return b"\n".join(map(content, found))


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""  # gone since it was listed


def uid_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="class")
class TestEitherServer:
    """One server of each kind for these tests; the last of them stops it."""

    @pytest_asyncio.fixture(scope="class", loop_scope="class", params=[DEBIAN, "wheel"])
    async def there(self, request: pytest.FixtureRequest) -> AsyncIterator[tuple[Postgres, Path]]:
        binaries = find_postgres() if request.param == "debian" else wheel_binaries()
        assert binaries is not None
        with passable() as folder:
            async with running(folder, binaries=binaries) as postgres:
                yield postgres, folder

    async def test_it_plays_the_managed_database(self, there: tuple[Postgres, Path]) -> None:
        postgres, folder = there
        assert await value(postgres, "SELECT current_database()") == "ops_db"
        assert await value(postgres, "SELECT current_user") == "wealist_admin"
        assert await value(postgres, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert await value(postgres, "SHOW server_encoding") == "UTF8"
        assert await value(postgres, "SHOW fsync") == "off"
        assert await value(postgres, "SHOW timezone") == "UTC"
        sql = "SELECT count(*) FROM pg_stat_activity WHERE client_addr = '127.0.0.1'"
        assert await value(postgres, sql) == 1

        await postgres.execute("CREATE TABLE portal_users (email text UNIQUE); SELECT 1")
        sql = "SELECT conname FROM pg_constraint WHERE conrelid = 'portal_users'::regclass"
        assert await value(postgres, sql) == "portal_users_email_key"

        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(**postgres.dsn() | {"password": "wrong"})
        with pytest.raises(asyncpg.InvalidCatalogNameError, match='"nope" does not exist'):
            await asyncpg.connect(**postgres.dsn("nope"))

        assert PASSWORD not in repr(vars(Postgres)) + repr(postgres)
        assert PASSWORD.encode() not in written_anywhere(folder)

    async def test_it_never_runs_as_root(self, there: tuple[Postgres, Path]) -> None:
        postgres, _ = there
        uid = uid_of(postgres._process.pid)
        assert uid != 0
        assert os.geteuid() in (0, uid)

    async def test_stopped_it_refuses(self, there: tuple[Postgres, Path]) -> None:
        postgres, _ = there
        connection = await asyncpg.connect(**postgres.dsn())
        await postgres.stop()
        with pytest.raises(ConnectionRefusedError):
            await asyncpg.connect(**postgres.dsn())
        connection.terminate()


@pytest.mark.slow
@pytest.mark.needs_postgres
async def test_with_tls_it_takes_tls_only(folder: Path) -> None:
    async with running(folder, tls=True) as postgres:
        assert await value(postgres, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError, match="no encryption"):
            await asyncpg.connect(**postgres.dsn() | {"ssl": False})
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncpg.connect(**postgres.dsn() | {"ssl": ssl.create_default_context()})


@pytest.mark.slow
@pytest.mark.needs_postgres
async def test_a_port_taken_meanwhile_is_given_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        free, taken = free_port(), other.getsockname()[1]
        ports = iter([taken, free])
        monkeypatch.setattr(module, "free_port", lambda: next(ports))
        async with running(folder) as postgres:
            assert postgres.port == free


@pytest.fixture
def broken_programs(folder: Path) -> Path:
    programs = folder.parent / "bin"
    programs.mkdir(mode=0o755)
    initdb = programs / "initdb"
    initdb.write_text("#!/bin/sh\necho the disk is full >&2\nexit 3\n")
    initdb.chmod(0o755)
    return programs


async def test_a_server_that_does_not_start_says_why(folder: Path, broken_programs: Path) -> None:
    with pytest.raises(StartError, match=r"initdb ended with code 3\nthe disk is full"):
        async with running(folder, binaries=broken_programs):
            pass


@pytest.fixture
def closed_programs(tmp_path: Path) -> Path:
    """The wheel's programs, in a folder that is closed to all but its owner."""
    binaries = wheel_binaries()
    assert binaries is not None
    packages = binaries.parents[2]
    for name in (binaries.parents[1].name, f"{binaries.parents[1].name}.libs"):
        shutil.copytree(packages / name, tmp_path / name)
    tmp_path.chmod(0o700)
    return tmp_path / binaries.relative_to(packages)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another account")
async def test_a_closed_parent_folder_is_named(folder: Path) -> None:
    folder.parent.chmod(0o700)
    with pytest.raises(StartError, match=f"cannot pass {folder.parent}"):
        async with running(folder):
            pass


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another account")
async def test_programs_in_a_closed_folder_are_copied(folder: Path, closed_programs: Path) -> None:
    async with running(folder, binaries=closed_programs) as postgres:
        assert await value(postgres, "SELECT 1") == 1


def test_programs_that_all_can_run_are_used_where_they_are(tmp_path: Path) -> None:
    assert reachable_binaries(Path("/usr/bin"), tmp_path) == Path("/usr/bin").resolve()
    assert list(tmp_path.iterdir()) == []

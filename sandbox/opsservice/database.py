"""The service's connections to PostgreSQL: `internal/database/database.go` with asyncpg."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import asyncpg

from sandbox.network import Address, Network
from sandbox.opsservice.dsn import Dsn, DsnError, parse_dsn
from sandbox.opsservice.exit import ContainerExit
from sandbox.opsservice.pgtext import (
    CONNECTION_LOST,
    ERRORS,
    DatabaseError,
    connect_error,
    resolve_error,
    statement_error,
)
from sandbox.opsservice.zaplog import ZapLogger, main

RETRIES = 30
RETRY_INTERVAL_S = 5.0

_CONNECT_S = 30.0
_STATEMENT_S = 30.0
_CLOSE_S = 2.0
_CONNECTIONS = 4

Answer = TypeVar("Answer")
Row = Mapping[str, Any]


class Database:
    """A pool of connections. Every failure is a DatabaseError with the Go driver's text."""

    def __init__(self, dsn: Dsn, address: Address, pool: asyncpg.Pool) -> None:
        self._dsn = dsn
        self._address = f"{address[0]}:{address[1]}"
        self._pool = pool

    @classmethod
    async def connect(cls, dsn_text: str, network: Network) -> Database:
        """Opens the pool with its first connection. Raises DatabaseError."""
        try:
            dsn = parse_dsn(dsn_text)
        except DsnError as error:
            raise DatabaseError(str(error)) from None
        address = _resolve(dsn, network)
        pool = _pool(dsn, address)
        try:
            await pool
        except ERRORS as error:
            shown = f"{address[0]}:{address[1]}"
            raise DatabaseError(connect_error(dsn, shown, error)) from None
        return cls(dsn, address, pool)

    async def fetch(self, sql: str, *args: object) -> list[Row]:
        """All rows of a query."""

        async def run(connection: asyncpg.pool.PoolConnectionProxy) -> list[Row]:
            rows: list[Row] = await connection.fetch(sql, *args, timeout=_STATEMENT_S)
            return rows

        return await self._use(run)

    async def row(self, sql: str, *args: object) -> Row | None:
        """The first row of a query, or None."""
        rows = await self.fetch(sql, *args)
        return rows[0] if rows else None

    async def execute(self, sql: str, *args: object) -> None:
        """Runs one statement, in a transaction of its own."""

        async def run(connection: asyncpg.pool.PoolConnectionProxy) -> None:
            await connection.execute(sql, *args, timeout=_STATEMENT_S)

        await self._use(run)

    async def close(self) -> None:
        """Closes all connections, in bounded time."""
        try:
            await asyncio.wait_for(self._pool.close(), _CLOSE_S)
        except ERRORS as error:
            logging.getLogger(__name__).debug("closed the pool the hard way: %r", error)
            self._pool.terminate()

    async def _use(
        self, run: Callable[[asyncpg.pool.PoolConnectionProxy], Awaitable[Answer]]
    ) -> Answer:
        """Runs on a pooled connection; one that was lost meanwhile is replaced, as in Go."""
        for last in (False, True):
            connection = await self._acquire()
            try:
                return await run(connection)
            except CONNECTION_LOST as error:
                if last:
                    raise DatabaseError(statement_error(error)) from None
            except ERRORS as error:
                raise DatabaseError(statement_error(error)) from None
            finally:
                await self._release(connection)
        raise AssertionError("unreachable")

    async def _acquire(self) -> asyncpg.pool.PoolConnectionProxy:
        try:
            return await self._pool.acquire(timeout=_CONNECT_S)
        except ERRORS as error:
            raise DatabaseError(connect_error(self._dsn, self._address, error)) from None

    async def _release(self, connection: asyncpg.pool.PoolConnectionProxy) -> None:
        try:
            await self._pool.release(connection, timeout=_CLOSE_S)
        except ERRORS as error:
            # A connection that cannot be reset is dropped by the pool: nothing is lost.
            logging.getLogger(__name__).debug("released a broken connection: %r", error)


def _resolve(dsn: Dsn, network: Network) -> Address:
    """Where the host's name leads to. Raises DatabaseError like Go's resolver and dialer."""
    address = network.address_of(dsn.host, dsn.port)
    if address is not None:
        return address
    problem = network.dial_error(dsn.host, dsn.port)
    if "lookup" in problem:
        raise DatabaseError(resolve_error(dsn, problem.removeprefix("dial tcp: ")))
    shown = problem.removeprefix("dial tcp ").partition(": ")[0]
    raise DatabaseError(connect_error(dsn, shown, ConnectionRefusedError()))


def _pool(dsn: Dsn, address: Address) -> asyncpg.Pool:
    # Tables change under the pool while the incident is mended: no cached plans.
    options: dict[str, Any] = {"statement_cache_size": 0, "timeout": _CONNECT_S}
    return asyncpg.create_pool(
        host=address[0],
        port=address[1],
        user=dsn.user,
        password=dsn.password,
        database=dsn.database,
        ssl=dsn.tls(),
        min_size=1,
        max_size=_CONNECTIONS,
        **options,
    )


async def connect_with_retry(
    dsn_text: str, network: Network, log: ZapLogger, *, interval_s: float = RETRY_INTERVAL_S
) -> Database:
    """Tries 30 times, logging each failure as plain text; then the process exits.

    Raises ContainerExit after the last attempt.
    """
    problem = ""
    for attempt in range(1, RETRIES + 1):
        try:
            return await Database.connect(dsn_text, network)
        except DatabaseError as error:
            problem = f"failed to connect to database: {error}"
        log.plain(f"Database connection attempt {attempt} failed: {problem}")
        await asyncio.sleep(interval_s)
    problem = f"failed to connect to database after {RETRIES} retries: {problem}"
    log.log("fatal", main(103), "Failed to connect to database after retries", {"error": problem})
    raise ContainerExit(1)

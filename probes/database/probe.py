"""Observing ops-service's database: its own DSN, one read-only transaction, catalog queries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from pydantic import SecretStr

from probes.budget import Budget
from probes.database.catalog import connection_seen, tables_seen
from probes.database.dial import ERRORS, Connection, dial, failure_of
from probes.model import (
    ConnectionSeen,
    DatabaseSeen,
    DsnSeen,
    EnvironmentSeen,
    Failure,
    FailureKind,
    ProbeError,
    TableSeen,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig
from probes.profile import Profile
from probes.reach import Landing, Reach
from probes.text import safe_text

_TABLES = ("portal_users", "audit_logs", "app_configs")
"""In the order in which ops-service's migration makes them."""

_UNIQUE = {
    "portal_users": (
        "email",
        "select count(*) as doubled from (select 1 from public.portal_users "
        "where email is not null group by email having count(*) > 1) as found",
    ),
    "app_configs": (
        "key",
        "select count(*) as doubled from (select 1 from public.app_configs "
        "where key is not null group by key having count(*) > 1) as found",
    ),
}
"""The column that is to be unique, and how many values occur in it more than once."""

_LOCK_MS = 500
_CLOSING_S = 0.5

Answered = TypeVar("Answered")


async def observe(
    reach: Reach, profile: Profile, config: OpsConfig, workload: WorkloadSeen, *, timeout_s: float
) -> DatabaseSeen:
    """One look at the database, within `timeout_s` seconds; the connection is closed after it.

    Raises ProbeError where the address or the password is in something that could not be read:
    nothing is asked of a database that ops-service does not use.
    """
    budget = Budget(timeout_s)
    _refuse_guesses(workload)
    dsn = config.dsn
    try:
        landing = await reach.tcp(dsn.host, dsn.port, timeout_s=budget.left())
        connection = await dial(dsn, config.db_password, landing, budget.left())
    except ProbeError as error:
        route = error.failure.route
        return DatabaseSeen(dsn=_shown(dsn), route=route, connection=error.failure)
    try:
        return await _Catalog(connection, dsn, config.db_password, landing).read(budget)
    finally:
        await _hang_up(connection)


def _shown(dsn: DsnSeen) -> DsnSeen:
    """The address as it may be shown: it was dialled as it stands, whatever is in it."""
    return replace(
        dsn,
        host=safe_text(dsn.host),
        user=safe_text(dsn.user),
        database=safe_text(dsn.database),
        sslmode=safe_text(dsn.sslmode),
    )


def _refuse_guesses(workload: WorkloadSeen) -> None:
    environment = workload.environment
    if not isinstance(environment, EnvironmentSeen) or environment.complete:
        return
    by_url = environment.get("DATABASE_URL") is not None
    for name in () if by_url else ("DB_HOST", "DB_PASSWORD"):
        if environment.get(name) is None:
            why = next((one.sentence for one in environment.failures()), "it could not be read")
            raise ProbeError(
                Failure(FailureKind.UNAVAILABLE, f"not asked: {name} is not known ({why})")
            )


async def _hang_up(connection: Connection) -> None:
    """Say goodbye, or drop the connection where even that takes too long."""
    try:
        await connection.close(timeout=_CLOSING_S)
    except ERRORS:
        connection.terminate()


class _Catalog:
    """The questions to one open connection."""

    def __init__(
        self, connection: Connection, dsn: DsnSeen, password: SecretStr, landing: Landing
    ) -> None:
        self._connection = connection
        self._dsn = dsn
        self._password = password
        self._landing = landing

    async def read(self, budget: Budget) -> DatabaseSeen:
        """Connection, tables and duplicates; each failure stands where its answer would."""
        there = await self._asked("connection", budget, self._begin(budget))
        if isinstance(there, Failure):
            return self._seen(there, ())
        catalog = tables_seen(self._connection, _TABLES)
        tables = await self._asked("catalog of schema public", budget, catalog)
        if isinstance(tables, Failure):
            return self._seen(there, tables)
        counted = [await self._counted(table, budget) for table in tables]
        return self._seen(there, tuple(counted))

    def _seen(
        self, connection: ConnectionSeen | Failure, tables: tuple[TableSeen, ...] | Failure
    ) -> DatabaseSeen:
        return DatabaseSeen(_shown(self._dsn), self._landing.route, connection, tables)

    async def _begin(self, budget: Budget) -> ConnectionSeen:
        """One transaction that can write nothing, wait for no lock, and not run on.

        The settings are the transaction's, not the session's: a pooler would refuse or keep them.
        """
        await self._connection.execute(
            "begin transaction read only; "
            f"set local statement_timeout = {_statement_ms(budget)}; "
            f"set local lock_timeout = {_LOCK_MS}"
        )
        return await connection_seen(self._connection)

    async def _counted(self, table: TableSeen, budget: Budget) -> TableSeen:
        column, statement = _UNIQUE.get(table.name, ("", ""))
        if not _worth_counting(table, column):
            return table
        asked = f"count duplicates of {table.name}.{column}"
        doubled = await self._asked(asked, budget, self._count(statement, budget))
        return replace(table, duplicates=doubled)

    async def _count(self, statement: str, budget: Budget) -> int:
        # A failure here, a denied read say, must not end the transaction: hence the savepoint.
        limit = f"set local statement_timeout = {_statement_ms(budget)}"
        await self._connection.execute(f"savepoint counting; {limit}")
        try:
            row = await self._connection.fetchrow(statement)
        except ERRORS:
            await self._connection.execute("rollback to savepoint counting")
            raise
        return int(row["doubled"]) if row else 0

    async def _asked(
        self, asked: str, budget: Budget, question: Awaitable[Answered]
    ) -> Answered | Failure:
        try:
            async with asyncio.timeout(budget.left()):
                return await question
        except ERRORS as error:
            return failure_of(error, self._dsn, self._password, self._landing.route, asked=asked)


def _statement_ms(budget: Budget) -> int:
    """The server gives up a little before we do, so that it is the server that says so."""
    return max(1, int(budget.left() * 900))


def _worth_counting(table: TableSeen, column: str) -> bool:
    """Whether nothing in the table keeps duplicates of that column out already."""
    guarded = any(
        one.unique and one.valid and not one.partial and one.columns == (column,)
        for one in table.indexes
    )
    return not guarded and any(one.name == column for one in table.columns)

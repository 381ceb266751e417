"""Observing ops-service's database: its own DSN, one read-only transaction, catalog queries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

from probes.budget import Budget
from probes.database.catalog import connection_seen, tables_seen
from probes.database.dial import ERRORS
from probes.database.login import Login, log_in, refuse_guesses
from probes.model import (
    ConnectionSeen,
    DatabaseSeen,
    DsnSeen,
    Failure,
    ProbeError,
    TableSeen,
    WorkloadSeen,
)
from probes.opsservice import OpsConfig
from probes.profile import Profile
from probes.reach import Reach
from probes.text import safe_text

_TABLES = ("portal_users", "audit_logs", "app_configs")
"""In the order in which ops-service's migration makes them."""

_UNIQUE = {
    "portal_users": (
        "email",
        "select count(*) as doubled from (select 1 from portal_users "
        "where email is not null group by email having count(*) > 1) as found",
    ),
    "app_configs": (
        "key",
        "select count(*) as doubled from (select 1 from app_configs "
        "where key is not null group by key having count(*) > 1) as found",
    ),
}
"""The column that is to be unique, and how many values occur in it more than once."""

_LOCK_MS = 500

Answered = TypeVar("Answered")


async def observe(
    reach: Reach, profile: Profile, config: OpsConfig, workload: WorkloadSeen, *, timeout_s: float
) -> DatabaseSeen:
    """One look at the database, within `timeout_s` seconds; the connection is closed after it.

    Raises ProbeError where the address or the password is in something that could not be read.
    """
    budget = Budget(timeout_s)
    refuse_guesses(workload)
    try:
        login = await log_in(reach, config, budget)
    except ProbeError as error:
        route = error.failure.route
        return DatabaseSeen(dsn=_shown(config.dsn), route=route, connection=error.failure)
    try:
        return await _Catalog(login).read(budget)
    finally:
        await login.close()


def _shown(dsn: DsnSeen) -> DsnSeen:
    """The address as it may be shown: it was dialled as it stands, whatever is in it."""
    return replace(
        dsn,
        host=safe_text(dsn.host),
        user=safe_text(dsn.user),
        database=safe_text(dsn.database),
        sslmode=safe_text(dsn.sslmode),
    )


class _Catalog:
    """The questions to one open connection."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._connection = login.connection

    async def read(self, budget: Budget) -> DatabaseSeen:
        """Connection, tables and duplicates; each failure stands where its answer would."""
        there = await self._asked("connection", budget, self._begin(budget))
        if isinstance(there, Failure):
            return self._seen(there, ())
        catalog = tables_seen(self._connection, _TABLES)
        tables = await self._asked("the catalog", budget, catalog)
        if isinstance(tables, Failure):
            return self._seen(there, tables)
        counted = [await self._counted(table, budget) for table in tables]
        return self._seen(there, tuple(counted))

    def _seen(
        self, connection: ConnectionSeen | Failure, tables: tuple[TableSeen, ...] | Failure
    ) -> DatabaseSeen:
        return DatabaseSeen(_shown(self._login.dsn), self._login.landing.route, connection, tables)

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
            return self._login.failure(error, asked)


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

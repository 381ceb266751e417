"""ops-service's own database, by the environment that its container has now.

Whoever only reads gets a transaction that the server itself lets write nothing; the other kind
takes the permit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from probes.budget import Budget
from probes.database.dial import ERRORS
from probes.database.login import Login, log_in, refuse_guesses
from probes.model import DsnSeen, Failure, ProbeError
from probes.opsservice import ops_config
from probes.reach.guard import require_permit
from probes.text import Redactor, safe_text
from probes.workload import observe
from remedies.world import World

_READ_ONLY = (
    "begin transaction read only; set local statement_timeout = '5s'; set local lock_timeout = 500"
)

Row = Mapping[str, Any]
Answered = TypeVar("Answered")


def address_of(dsn: DsnSeen) -> str:
    """Where it is, as plans and people name it: `user@host:port/database`."""
    return safe_text(f"{dsn.user}@{dsn.host}:{dsn.port}/{dsn.database}")


class Reading:
    """A transaction that writes nothing. Each question raises ProbeError without the password."""

    def __init__(self, login: Login, redact: Redactor) -> None:
        self._login = login
        self.dsn = login.dsn
        self.address = address_of(login.dsn)
        self.redact = redact

    async def row(self, query: str, *values: object) -> Row:
        """The first row of a query as a document: its columns that are not NULL."""
        asking = self._login.connection.fetchrow(query, *values)
        found = await _asked(self._login, "query", asking)
        return {name: value for name, value in (found or {}).items() if value is not None}

    async def rows(self, query: str, *values: object) -> list[Row]:
        """All rows of a query."""
        return await _asked(self._login, "query", self._login.connection.fetch(query, *values))


class Writing(Reading):
    """A transaction that may write; without its `commit` nothing of it stays."""

    async def execute(self, statement: str) -> None:
        """Run it."""
        await _asked(self._login, statement, self._login.connection.execute(statement))

    async def commit(self) -> None:
        """From here on it stays."""
        await self.execute("commit")

    async def roll_back(self) -> None:
        """Nothing of it stays; what follows reads what others have committed."""
        await self.execute("rollback")


@asynccontextmanager
async def reading(world: World) -> AsyncIterator[Reading]:
    """Read. Raises ProbeError."""
    async with _logged_in(world) as login:
        await _asked(login, "begin", login.connection.execute(_READ_ONLY))
        yield Reading(login, world.reach.cluster.redactor)


@asynccontextmanager
async def writing(world: World, lock_s: float, statement_s: float) -> AsyncIterator[Writing]:
    """Write, with limits for each lock and each statement. Raises ProbeError.

    The limits are the transaction's, since a pooler would refuse those of a session. Where we
    vanish in the middle, the server gives up by itself, and its locks with it.
    """
    require_permit("a transaction of ops-service's database")
    async with _logged_in(world) as login:
        found = Writing(login, world.reach.cluster.redactor)
        await found.execute(
            f"begin; set local lock_timeout = '{_ms(lock_s)}'; "
            f"set local statement_timeout = '{_ms(statement_s)}'; "
            "set local idle_in_transaction_session_timeout = '10s'"
        )
        yield found


def _ms(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


@asynccontextmanager
async def _logged_in(world: World) -> AsyncIterator[Login]:
    """A connection as ops-service would make it now; it ends with the block."""
    limit = world.profile.timeout_s
    workload = await observe(world.reach.cluster, world.profile, timeout_s=limit)
    if isinstance(workload.environment, Failure):
        raise ProbeError(workload.environment)
    refuse_guesses(workload)
    login = await log_in(world.reach, ops_config(workload.environment), Budget(limit))
    try:
        yield login
    finally:
        await login.close()


async def _asked(login: Login, asked: str, question: Awaitable[Answered]) -> Answered:
    try:
        return await question
    except ERRORS as error:
        raise ProbeError(login.failure(error, f"{asked} at {address_of(login.dsn)}")) from error

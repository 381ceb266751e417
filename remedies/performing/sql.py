"""Performing `RunSql`: one transaction in ops-service's database, bound to a row of its catalog."""

from __future__ import annotations

import asyncio

from probes.model import ProbeError
from remedies.database import Reading, Row, Writing, reading, writing
from remedies.model import RunSql
from remedies.performing.base import Seen, Standing, StepError, Tell
from remedies.performing.blockers import blockers
from remedies.performing.objects import differing, holds
from remedies.world import World

_LOCK_NOT_AVAILABLE = "55P03"
_SETTLING_LOOKS = 10
_PAUSE_S = 0.5
_ENDED_BY_OTHERS = ("57P", "08")
"""Classes of SQLSTATE after which nobody knows: the server was shut down, the line was cut."""


class SqlPerformer:
    """Performs `RunSql`."""

    async def look(self, world: World, action: RunSql) -> Seen:
        """Done, fresh or stale by the row; stale where ops-service uses another database now."""
        async with reading(world) as database:
            return await _standing(database, action)

    async def rehearse(self, world: World, action: RunSql) -> str:
        """PostgreSQL has no dry run that takes no lock: the guard was read, the rights asked."""
        return ""

    async def perform(self, world: World, action: RunSql, tell: Tell) -> str:
        """The statements, all or none of them."""
        begun = _Begun(action, tell)
        try:
            limits = action.lock_timeout_s, action.statement_timeout_s
            async with writing(world, *limits) as database:
                return await begun.run(database)
        except ProbeError as error:
            if _is_certain(error):
                raise StepError(error.failure.sentence, certain=True) from error
            if await _settled(world, begun.number):
                raise StepError(error.failure.sentence) from error  # the next look is the last word
            raise


class _Begun:
    """One transaction under way; `number` is the server's own for it, empty until it has one."""

    def __init__(self, action: RunSql, tell: Tell) -> None:
        self._action = action
        self._tell = tell
        self.number = ""

    async def run(self, database: Writing) -> str:
        action = self._action
        self.number = str((await database.row("select txid_current()::text as id"))["id"])
        await self._step(database, f"lock table {action.table} in {action.mode} mode")
        seen = await _standing(database, action)
        if seen.standing is not Standing.FRESH:
            raise StepError(seen.text or "somebody else has just done it", certain=True)
        for statement in action.statements:
            await self._step(database, statement)
        await _require_wanted(database, action)
        await database.commit()
        return f"done in one transaction: {'; '.join(action.statements)}"

    async def _step(self, database: Writing, statement: str) -> None:
        """One statement; where it waits for a lock for too long, who holds it is part of why."""
        self._tell(statement)
        try:
            await database.execute(statement)
        except ProbeError as error:
            if error.failure.code != _LOCK_NOT_AVAILABLE:
                raise
            await database.roll_back()
            held = await blockers(database, self._action.table, self._action.mode)
            limit = f"{self._action.lock_timeout_s:g} s"
            told = f"`{statement}` did not get its lock within {limit}, and nothing was changed"
            raise StepError(f"{told}: {held}", certain=True) from error


async def _require_wanted(database: Reading, action: RunSql) -> None:
    row = _pointed(await database.row(action.query))
    if not holds(row, action.wanted):
        told = f"the statements did not lead where they should: {differing(row, action.wanted)}"
        raise StepError(told, certain=True)


async def _standing(database: Reading, action: RunSql) -> Seen:
    if database.address != action.database:
        told = f"ops-service uses {database.address} now, and the plan is for {action.database}"
        return Seen(Standing.STALE, told)
    row = _pointed(await database.row(action.query))
    if holds(row, action.wanted):
        return Seen(Standing.DONE)
    if holds(row, action.expected):
        return Seen(Standing.FRESH)
    differs = f": {differing(row, action.expected)}" if row else ""
    return Seen(Standing.STALE, f"{action.otherwise}{differs}")


def _pointed(row: Row) -> Row:
    """As a document whose values are texts: what the journal brings back is one, too."""
    return {name: str(value) for name, value in row.items()}


def _is_certain(error: ProbeError) -> bool:
    """Whether the server itself refused: then nothing of the transaction stays."""
    code = error.failure.code
    return bool(code) and not code.startswith(_ENDED_BY_OTHERS)


async def _settled(world: World, number: str) -> bool:
    """After a cut line, wait until the server has ended the transaction, one way or the other.

    Until then a look would see the state before it, although its commit may be on the way. False
    where that was not seen; one without a number had changed nothing yet.
    """
    try:
        for _ in range(_SETTLING_LOOKS if number else 0):
            if await _status(world, number) != "in progress":
                return True
            await asyncio.sleep(_PAUSE_S)
    except ProbeError:
        return False  # whoever looks next will say that nothing can be seen
    return not number


async def _status(world: World, number: str) -> str:
    async with reading(world) as database:
        found = await database.row("select txid_status($1::bigint) as status", int(number))
    return str(found.get("status", ""))

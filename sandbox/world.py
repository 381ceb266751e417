"""World: one scenario from its empty folder to its end, with nothing left behind."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.errors import SandboxError
from sandbox.keeper import Keeper, KeeperError
from sandbox.postgres import Postgres, start_postgres
from sandbox.processes import StartError

if TYPE_CHECKING:
    from types import ModuleType

    from sandbox.assembly import World
    from sandbox.scenario import Scenario


@asynccontextmanager
async def open_world(scenario: Scenario, folder: Path) -> AsyncIterator[World]:
    """Runs a scenario in `folder`, which must be empty and is removed at the end.

    Raises SandboxError when a part does not start.
    """
    async with AsyncExitStack() as stack:
        keeper = await _claim(folder)
        stack.push_async_callback(keeper.close)
        password = secrets.token_urlsafe(24)
        starting = asyncio.create_task(
            start_postgres(folder, keeper, password=password, tls=scenario.database.tls)
        )
        stack.push_async_callback(_give_up, starting)
        await asyncio.to_thread(_import_the_rest)
        from sandbox.assembly import World
        from sandbox.startup import start

        world = World.of(scenario, keeper, stack)
        try:
            await start(world, starting, password)
        except* (StartError, SandboxError) as errors:
            raise SandboxError(_first(errors)) from errors
        yield world


def _first(errors: BaseExceptionGroup[BaseException]) -> str:
    """The sentence of the first error in a group of groups."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else " ".join(str(first).split())


async def _claim(folder: Path) -> Keeper:
    try:
        return await Keeper.start(folder)
    except KeeperError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise SandboxError(str(error)) from error


async def _give_up(starting: asyncio.Task[Postgres]) -> None:
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)


def _import_the_rest() -> ModuleType:
    """Takes 0.4 s, in which PostgreSQL makes its files."""
    from sandbox import startup

    return startup

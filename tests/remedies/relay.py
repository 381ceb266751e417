"""A line to PostgreSQL that breaks at a statement of one's choice, before or after it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sandbox.postgres import Postgres


class Relay:
    """A relay in front of PostgreSQL that cuts the line at a statement, before or after it.

    `cut` is the statement; `passes` whether it still arrives; `closed` refuses whoever comes after.
    `before` is what somebody else is quick enough to do before the statement `at` arrives.
    """

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self.at = b""
        self.before: Callable[[], Awaitable[object]] | None = None
        self.cut = b""
        self.passes = False
        self.closes = False
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            self._tasks.add(task)
        other, there = await asyncio.open_connection(self._server.host, self._server.port)
        answers = asyncio.create_task(_copy(other, writer))
        try:
            while data := await reader.read(65_536):
                if self.before and self.at in data:
                    before, self.before = self.before, None
                    await before()
                if self.cut and self.cut in data:
                    await self._end(data, there, other, answers)
                    return
                there.write(data)
                await there.drain()
        except ConnectionError:
            pass
        finally:
            answers.cancel()
            for one in (writer, there):
                one.transport.abort()

    async def _end(
        self,
        data: bytes,
        there: asyncio.StreamWriter,
        other: asyncio.StreamReader,
        answers: asyncio.Task[None],
    ) -> None:
        """Cut here; where it passes, only the answer to it is lost."""
        self.cut = b""
        if self.closes and self._listening:
            self._listening.close()
        if self.passes:
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            there.write(data)
            await there.drain()
            async with asyncio.timeout(5):
                await other.read(65_536)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @classmethod
    @asynccontextmanager
    async def to(cls, server: Postgres) -> AsyncIterator[Relay]:
        """One that runs for the time of the block."""
        relay = cls(server)
        listening = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
        relay._listening = listening
        relay.port = listening.sockets[0].getsockname()[1]
        try:
            yield relay
        finally:
            listening.close()
            await relay.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()

"""The tail on its way to the screen: given lines that wait, none is read before its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from probes.model import Failure, FailureKind
from tests.tui.dashboards import FrozenFeed, FrozenWay
from tests.waiting import until
from tests.widgets.loglines import ONE, line
from tui.tailing import tail
from widgets.logbook import Logbook


@asynccontextmanager
async def tailing(
    feed: FrozenFeed, drawn: asyncio.Event, holds_back: Callable[[int], bool]
) -> AsyncIterator[Logbook]:
    """A book that the feed's lines come to, and a screen that has drawn when the event is set."""

    async def draw() -> None:
        await drawn.wait()

    book = Logbook()
    task = asyncio.create_task(tail(FrozenWay(feed), book, draw, holds_back))
    try:
        yield book
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def feed_of(*counts: int) -> FrozenFeed:
    """Batches of so many lines wait."""
    feed = FrozenFeed([])
    for count in counts:
        feed.lines.put_nowait(tuple(line(number) for number in range(count)))
    return feed


async def test_a_slow_screen_holds_the_reader_back() -> None:
    feed, drawn = feed_of(600, 600, 600), asyncio.Event()
    async with tailing(feed, drawn, lambda _: False) as book:
        await until(lambda: len(book) == 600)
        await asyncio.sleep(0)
        assert (len(book), feed.lines.qsize()) == (600, 2)
        drawn.set()
        await until(lambda: len(book) == 1_800)


async def test_whoever_reads_holds_back_what_would_push_it_out() -> None:
    feed, drawn, room = feed_of(600, 700), asyncio.Event(), [600]
    drawn.set()
    async with tailing(feed, drawn, lambda count: count > room[0]) as book:
        await until(lambda: book.held_back)
        assert len(book) == 600
        room[0] = 700
        await until(lambda: len(book) == 1_300)
        assert not book.held_back


async def test_pods_whose_lines_cannot_come_are_known_to_the_book() -> None:
    feed, drawn = feed_of(1), asyncio.Event()
    feed.gaps[ONE] = Failure(FailureKind.FORBIDDEN, "may not get pods/log")
    async with tailing(feed, drawn, lambda _: False) as book:
        await until(lambda: len(book) == 1)
        assert book.gaps == feed.gaps

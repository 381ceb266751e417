"""Work on files off the event loop: a home folder on a network may hang, and holds up nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")

LIMIT_S = 10.0


async def off_the_loop(work: Callable[[], T]) -> T:
    """What the work gives, from a thread that nobody waits for at the program's end.

    Raises OSError also where it takes too long; it may come to its end all the same.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(settling: Callable[[], None]) -> None:
        if not done.done():
            settling()

    def run() -> None:
        try:
            found = work()
        except Exception as error:  # noqa: BLE001  # it is raised where it is waited for
            settling = partial(done.set_exception, error)
        else:
            settling = partial(done.set_result, found)
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, settling)

    threading.Thread(target=run, name="files", daemon=True).start()
    try:
        async with asyncio.timeout(LIMIT_S):
            return await done
    except TimeoutError as error:
        raise OSError(f"no end within {LIMIT_S:g} s") from error

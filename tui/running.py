"""Running a coroutine as the whole program: signals end it cleanly, and say so by exit code."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def run(main: Coroutine[Any, Any, int]) -> int:
    """Run it to its end, and give its exit code; 128 + N where signal N ended it.

    A signal cancels the coroutine, so that whatever it opened (a sandbox, a port-forward) is
    closed before the program ends.
    """
    return asyncio.run(_guarded(main))


async def _guarded(main: Coroutine[Any, Any, int]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main)
    received: list[int] = []

    def end(number: int) -> None:
        received.append(number)
        task.cancel()

    for one in _ENDING:
        loop.add_signal_handler(one, end, one)
    try:
        return await task
    except asyncio.CancelledError:
        return 128 + received[0] if received else 1

"""`python -m sandbox SCENARIO`: serves one scenario until its standard input or a signal ends it.

One JSON line on standard output says that everything is ready and where; anything else is on
standard error. With a terminal as standard input only a signal ends it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.scenario import Scenario, load

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """Runs one scenario; the exit code."""
    if len(arguments) != 1:
        print("usage: python -m sandbox SCENARIO", file=sys.stderr)
        return 2
    try:
        scenario = load(arguments[0])
        asyncio.run(_serve(scenario))
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(scenario: Scenario) -> None:
    """Serves until told to stop, also when told so before everything is ready."""
    told = _told_to_stop()
    serving = asyncio.create_task(_run(scenario))
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def _run(scenario: Scenario) -> None:
    # Imported here so that a wrong name is told at once.
    from sandbox.world import open_world

    folder = Path(tempfile.mkdtemp(prefix="opsportal-sandbox-"))
    try:
        async with open_world(scenario, folder) as world:
            print(json.dumps(asdict(world.running), default=str), flush=True)
            await world.watch()
    finally:
        # Already gone, but where we were stopped before the keeper had claimed it.
        shutil.rmtree(folder, ignore_errors=True)


def _told_to_stop() -> asyncio.Event:
    """Set on a signal, and when whoever started us closes our standard input, however it ends."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, told.set)
    if not os.isatty(0):
        reader = threading.Thread(target=_until_end, args=(loop, told), daemon=True)
        reader.start()
    return told


def _until_end(loop: asyncio.AbstractEventLoop, told: asyncio.Event) -> None:
    """Reads standard input to its end, in a thread: it may be a file, a pipe or a device."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(told.set)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

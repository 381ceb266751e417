"""The dashboard on the sandbox, with a heart that notes how late each of its beats comes.

`python -m benchmarks.heartbeat_app FILE` writes them as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from probes.profile import Profile
from tui.app import OpsPortalApp
from tui.live import LiveFeed
from tui.target import Request

_BEAT_S = 0.002
_STRETCHES = {
    "connecting": "to the first answer",
    "sweeping": "the first sweep",
    "live": "later sweeps",
}


class HeartbeatApp(OpsPortalApp):
    """The dashboard; `waits` are the longest so far, by stretch: (in all, at work) in seconds."""

    CSS_PATH = "../tui/dashboard.tcss"

    waits: dict[str, tuple[float, float]]

    def on_mount(self) -> None:
        """Starts the heart beside everything that the dashboard starts."""
        self.waits = dict.fromkeys(_STRETCHES.values(), (0.0, 0.0))
        self._heart = asyncio.create_task(self._beat())

    async def action_quit(self) -> None:
        """Stops the heart first: nobody waits for a key after this one."""
        self._heart.cancel()
        await super().action_quit()

    async def _beat(self) -> None:
        while True:
            begun, begun_work = time.perf_counter(), time.thread_time()
            await asyncio.sleep(_BEAT_S)
            waited_s = time.perf_counter() - begun - _BEAT_S
            worked_s = time.thread_time() - begun_work
            stretch = _STRETCHES.get(self.looking.standing.phase(self._clock()))
            if stretch:
                longest, most = self.waits[stretch]
                self.waits[stretch] = (max(longest, waited_s), max(most, worked_s))


def main(file: str) -> None:
    """Runs until `q`."""
    profile = Profile(interval_s=5)
    app = HeartbeatApp(LiveFeed, Request(profile, sandbox="incident-v11"))
    app.run()
    Path(file).write_text(json.dumps(app.waits))


if __name__ == "__main__":
    main(sys.argv[1])

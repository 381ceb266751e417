"""Waiting until a value has come from an Application into its ConfigMap."""

from __future__ import annotations

import asyncio

from probes.rawjson import Obj, mapping, text
from probes.text import safe_text
from remedies.model import AwaitSync
from remedies.performing.applications import (
    ENDED_BADLY,
    failed,
    gone,
    newest_operation,
    running,
    state_of,
)
from remedies.performing.base import Seen, Standing
from remedies.performing.objects import at, differing, holds, read
from remedies.performing.waiting import WaitingPerformer
from remedies.world import World
from remedies.writers import writer_of


class SyncPerformer(WaitingPerformer):
    """Performs `AwaitSync`."""

    async def see(self, world: World, action: AwaitSync) -> Seen:
        """Done where the ConfigMap has the value and the sync that brought it is over.

        While it runs, the Deployment may not have been changed yet.
        """
        config, application = await asyncio.gather(
            read(world, action.config_map), read(world, action.application)
        )
        if application is None:
            return gone(action.application)
        if not holds(application, action.edit):
            return Seen(Standing.STALE, _taken_back(application, action))
        runs = running(application)
        if runs:
            return Seen(Standing.FRESH, runs)
        if config is not None and mapping(config, "data").get(action.key) == action.value:
            return Seen(Standing.DONE, f"{action.config_map} has the value")
        state = state_of(application)
        if text(state, "phase") in ENDED_BADLY and newest_operation(application) != action.since:
            return Seen(Standing.FRESH, failed(state), stuck=True)
        status = safe_text(str(at(application, "/status/sync/status")))
        waits = f"Argo CD has yet to sync {action.config_map} (the Application is {status})"
        return Seen(Standing.FRESH, waits)


def _taken_back(application: Obj, action: AwaitSync) -> str:
    writer = writer_of(application, action.edit[0].pointer)
    by = f" by {writer}" if writer else ""
    what = differing(application, action.edit)
    return f"{action.application} was changed again before it was synced{by}: {what}"

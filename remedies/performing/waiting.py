"""Waiting, and for a sync. Reads only, never faster than every five seconds.

The first look is at once, and what is waited for is told each time it changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from probes.pods import mapping, text
from probes.text import safe_text
from remedies.model import AwaitSync, ObjectRef
from remedies.performing.base import Performer, Seen, Standing, StepError, Tell
from remedies.performing.objects import at, read
from remedies.world import World

CALM_S = 5.0
"""Between two looks at the API server."""

Obj = Mapping[str, Any]


class WaitingPerformer:
    """The base: performing is to look until it is done. A step's time limit ends it."""

    async def look(self, world: World, action: Any) -> Seen:
        """How far it has come; `FRESH` with words while there is something to wait for."""
        raise NotImplementedError

    async def rehearse(self, world: World, action: Any) -> str:
        """Waiting needs no rehearsal."""
        return ""

    async def perform(self, world: World, action: Any, tell: Tell) -> str:
        """Look until it is done; what is stuck at two looks running will not move by itself."""
        told, stuck = "", False
        while (seen := await self.look(world, action)).standing is Standing.FRESH:
            if stuck and seen.stuck:
                raise StepError(seen.text, certain=True)
            stuck = seen.stuck
            if seen.text != told:
                told = seen.text
                tell(told)
            await asyncio.sleep(CALM_S)
        if seen.standing is Standing.STALE:
            raise StepError(seen.text)
        return seen.text


class SyncPerformer(WaitingPerformer):
    """Performs `AwaitSync`."""

    async def look(self, world: World, action: AwaitSync) -> Seen:
        """Done where the ConfigMap has the value; a failed operation ends the waiting."""
        config, application = await asyncio.gather(
            read(world, action.config_map), read(world, action.application)
        )
        if application is None:
            return Seen(Standing.STALE, f"{action.application} is not there any more")
        if config is not None and mapping(config, "data").get(action.key) == action.value:
            return Seen(Standing.DONE, f"{action.config_map} has the value")
        operation = mapping(mapping(application, "status"), "operationState")
        phase = text(operation, "phase")
        if phase in ("Failed", "Error"):
            return Seen(Standing.STALE, f"the sync failed: {text(operation, 'message')}")
        return Seen(Standing.FRESH, _sync_words(application, action.config_map))


def _sync_words(application: Obj, config_map: ObjectRef) -> str:
    status = safe_text(str(at(application, "/status/sync/status")))
    return f"Argo CD has yet to sync {config_map} (Application is {status})"


WAITING: Mapping[type, Performer[Any]] = {AwaitSync: SyncPerformer()}

"""A program of its own that applies a plan, to be killed: `python -m tests.remedies.killed`.

Standard input is one JSON object: plan, profile, the journal's path, and the person's token.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from pydantic import SecretStr, TypeAdapter

from probes.model import Snapshot
from probes.profile import Profile
from probes.reach import open_reach
from probes.tokensource import TokenSource
from remedies.executor import Executor
from remedies.journal import Journal
from remedies.model import Plan
from remedies.performing import waiting
from remedies.world import World

LOADING_S = 30.0


async def _main() -> None:
    waiting.CALM_S = 0.05  # the server is a test's own, and need not be spared
    told = json.load(sys.stdin)
    profile = Profile.model_validate(told["profile"])
    plan = TypeAdapter(Plan).validate_python(told["plan"])
    own = TokenSource.argocd(profile, SecretStr(told["own"]))
    async with open_reach(profile) as reach:
        await reach.cluster.ready(LOADING_S)
        world = World(reach, profile, _no_sweep, own)
        await Executor(world, Journal(Path(told["journal"])), lambda: "").apply(plan)


async def _no_sweep() -> Snapshot:
    raise RuntimeError("it is killed before it looks again")


if __name__ == "__main__":
    asyncio.run(_main())

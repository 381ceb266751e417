"""Killing a program that applies a plan, while a step is under way."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from typing import Protocol

from pydantic import TypeAdapter

from probes.profile import Profile
from remedies.journal import Journal
from remedies.model import Plan
from tests.waiting import until

_LIMIT_S = 40.0


class Target(Protocol):
    """Whatever plan is applied to. `own` is the person's Argo CD token, or empty."""

    @property
    def profile(self) -> Profile: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def own(self) -> str: ...


class Held(Protocol):
    """What holds a step, a fault of a server say, and tells when it does."""

    @property
    def reached(self) -> asyncio.Event: ...


async def killed_at(there: Target, plan: Plan, step: str, held: Held | None = None) -> None:
    """A program of its own applies the plan, and gets SIGKILL while that step is under way."""
    told = {
        "plan": TypeAdapter(Plan).dump_python(plan, mode="json"),
        "profile": there.profile.model_dump(mode="json"),
        "journal": str(there.journal.path),
        "own": there.own,
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.remedies.killed", stdin=PIPE, stdout=DEVNULL, stderr=PIPE
    )
    assert child.stdin
    assert child.stderr
    child.stdin.write(json.dumps(told).encode())
    child.stdin.close()
    saying = asyncio.create_task(child.stderr.read())

    def begun() -> bool:
        assert not saying.done(), f"it ended by itself: {saying.result().decode()}"
        met = held is None or held.reached.is_set()
        return met and step in [one.step for one in there.journal.entries()]

    try:
        await until(begun, _LIMIT_S)
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await asyncio.gather(child.wait(), saying)

"""Planning: what a remedy is, what it is asked, and the pieces that plans share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from uuid import uuid4

from probes.model import CauseId, CheckId, Snapshot
from remedies.model import Plan, Refusal, RefusedError, RemedyId, Step
from remedies.world import World


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person asks of a remedy beside its name: `options` as `--set KEY=VALUE` gives them."""

    options: Mapping[str, str] = field(default_factory=dict)

    def insists(self, name: str) -> bool:
        """Whether an option is `yes`; raises RefusedError where it is neither that nor `no`."""
        value = self.options.get(name, "no")
        if value not in ("yes", "no"):
            raise RefusedError(Refusal.NOT_APPLICABLE, f"`{name}={value}` is neither yes nor no")
        return value == "yes"


class Remedy(Protocol):
    """A way to mend causes. Planning only reads; what it returns is bound to what it read."""

    id: RemedyId
    causes: frozenset[CauseId]
    """The causes that it mends; empty for a tool that mends none by itself."""

    async def plan(self, world: World, snapshot: Snapshot, ask: Ask) -> Plan:
        """The plan. Raises RefusedError (nothing to do, not applicable, a guard), ProbeError."""


def new_id() -> str:
    """An id for a plan: short enough to type, and sorted by time."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:4]}"


def plan_for(
    remedy: RemedyId,
    snapshot: Snapshot,
    sentence: str,
    steps: Iterable[Step],
    *,
    id: str = "",
    checks: tuple[CheckId, ...] = (),
    causes: Iterable[CauseId] = (),
    warnings: tuple[str, ...] = (),
) -> Plan:
    """A plan of this moment for what the snapshot is of; `id` where its steps have it already."""
    return Plan(
        id=id or new_id(),
        remedy=remedy,
        profile=snapshot.profile,
        namespace=snapshot.namespace,
        made_at=datetime.now(UTC),
        sentence=sentence,
        steps=tuple(steps),
        checks=checks,
        causes=tuple(causes),
        warnings=warnings,
    )


def unified(before: str, after: str, name: str) -> str:
    """The unified diff of a text, as `git diff` heads it; empty where they are equal."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/{name}", f"b/{name}", lineterm=""
    )
    return "\n".join(lines)

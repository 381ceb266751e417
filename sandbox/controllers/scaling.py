"""Scaling: how many pods each ReplicaSet of a Deployment has next.

The arithmetic is that of Kubernetes' pkg/controller/deployment (rolling.go, recreate.go).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.kubernetes.store import Obj


@dataclass(frozen=True)
class Count:
    """One ReplicaSet: replicas asked for, there, and available."""

    name: str
    asked: int
    there: int
    available: int

    @classmethod
    def of(cls, replicaset: Obj) -> Count:
        """The counts of a ReplicaSet object."""
        status = replicaset.get("status") or {}
        return cls(
            replicaset["metadata"]["name"],
            replicaset["spec"]["replicas"],
            status.get("replicas", 0),
            status.get("availableReplicas", 0),
        )


def plan(spec: Obj, new: Count, old: Sequence[Count]) -> dict[str, int]:
    """The replicas that each ReplicaSet should ask for now, by name."""
    desired = spec["replicas"]
    if spec["strategy"]["type"] == "Recreate":
        return _recreate(desired, new, old)
    up = _scale_up(spec, new, old)
    if up != new.asked:
        return {new.name: up}
    return _scale_down(spec, new, old)


def max_surge(spec: Obj) -> int:
    """Pods allowed above the desired number; a percentage is rounded up."""
    return _resolve(spec, "maxSurge", up=True)


def max_unavailable(spec: Obj) -> int:
    """Pods allowed to be missing; a percentage is rounded down, never both limits 0."""
    if spec["strategy"]["type"] == "Recreate":
        return 0
    least = 1 if max_surge(spec) == 0 and spec["replicas"] else 0
    return max(least, _resolve(spec, "maxUnavailable", up=False))


def _resolve(spec: Obj, field: str, *, up: bool) -> int:
    value = (spec["strategy"].get("rollingUpdate") or {}).get(field, "25%")
    if isinstance(value, str) and value.endswith("%"):
        share: float = spec["replicas"] * int(value[:-1]) / 100
        return math.ceil(share) if up else math.floor(share)
    return int(value)


def _recreate(desired: int, new: Count, old: Sequence[Count]) -> dict[str, int]:
    counts = {one.name: 0 for one in old}
    gone = all(one.there == 0 for one in old)
    return {**counts, new.name: desired if gone else new.asked}


def _scale_up(spec: Obj, new: Count, old: Sequence[Count]) -> int:
    desired = int(spec["replicas"])
    if new.asked >= desired:
        return desired
    total = new.asked + sum(one.asked for one in old)
    room = desired + max_surge(spec) - total
    return new.asked + max(0, min(room, desired - new.asked))


def _scale_down(spec: Obj, new: Count, old: Sequence[Count]) -> dict[str, int]:
    least = spec["replicas"] - max_unavailable(spec)
    total = new.asked + sum(one.asked for one in old)
    spare = total - least - max(0, new.asked - new.available)
    counts: dict[str, int] = {}
    for one in old:  # what is not available anyway goes first
        sick = min(max(0, spare), max(0, one.asked - one.available))
        counts[one.name] = one.asked - sick
        spare -= sick
    surplus = new.available + sum(one.available for one in old) - least
    for one in old:
        healthy = min(max(0, surplus), counts[one.name], one.available)
        counts[one.name] -= healthy
        surplus -= healthy
    return counts

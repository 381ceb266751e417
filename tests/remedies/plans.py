"""A plan of three patches of ConfigMaps, and a place to apply it: the machinery, and no remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from remedies.model import Absent, Field, ObjectRef, PatchObject, Permission, Plan, RemedyId, Step
from sandbox.kubernetes.store import Store

NAMESPACE = "wealist-prod"
NAMES = ("one", "two", "three")
NOW = datetime(2026, 1, 6, 3, 0, tzinfo=UTC)
KEY = "/data/URL"


def ref(name: str) -> ObjectRef:
    return ObjectRef("api/v1", "configmaps", NAMESPACE, name)


def furnish(store: Store) -> None:
    """The three ConfigMaps, as the plan expects them."""
    for name in NAMES:
        metadata = {"name": name, "namespace": NAMESPACE}
        store.create({"kind": "ConfigMap", "metadata": metadata, "data": {"URL": "old"}})


def values(store: Store) -> list[str]:
    return [store.get("ConfigMap", NAMESPACE, name)["data"].get("URL", "") for name in NAMES]


def step(name: str, **changes: Any) -> Step:
    before, after = Field(KEY, "old"), Field(KEY, "new")
    one = Step(
        id=name,
        title=f"Set {name}",
        action=PatchObject(ref(name), (before,), (after,)),
        shell=f"kubectl patch configmap {name}",
        limit_s=5.0,
        permissions=(Permission("kubernetes", "patch", "configmaps", namespace=NAMESPACE),),
        undo=PatchObject(ref(name), (after,), (before,)),
        undo_words=f"kubectl patch configmap {name} back",
    )
    return replace(one, **changes)


def plan(steps: Sequence[Step] = (), **changes: Any) -> Plan:
    one = Plan(
        id="20260106-030000-ab12",
        remedy=RemedyId.SET_PROMETHEUS_URL,
        profile="prod",
        namespace=NAMESPACE,
        made_at=NOW,
        sentence="Set all three",
        steps=tuple(steps) or tuple(map(step, NAMES)),
    )
    return replace(one, **changes)


def absent() -> Field:
    return Field("/data/NEW", Absent())

"""Kubernetes events about one workload: its warnings, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from probes.budget import Budget
from probes.model import EventSeen, Failure, FailureKind
from probes.rawjson import mapping, moment, objects, text
from probes.reach.apipath import CORE, namespaced
from probes.reach.cluster import Cluster

_MOST = 50
_ASKED = "500"
_PAGES = 4


@dataclass(frozen=True, slots=True)
class Warnings:
    """Warnings, newest first; `missing` says why there may be more of them."""

    events: tuple[EventSeen, ...]
    missing: Failure | None = None


async def warnings_about(
    cluster: Cluster, namespace: str, workload: str, timeout_s: float
) -> Warnings:
    """Warnings about the workload, its ReplicaSets and its pods. Raises ProbeError.

    Those of a ReplicaSet matter most (a refused pod is told there only), and its name is known
    to nobody before it is listed: so the namespace's warnings are asked for, and looked through.
    They come by name, not by time: those that matter may stand on any page.
    """
    budget = Budget(timeout_s)
    params = {"fieldSelector": "type=Warning", "limit": _ASKED}
    about: list[Mapping[str, Any]] = []
    for _ in range(_PAGES):
        found = await cluster.get(
            namespaced(CORE, namespace, "events"), params, timeout_s=budget.left()
        )
        about += (one for one in objects(found, "items") if _is_about(one, workload))
        params["continue"] = text(mapping(found, "metadata"), "continue")
        if not params["continue"]:
            return Warnings(_newest(about))
    return Warnings(_newest(about), _too_many(namespace, workload))


def _too_many(namespace: str, workload: str) -> Failure:
    asked = _PAGES * int(_ASKED)
    return Failure(
        FailureKind.TOO_LARGE,
        f"there are more than {asked:,} warnings in the namespace: "
        f"not all of those about {workload} are seen",
        asked=f"list events in {namespace}",
    )


def _newest(events: Iterable[Mapping[str, Any]]) -> tuple[EventSeen, ...]:
    return tuple(sorted(map(_event, events), key=_when, reverse=True)[:_MOST])


async def events_of(
    cluster: Cluster, namespace: str, name: str, timeout_s: float
) -> tuple[EventSeen, ...]:
    """Everything that is told of one object, newest first. Raises ProbeError."""
    found = await cluster.get(
        namespaced(CORE, namespace, "events"),
        {"fieldSelector": f"involvedObject.name={name}", "limit": _ASKED},
        timeout_s=timeout_s,
    )
    return _newest(one for one in objects(found, "items") if _names(one) == name)


def _names(event: Mapping[str, Any]) -> str:
    return text(mapping(event, "involvedObject"), "name")


def _is_about(event: Mapping[str, Any], workload: str) -> bool:
    name = _names(event)
    return name == workload or name.startswith(f"{workload}-")


def _event(obj: Mapping[str, Any]) -> EventSeen:
    about = mapping(obj, "involvedObject")
    series = mapping(obj, "series")
    count = obj.get("count") or series.get("count") or 1
    times = (obj.get("lastTimestamp"), series.get("lastObservedTime"), obj.get("eventTime"))
    return EventSeen(
        type=text(obj, "type"),
        reason=text(obj, "reason"),
        message=text(obj, "message"),
        object=f"{text(about, 'kind')}/{text(about, 'name')}",
        count=count if isinstance(count, int) else 1,
        last_seen=next((found for found in map(moment, times) if found), None),
    )


def _when(event: EventSeen) -> datetime:
    return event.last_seen or datetime.min.replace(tzinfo=UTC)

"""Kubernetes events about one workload: its warnings, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from probes.model import EventSeen
from probes.rawjson import mapping, moment, objects, text
from probes.reach.apipath import CORE, namespaced
from probes.reach.cluster import Cluster

_MOST = 50
_ASKED = "500"


async def warnings_about(
    cluster: Cluster, namespace: str, workload: str, timeout_s: float
) -> tuple[EventSeen, ...]:
    """Warnings about the workload, its ReplicaSets and its pods. Raises ProbeError.

    Those of a ReplicaSet matter most (a refused pod is told there only), and its name is known
    to nobody before it is listed: so the namespace's warnings are asked for, and looked through.
    """
    found = await cluster.get(
        namespaced(CORE, namespace, "events"),
        {"fieldSelector": "type=Warning", "limit": _ASKED},
        timeout_s=timeout_s,
    )
    about = (one for one in objects(found, "items") if _is_about(one, workload))
    seen = sorted((_event(one) for one in about), key=_when, reverse=True)
    return tuple(seen[:_MOST])


async def events_of(
    cluster: Cluster, namespace: str, name: str, timeout_s: float
) -> tuple[EventSeen, ...]:
    """Everything that is told of one object, newest first. Raises ProbeError."""
    found = await cluster.get(
        namespaced(CORE, namespace, "events"),
        {"fieldSelector": f"involvedObject.name={name}", "limit": _ASKED},
        timeout_s=timeout_s,
    )
    about = (one for one in objects(found, "items") if _names(one) == name)
    return tuple(sorted(map(_event, about), key=_when, reverse=True)[:_MOST])


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

"""Columns: what `kubectl get` shows of each kind of object."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.kubernetes.resources import Resource

Obj = dict[str, Any]

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@dataclass(frozen=True)
class Column:
    """A column; priority above 0 is shown with `-o wide` only."""

    name: str
    cell: Callable[[Obj], Any]
    type: str = "string"
    priority: int = 0


def human_duration(seconds: float) -> str:
    """An age in kubectl's words: 45s, 3m12s, 2h5m, 3d4h, 12d, 2y30d."""
    whole = max(int(seconds), 0)
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    minutes, hours, days = whole // _MINUTE, whole // _HOUR, whole // _DAY
    if minutes < 10:
        return _two(minutes, "m", whole % _MINUTE, "s")
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 2 * 365:
        return f"{days}d"
    return _two(days // 365, "y", days % 365, "d")


def _two(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large}{unit}{small}{small_unit}" if small else f"{large}{unit}"


def _at(*path: str, default: Any = "") -> Callable[[Obj], Any]:
    def cell(obj: Obj) -> Any:
        value: Any = obj
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return default if value is None else value

    return cell


def _since(stamp: str | None) -> str:
    if not stamp:
        return "<unknown>"
    moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return human_duration((datetime.now(UTC) - moment).total_seconds())


_NAME = Column("Name", _at("metadata", "name"))
_AGE = Column("Age", lambda obj: _since(obj["metadata"].get("creationTimestamp")))


def _statuses(pod: Obj) -> list[Obj]:
    return list(pod.get("status", {}).get("containerStatuses") or [])


def _pod_ready(pod: Obj) -> str:
    ready = sum(bool(status.get("ready")) for status in _statuses(pod))
    return f"{ready}/{len(pod.get('spec', {}).get('containers', []))}"


def _pod_status(pod: Obj) -> str:
    status = pod.get("status", {})
    shown = status.get("reason") or status.get("phase") or "Unknown"
    for container in reversed(_statuses(pod)):
        state = container.get("state", {})
        ended = state.get("terminated") or {}
        reason = (state.get("waiting") or {}).get("reason") or ended.get("reason")
        shown = reason or (f"ExitCode:{ended.get('exitCode', 0)}" if ended else shown)
    return "Terminating" if "deletionTimestamp" in pod["metadata"] else str(shown)


def _pod_restarts(pod: Obj) -> str:
    count = sum(status.get("restartCount", 0) for status in _statuses(pod))
    ends = [
        status.get("lastState", {}).get("terminated", {}).get("finishedAt") or ""
        for status in _statuses(pod)
    ]
    last = max(ends, default="")
    return f"{count} ({_since(last)} ago)" if count and last else str(count)


def _containers(field: str) -> Callable[[Obj], str]:
    def cell(obj: Obj) -> str:
        spec = obj.get("spec", {}).get("template", {}).get("spec", {})
        return ",".join(container.get(field, "") for container in spec.get("containers", []))

    return cell


def _selector(obj: Obj) -> str:
    selector = obj.get("spec", {}).get("selector") or {}
    labels = selector.get("matchLabels", selector)
    return ",".join(f"{key}={value}" for key, value in labels.items()) or "<none>"


def _deployment_ready(obj: Obj) -> str:
    ready = obj.get("status", {}).get("readyReplicas", 0)
    return f"{ready}/{obj.get('spec', {}).get('replicas', 0)}"


def _service_ports(obj: Obj) -> str:
    ports = obj.get("spec", {}).get("ports", [])
    return ",".join(f"{p.get('port')}/{p.get('protocol', 'TCP')}" for p in ports) or "<none>"


def _endpoints(obj: Obj) -> str:
    shown = [
        f"{address.get('ip')}:{port.get('port')}"
        for subset in obj.get("subsets") or []
        for address in subset.get("addresses") or []
        for port in subset.get("ports") or []
    ]
    return ",".join(shown) or "<none>"


def _event_seen(obj: Obj) -> str:
    times = (obj.get("lastTimestamp"), obj.get("eventTime"), obj.get("firstTimestamp"))
    stamp = next((time for time in times if time), None)
    return _since(stamp)


def _event_object(obj: Obj) -> str:
    about = obj.get("involvedObject", {})
    return f"{about.get('kind', '').lower()}/{about.get('name', '')}"


def _condition(field: str) -> Callable[[Obj], str]:
    def cell(obj: Obj) -> str:
        for condition in obj.get("status", {}).get("conditions", []):
            if condition.get("type") == "Ready":
                return str(condition.get(field, ""))
        return ""

    return cell


def _count(field: str) -> Callable[[Obj], int]:
    return lambda obj: len(obj.get(field) or {})


_WORKLOAD_WIDE = (
    Column("Containers", _containers("name"), priority=1),
    Column("Images", _containers("image"), priority=1),
    Column("Selector", _selector, priority=1),
)
_COLUMNS: dict[str, tuple[Column, ...]] = {
    "Pod": (
        _NAME,
        Column("Ready", _pod_ready),
        Column("Status", _pod_status),
        Column("Restarts", _pod_restarts),
        _AGE,
        Column("IP", _at("status", "podIP", default="<none>"), priority=1),
        Column("Node", _at("spec", "nodeName", default="<none>"), priority=1),
        Column("Nominated Node", _at("status", "nominatedNodeName", default="<none>"), priority=1),
        Column("Readiness Gates", lambda _pod: "<none>", priority=1),
    ),
    "Deployment": (
        _NAME,
        Column("Ready", _deployment_ready),
        Column("Up-to-date", _at("status", "updatedReplicas", default=0), "integer"),
        Column("Available", _at("status", "availableReplicas", default=0), "integer"),
        _AGE,
        *_WORKLOAD_WIDE,
    ),
    "ReplicaSet": (
        _NAME,
        Column("Desired", _at("spec", "replicas", default=0), "integer"),
        Column("Current", _at("status", "replicas", default=0), "integer"),
        Column("Ready", _at("status", "readyReplicas", default=0), "integer"),
        _AGE,
        *_WORKLOAD_WIDE,
    ),
    "Rollout": (
        _NAME,
        Column("Desired", _at("spec", "replicas", default=0), "integer"),
        Column("Current", _at("status", "replicas", default=0), "integer"),
        Column("Up-to-date", _at("status", "updatedReplicas", default=0), "integer"),
        Column("Available", _at("status", "availableReplicas", default=0), "integer"),
        _AGE,
    ),
    "Service": (
        _NAME,
        Column("Type", _at("spec", "type")),
        Column("Cluster-IP", _at("spec", "clusterIP", default="None")),
        Column("External-IP", lambda _service: "<none>"),
        Column("Port(s)", _service_ports),
        _AGE,
        Column("Selector", _selector, priority=1),
    ),
    "Endpoints": (_NAME, Column("Endpoints", _endpoints), _AGE),
    "ConfigMap": (_NAME, Column("Data", _count("data"), "integer"), _AGE),
    "Secret": (
        _NAME,
        Column("Type", _at("type")),
        Column("Data", _count("data"), "integer"),
        _AGE,
    ),
    "ServiceAccount": (_NAME, Column("Secrets", _count("secrets"), "integer"), _AGE),
    "Namespace": (_NAME, Column("Status", _at("status", "phase")), _AGE),
    "Event": (
        Column("Last Seen", _event_seen),
        Column("Type", _at("type")),
        Column("Reason", _at("reason")),
        Column("Object", _event_object),
        Column("Message", _at("message")),
    ),
    "Application": (
        _NAME,
        Column("Sync Status", _at("status", "sync", "status")),
        Column("Health Status", _at("status", "health", "status")),
        Column("Revision", _at("status", "sync", "revision"), priority=10),
        Column("Project", _at("spec", "project"), priority=10),
    ),
    "ExternalSecret": (
        _NAME,
        Column("StoreType", _at("spec", "secretStoreRef", "kind")),
        Column("Store", _at("spec", "secretStoreRef", "name")),
        Column("Refresh Interval", _at("spec", "refreshInterval")),
        Column("Status", _condition("reason")),
        Column("Ready", _condition("status")),
    ),
}


def columns_of(resource: Resource) -> tuple[Column, ...]:
    """The columns of a kind; name and age for one without its own."""
    return _COLUMNS.get(resource.kind, (_NAME, _AGE))

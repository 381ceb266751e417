"""Status: what the kubelet reports of a pod and its containers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.clock import stamp
from sandbox.kubernetes.store import Obj


@dataclass
class ContainerState:
    """One container as it stands; `state` and `last` are in the API's own shape."""

    spec: Obj
    state: Obj
    last: Obj
    ready: bool = False
    restarts: int = 0
    container_id: str = ""

    @property
    def running(self) -> bool:
        """Whether the container's process runs."""
        return "running" in self.state

    def entry(self) -> Obj:
        """The container's entry in `status.containerStatuses`."""
        image = self.spec["image"]
        digest = hashlib.sha256(image.encode()).hexdigest()
        repository = image.rpartition(":")[0] if ":" in image.rpartition("/")[2] else image
        entry: Obj = {
            "name": self.spec["name"],
            "image": image,
            "imageID": f"{repository}@sha256:{digest}" if self.container_id else "",
            "lastState": self.last,
            "ready": self.ready,
            "restartCount": self.restarts,
            "started": self.running,
            "state": self.state,
        }
        return entry | ({"containerID": self.container_id} if self.container_id else {})


def waiting(reason: str, message: str = "") -> Obj:
    """A container that does not run yet, or not again."""
    return {"waiting": {"reason": reason} | ({"message": message} if message else {})}


def running(since: datetime) -> Obj:
    """A container that runs."""
    return {"running": {"startedAt": stamp(since)}}


def terminated(code: int, reason: str, since: str, until: datetime, container_id: str) -> Obj:
    """A container that has ended."""
    return {
        "terminated": {
            "containerID": container_id,
            "exitCode": code,
            "finishedAt": stamp(until),
            "reason": reason,
            "startedAt": since,
        }
    }


@dataclass(frozen=True)
class Placement:
    """Where a pod runs and since when."""

    host_ip: str
    pod_ip: str
    started: datetime


def pod_status(
    old: Obj, placement: Placement, containers: Sequence[ContainerState], now: datetime
) -> Obj:
    """A whole `status`; transition times move only where a condition changes."""
    unready = [one.spec["name"] for one in containers if not one.ready]
    why = ""
    if unready:
        why = f"containers with unready status: [{' '.join(unready)}]"
    conditions = [
        _condition(old, "PodReadyToStartContainers", "", placement.started),
        _condition(old, "Initialized", "", placement.started),
        _condition(old, "Ready", why, now),
        _condition(old, "ContainersReady", why, now),
        _condition(old, "PodScheduled", "", placement.started),
    ]
    started = any(one.running or one.last for one in containers)
    return {
        "phase": "Running" if started else "Pending",
        "conditions": conditions,
        "hostIP": placement.host_ip,
        "hostIPs": [{"ip": placement.host_ip}],
        "podIP": placement.pod_ip,
        "podIPs": [{"ip": placement.pod_ip}],
        "startTime": stamp(placement.started),
        "containerStatuses": [one.entry() for one in containers],
        "qosClass": _quality([one.spec for one in containers]),
    }


def _condition(old: Obj, type_: str, why: str, now: datetime) -> Obj:
    status = "False" if why else "True"
    before: dict[str, Any] = next(
        (one for one in old.get("conditions") or () if one["type"] == type_), {}
    )
    since = before["lastTransitionTime"] if before.get("status") == status else stamp(now)
    entry = {
        "type": type_,
        "status": status,
        "lastProbeTime": None,
        "lastTransitionTime": since,
    }
    return entry | ({"reason": "ContainersNotReady", "message": why} if why else {})


def _quality(specs: Sequence[Obj]) -> str:
    resources = [spec.get("resources") or {} for spec in specs]
    if not any(one.get("requests") or one.get("limits") for one in resources):
        return "BestEffort"
    full = all(
        {"cpu", "memory"} <= (one.get("limits") or {}).keys()
        and (one.get("requests") or one["limits"]) == one["limits"]
        for one in resources
    )
    return "Guaranteed" if full else "Burstable"

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

    @property
    def exit_code(self) -> int | None:
        """What it ended with; None while it has not ended, or will start again."""
        ended = self.state.get("terminated")
        return None if ended is None else int(ended["exitCode"])

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


DEADLINE = {
    "reason": "DeadlineExceeded",
    "message": "Pod was active on the node longer than the specified deadline",
}
"""What a pod's status says once its `activeDeadlineSeconds` are over (kubelet/active_deadline)."""


def pod_status(
    old: Obj,
    placement: Placement,
    containers: Sequence[ContainerState],
    now: datetime,
    *,
    expired: bool = False,
) -> Obj:
    """A whole `status`; transition times move only where a condition changes."""
    phase = "Failed" if expired else _phase(containers)
    unready = [one.spec["name"] for one in containers if not one.ready]
    why = ""
    if unready and phase != "Succeeded":
        why = f"containers with unready status: [{' '.join(unready)}]"
    reason = "PodCompleted" if phase == "Succeeded" else ""
    conditions = [
        _condition(old, "PodReadyToStartContainers", "", placement.started),
        _condition(old, "Initialized", "", placement.started),
        _condition(old, "Ready", why, now, reason),
        _condition(old, "ContainersReady", why, now, reason),
        _condition(old, "PodScheduled", "", placement.started),
    ]
    return {
        "phase": phase,
        **(DEADLINE if expired else {}),
        "conditions": conditions,
        "hostIP": placement.host_ip,
        "hostIPs": [{"ip": placement.host_ip}],
        "podIP": placement.pod_ip,
        "podIPs": [{"ip": placement.pod_ip}],
        "startTime": stamp(placement.started),
        "containerStatuses": [one.entry() for one in containers],
        "qosClass": _quality([one.spec for one in containers]),
    }


def _phase(containers: Sequence[ContainerState]) -> str:
    """Source: Kubernetes, `pkg/kubelet/kubelet_pods.go` (getPhase)."""
    codes = [one.exit_code for one in containers]
    if all(code is not None for code in codes):
        return "Failed" if any(codes) else "Succeeded"
    started = any(one.running or one.last or one.exit_code is not None for one in containers)
    return "Running" if started else "Pending"


def _condition(old: Obj, type_: str, why: str, now: datetime, reason: str = "") -> Obj:
    status = "False" if why or reason else "True"
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
    if reason:
        return entry | {"reason": reason}
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

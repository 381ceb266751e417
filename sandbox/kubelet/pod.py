"""PodRun: one pod from its scheduling to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from sandbox.clock import moment
from sandbox.events import Events
from sandbox.kubelet.runtime import Launcher
from sandbox.kubelet.status import (
    DEADLINE,
    ContainerState,
    Placement,
    pod_status,
    terminated,
    waiting,
)
from sandbox.kubernetes.logs import Logs
from sandbox.kubernetes.store import Obj, Store
from sandbox.network import Network

_OLD = timedelta(seconds=10)
_KILLED = 137


@dataclass(frozen=True)
class Node:
    """One machine of the cluster."""

    name: str
    ip: str


@dataclass(frozen=True)
class Pace:
    """How long things take in the sandbox, in seconds; probes keep their own periods.

    A container is probed as soon as it listens: nobody waits for an initial delay.
    """

    backoff_s: float = 1.0
    """The first wait before a crashed container is started again; it doubles each time."""

    backoff_max_s: float = 10.0
    config_retry_s: float = 1.0


DEFAULT_PACE = Pace()


@dataclass
class PodRun:
    """One pod. A pod that was created long ago is as old as it says until it is first ready."""

    store: Store
    logs: Logs
    network: Network
    events: Events
    launch: Launcher
    pace: Pace
    http: httpx.AsyncClient
    pod: Obj
    node: Node
    ip: str
    lag: timedelta = field(init=False)
    states: list[ContainerState] = field(init=False)
    expired: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        age = datetime.now(UTC) - moment(self.pod["metadata"]["creationTimestamp"])
        self.lag = age if age > _OLD else timedelta()
        self.states = [
            ContainerState(spec, waiting("ContainerCreating"), {})
            for spec in self.pod["spec"]["containers"]
        ]

    @property
    def namespace(self) -> str:
        """The pod's namespace."""
        return str(self.pod["metadata"]["namespace"])

    @property
    def name(self) -> str:
        """The pod's name."""
        return str(self.pod["metadata"]["name"])

    @property
    def deadline_s(self) -> float | None:
        """How long it may be active, in seconds; None for as long as it likes."""
        given = self.pod["spec"].get("activeDeadlineSeconds")
        return None if given is None else float(given)

    def starts_again(self, code: int) -> bool:
        """Whether a container that ended with that code is started again."""
        policy = self.pod["spec"].get("restartPolicy", "Always")
        return policy == "Always" or (policy == "OnFailure" and code != 0)

    def expire(self) -> None:
        """The deadline is over: what still runs is killed."""
        self.expired = True
        for one in self.states:
            if one.running:
                since = one.state["running"]["startedAt"]
                one.state = terminated(_KILLED, "Error", since, self.now(), one.container_id)
            one.ready = False
        self.tell(DEADLINE["reason"], DEADLINE["message"])
        self.report()

    def now(self) -> datetime:
        """The time in the pod's own life."""
        return datetime.now(UTC) - self.lag

    def schedule(self) -> None:
        """Gives the pod its node and its address; the first thing that happens to it."""

        def bind(obj: Obj) -> None:
            obj["spec"]["nodeName"] = self.node.name

        self.pod = self.store.change(
            "Pod", self.namespace, self.name, bind, manager="kube-scheduler"
        )
        self._placement = Placement(self.node.ip, self.ip, self.now())
        message = f"Successfully assigned {self.namespace}/{self.name} to {self.node.name}"
        self.events.emit(
            self.pod, "Scheduled", message, component="default-scheduler", at=self.now()
        )
        self.report()

    def end(self) -> None:
        """Takes away what the pod leaves: its addresses and its logs."""
        self.network.withdraw_pod(self.namespace, self.name)
        self.logs.drop(self.namespace, self.name)

    def report(self) -> None:
        """Writes the pod's status, unless the pod is gone."""
        current = self.store.find("Pod", self.namespace, self.name)
        if current is None or current["metadata"]["uid"] != self.pod["metadata"]["uid"]:
            return
        old = current.get("status") or {}
        current["status"] = pod_status(
            old, self._placement, self.states, self.now(), expired=self.expired
        )
        self.pod = self.store.update(current, manager="kubelet", subresource="status")

    def tell(
        self, reason: str, message: str, *, container: str = "", warning: bool = False
    ) -> None:
        """Emits an event about the pod, or about one of its containers."""
        field_path = f"spec.containers{{{container}}}" if container else ""
        self.events.emit(
            self.pod,
            reason,
            message,
            component="kubelet",
            warning=warning,
            at=self.now(),
            field=field_path,
        )

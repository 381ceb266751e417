"""Small clusters for tests: a store, its controllers and a kubelet whose containers are doubles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sandbox.admission import Admission
from sandbox.clock import Clock
from sandbox.controllers import Controllers
from sandbox.events import Events
from sandbox.kubelet import Kubelet, Machine
from sandbox.kubelet.pod import Pace
from sandbox.kubelet.runtime import Clock as PodClock
from sandbox.kubelet.runtime import Exited
from sandbox.kubernetes.logs import LogBuffer, Logs
from sandbox.kubernetes.store import Obj, Store
from sandbox.network import Address, Network

NAMESPACE = "shop"


@dataclass
class Double:
    """A container's work: listens nowhere, or exits as often as it is told to."""

    env: Mapping[str, str]
    log: LogBuffer
    exits: list[Exited]
    ports: dict[int, Address] = field(default_factory=dict)
    stopped: bool = False

    async def start(self) -> None:
        self.log.append("started")
        if self.exits:
            raise self.exits.pop(0)
        self.ports[8005] = ("127.0.0.1", 9)

    async def stop(self) -> None:
        self.stopped = True


class Cluster:
    """What a test looks at and pushes."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = Store(clock=self.clock)
        self.network = Network(NAMESPACE)
        self.logs = Logs()
        self.admission = Admission()
        self.runs: list[Double] = []
        self.exits: list[Exited] = []
        events = Events(self.store, self.clock)
        self.controllers = Controllers(self.store, self.network, events, self.admission)
        pace = Pace(backoff_s=0.02, backoff_max_s=0.05, config_retry_s=0.02)
        self.kubelet = Kubelet(
            Machine(self.store, self.logs, self.network, events, self._launch, pace)
        )
        self.store.create({"kind": "Namespace", "metadata": {"name": NAMESPACE}})

    def _launch(
        self, pod: Obj, container: Obj, env: Mapping[str, str], log: LogBuffer, now: PodClock
    ) -> Double:
        double = Double(env, log, self.exits)
        self.runs.append(double)
        return double

    def pods(self) -> list[Obj]:
        return self.store.list("Pod", NAMESPACE)

    def deployment(self, name: str = "web") -> Obj:
        return self.store.get("Deployment", NAMESPACE, name)

    def reasons(self) -> list[str]:
        return [event["reason"] for event in self.store.list("Event", NAMESPACE)]


@asynccontextmanager
async def cluster() -> AsyncIterator[Cluster]:
    """A running cluster; a crash of its machinery fails the test."""
    world = Cluster()
    tasks = [
        asyncio.create_task(world.controllers.run()),
        asyncio.create_task(world.kubelet.run()),
    ]
    try:
        yield world
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await world.kubelet.close()
        world.controllers.close()


def deployment(name: str = "web", *, replicas: int = 1, **container: Any) -> Obj:
    """A Deployment manifest with one container."""
    labels = {"app.kubernetes.io/name": name}
    spec = {
        "name": name,
        "image": f"registry.example.com/{name}:1",
        "ports": [{"name": "http", "containerPort": 8005}],
        **container,
    }
    return {
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [spec]}},
        },
    }

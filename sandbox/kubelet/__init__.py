"""Kubelet: runs the pods of the store, probes them and reports what became of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx

from sandbox.events import Events
from sandbox.kubelet import probes
from sandbox.kubelet.container import run_pod
from sandbox.kubelet.pod import DEFAULT_PACE, Node, Pace, PodRun
from sandbox.kubelet.runtime import Launcher
from sandbox.kubernetes.logs import Logs
from sandbox.kubernetes.store import Change, Obj, Store
from sandbox.network import Network

NODES = tuple(
    Node(f"ip-10-0-{zone}-10.ap-northeast-2.compute.internal", f"10.0.{zone}.10")
    for zone in (1, 2, 3)
)


@dataclass(frozen=True)
class Machine:
    """What the kubelet works with."""

    store: Store
    logs: Logs
    network: Network
    events: Events
    launch: Launcher
    pace: Pace = DEFAULT_PACE


class Kubelet:
    """One for all nodes: starts a pod when it is created, ends it when it is deleted."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._http: httpx.AsyncClient = probes.client()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ended: set[asyncio.Task[None]] = set()
        self._placed = 0
        self._broken: asyncio.Future[None] | None = None
        self._unsubscribe = machine.store.subscribe(self._noticed)

    async def run(self) -> None:
        """Takes up the pods that are there and waits; raises what breaks a pod's own task."""
        self._broken = asyncio.get_running_loop().create_future()
        for pod in self._machine.store.list("Pod"):
            self._start(pod)
        await self._broken

    async def close(self) -> None:
        """Ends every pod and returns when all are gone."""
        self._unsubscribe()
        tasks = [*self._tasks.values(), *self._ended]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._http.aclose()

    def _noticed(self, change: Change) -> None:
        if change.obj["kind"] != "Pod" or self._broken is None:
            return
        uid = change.obj["metadata"]["uid"]
        if change.type == "ADDED":
            self._start(change.obj)
        elif change.type == "DELETED" and uid in self._tasks:
            task = self._tasks.pop(uid)
            self._ended.add(task)
            task.cancel()

    def _start(self, pod: Obj) -> None:
        uid = pod["metadata"]["uid"]
        if uid in self._tasks:
            return
        self._placed += 1
        machine = self._machine
        pod_run = PodRun(
            store=machine.store,
            logs=machine.logs,
            network=machine.network,
            events=machine.events,
            launch=machine.launch,
            pace=machine.pace,
            http=self._http,
            pod=pod,
            node=NODES[self._placed % len(NODES)],
            ip=f"10.0.{20 + self._placed // 250}.{self._placed % 250 + 4}",
        )
        task = asyncio.create_task(run_pod(pod_run), name=f"pod {pod['metadata']['name']}")
        self._tasks[uid] = task
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._ended.discard(task)
        if task.cancelled() or self._broken is None or self._broken.done():
            return
        error = task.exception()
        if error is not None:
            self._broken.set_exception(error)

"""ContainerRun: a container of a pod, started, probed, and started again after it ended."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

from sandbox.kubelet import environment, probes
from sandbox.kubelet.pod import PodRun
from sandbox.kubelet.runtime import Elsewhere, Exited, Runtime
from sandbox.kubelet.status import ContainerState, running, terminated, waiting
from sandbox.kubernetes.logs import LogBuffer
from sandbox.kubernetes.store import Obj

_STARTUP_KILLED = 143
_STOP_LIMIT_S = 5.0


async def run_pod(pod: PodRun) -> None:
    """Schedules a pod and runs its containers, until cancelled.

    One whose containers have all ended stays, with its logs, until somebody deletes it.
    """
    pod.schedule()
    try:
        try:
            async with asyncio.timeout(pod.deadline_s), asyncio.TaskGroup() as containers:
                for state in pod.states:
                    containers.create_task(ContainerRun(pod, state).run())
        except TimeoutError:
            pod.expire()
        await asyncio.Event().wait()
    finally:
        pod.end()


class _Unhealthy(Exception):
    """The liveness probe failed as often as it may."""


class ContainerRun:
    """One container. `state` is what the pod reports of it."""

    def __init__(self, pod: PodRun, state: ContainerState) -> None:
        self._pod = pod
        self._state = state
        self._spec = state.spec
        self._name: str = state.spec["name"]

    async def run(self) -> None:
        """Runs the container as often as the pod's restart policy wants, until cancelled."""
        while True:
            env = await self._environment()
            log = self._pod.logs.open(self._pod.namespace, self._pod.name, self._name)
            self._begin()
            try:
                code, reason = await self._once(env, log)
            finally:
                log.close()
            self._end(code, reason)
            if not self._pod.starts_again(code):
                return
            await self._back_off()

    async def _environment(self) -> dict[str, str]:
        """The container's variables, once everything it refers to is there."""
        while True:
            try:
                return environment.resolve(self._pod.store, self._pod.pod, self._spec)
            except environment.ConfigError as error:
                self._report(waiting("CreateContainerConfigError", str(error)))
                self._tell("Failed", f"Error: {error}", warning=True)
            await asyncio.sleep(self._pod.pace.config_retry_s)

    def _begin(self) -> None:
        image = self._spec["image"]
        if self._state.restarts == 0:
            self._tell("Pulling", f'Pulling image "{image}"')
        self._tell(
            "Pulled", f'Successfully pulled image "{image}" in 1.2s (1.2s including waiting)'
        )
        self._tell("Created", f"Created container: {self._name}")
        self._tell("Started", f"Started container {self._name}")
        self._state.container_id = f"containerd://{secrets.token_hex(32)}"
        self._report(running(self._pod.now()))

    async def _once(self, env: dict[str, str], log: LogBuffer) -> tuple[int, str]:
        """One run to its end: the exit code and the reason."""
        runtime = self._pod.launch(self._pod.pod, self._spec, env, log, self._pod.now)
        try:
            async with _stopping(runtime):
                await self._live(runtime)
        except Exited as exited:
            return exited.code, exited.reason
        except _Unhealthy:
            return (0, "Completed") if runtime.ports else (_STARTUP_KILLED, "Error")
        return 0, "Completed"

    async def _live(self, runtime: Runtime) -> None:
        """Starts it and probes it meanwhile. Raises Exited or _Unhealthy at its end."""
        listening = asyncio.Event()
        tasks = [
            asyncio.create_task(self._start(runtime, listening)),
            asyncio.create_task(self._readiness(runtime, listening)),
            asyncio.create_task(self._liveness(runtime)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            self._pod.network.withdraw_pod(self._pod.namespace, self._pod.name)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _start(self, runtime: Runtime, listening: asyncio.Event) -> None:
        await runtime.start()
        for port, address in runtime.ports.items():
            self._pod.network.publish_pod(self._pod.namespace, self._pod.name, port, address)
        listening.set()

    async def _readiness(self, runtime: Runtime, listening: asyncio.Event) -> None:
        probe = self._spec.get("readinessProbe") or {}
        limit = probe.get("initialDelaySeconds", 0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(listening.wait(), limit if "httpGet" in probe else None)
        failures = 0
        while True:
            failed = await self._ask(probe, runtime)
            failures = failures + 1 if failed else 0
            if failed:
                self._tell("Unhealthy", f"Readiness probe failed: {failed}", warning=True)
            if not failures or failures >= probe.get("failureThreshold", 3):
                self._ready(not failed)
            await asyncio.sleep(probe.get("periodSeconds", 10))

    async def _liveness(self, runtime: Runtime) -> None:
        probe = self._spec.get("livenessProbe") or {}
        old = bool(self._pod.lag)
        await asyncio.sleep(0 if old else probe.get("initialDelaySeconds", 0))
        failures = 0
        while True:
            await asyncio.sleep(probe.get("periodSeconds", 10))
            failed = await self._ask(probe, runtime)
            failures = failures + 1 if failed else 0
            if failed:
                self._tell("Unhealthy", f"Liveness probe failed: {failed}", warning=True)
            if failures and failures >= probe["failureThreshold"]:
                message = f"Container {self._name} failed liveness probe, will be restarted"
                self._tell("Killing", message)
                raise _Unhealthy

    async def _ask(self, probe: Obj, runtime: Runtime) -> str:
        """What is wrong, or empty; a container that nobody serves is well."""
        if "httpGet" not in probe or (isinstance(runtime, Elsewhere) and not runtime.ports):
            return ""
        port = probes.http_port(self._spec, probe)
        address = runtime.ports.get(port)
        return await probes.ask(self._pod.http, probe, f"{self._pod.ip}:{port}", address)

    def _ready(self, ready: bool) -> None:
        if ready == self._state.ready:
            return
        self._state.ready = ready
        self._pod.report()
        if ready:
            self._pod.lag = timedelta()

    def _end(self, code: int, reason: str) -> None:
        state = self._state
        since = state.state["running"]["startedAt"]
        ended = terminated(code, reason, since, self._pod.now(), state.container_id)
        self._pod.lag = timedelta()
        state.ready = False
        self._report(ended)

    async def _back_off(self) -> None:
        """Waits before the next run, as a container in CrashLoopBackOff does."""
        state, pace = self._state, self._pod.pace
        delay = min(pace.backoff_max_s, pace.backoff_s * 2**state.restarts)
        where = f"{self._name} in pod {self._pod.name}_{self._pod.namespace}"
        uid = self._pod.pod["metadata"]["uid"]
        told = f"restarting failed container={self._name} pod={self._pod.name}"
        state.last = state.state
        shown = 10 * 2 ** min(state.restarts, 5)
        message = f"back-off {min(shown, 300)}s {told}_{self._pod.namespace}({uid})"
        self._report(waiting("CrashLoopBackOff", message))
        self._tell("BackOff", f"Back-off restarting failed container {where}({uid})", warning=True)
        await asyncio.sleep(delay)
        state.restarts += 1

    def _report(self, state: Obj) -> None:
        self._state.state = state
        self._pod.report()

    def _tell(self, reason: str, message: str, *, warning: bool = False) -> None:
        self._pod.tell(reason, message, container=self._name, warning=warning)


@contextlib.asynccontextmanager
async def _stopping(runtime: Runtime) -> AsyncIterator[None]:
    """Stops the runtime at the end, also when cancelled, in bounded time."""
    try:
        yield
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(runtime.stop()), _STOP_LIMIT_S)

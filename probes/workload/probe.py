"""Observing the workload: its controller, its pods, the environment and the start of one of them.

Two turns of requests, each all at once: the controller beside the pods its label suggests, then
what the chosen pod refers to, beside the start of its log and, only where something is not ready,
the namespace's warnings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from probes.budget import Budget
from probes.logline import parse, startup
from probes.model import (
    ControllerSeen,
    EnvironmentSeen,
    Failure,
    FailureKind,
    PodSeen,
    ProbeError,
    StartupSeen,
    WorkloadSeen,
)
from probes.pods import newest_first, pod_seen
from probes.profile import Profile
from probes.rawjson import Obj, mapping, name_of, objects
from probes.reach.apipath import APPS, ARGOPROJ, CORE, namespaced
from probes.reach.cluster import Cluster
from probes.secrecy import secrets_of
from probes.text import Redactor
from probes.workload.controller import (
    container_of,
    controller_seen,
    referred,
    selector_of,
    with_template,
)
from probes.workload.environment import fetch, resolve, uses, without_pod
from probes.workload.events import Warnings, warnings_about

LABEL = "app.kubernetes.io/name"
_START_BYTES = "65536"
_START_S = 2.0
_KINDS = (("Deployment", APPS, "deployments"), ("Rollout", ARGOPROJ, "rollouts"))


@dataclass(frozen=True, slots=True)
class _Controller:
    kind: str
    obj: Obj


async def observe(cluster: Cluster, profile: Profile, *, timeout_s: float) -> WorkloadSeen:
    """The workload as Kubernetes shows it, within `timeout_s` seconds.

    A part that could not be read is a `Failure` in its place. Raises ProbeError where nothing
    can be seen at all: no cluster, no such namespace, no permission for anything.
    """
    budget = Budget(timeout_s)
    await cluster.ready(budget.left())
    look = _Look(cluster, profile, budget)
    controller, pods = await asyncio.gather(look.controller(), look.labelled_pods())
    if isinstance(controller, Failure) and not isinstance(pods, Failure) and not pods:
        await look.raise_if_no_namespace()
    pods = await look.selected(controller, pods)
    if isinstance(controller, Failure) and isinstance(pods, Failure):
        raise ProbeError(_worse(controller, pods))
    return await look.closer(controller, pods)


class _Look:
    """One observation under way."""

    def __init__(self, cluster: Cluster, profile: Profile, budget: Budget) -> None:
        self._cluster = cluster
        self._profile = profile
        self._budget = budget
        self._namespace = cluster.namespace

    async def controller(self) -> _Controller | Failure:
        """The Deployment, else the Rollout, whose template may stand in a Deployment."""
        found = await self._named()
        if isinstance(found, Failure):
            return found
        if found.kind == "Rollout":
            lender = referred(found.obj)
            deployment = await self._found("deployments", APPS, lender) if lender else None
            return replace(found, obj=with_template(found.obj, deployment)) if deployment else found
        if mapping(found.obj, "spec").get("replicas") == 0:
            rollout = await self._found("rollouts", ARGOPROJ, self._profile.workload)
            if rollout and referred(rollout) == self._profile.workload:
                return _Controller("Rollout", with_template(rollout, found.obj))
        return found

    async def _found(self, resource: str, version: str, name: str) -> Obj | None:
        """The object, or None where it is not there, or not for us."""
        try:
            return await self._get(version, resource, name)
        except ProbeError:
            return None

    async def _named(self) -> _Controller | Failure:
        """The one of the workload's name; a cluster without Rollouts is as good as one with."""
        failure = self._absent()
        for kind, version, resource in _KINDS:
            try:
                return _Controller(kind, await self._get(version, resource, self._profile.workload))
            except ProbeError as error:
                if error.failure.kind is FailureKind.NOT_FOUND:
                    continue
                return error.failure if failure.kind is FailureKind.NOT_FOUND else failure
        return failure

    async def labelled_pods(self) -> tuple[Obj, ...] | Failure:
        """The pods whose label is the workload's name."""
        return await self._pods(f"{LABEL}={self._profile.workload}")

    async def selected(
        self, controller: _Controller | Failure, guessed: tuple[Obj, ...] | Failure
    ) -> tuple[Obj, ...] | Failure:
        """The pods that the controller itself selects, where its selector is another."""
        if isinstance(controller, Failure):
            return guessed
        labels = mapping(mapping(mapping(controller.obj, "spec"), "selector"), "matchLabels")
        selector = selector_of(controller.obj)
        within = labels.get(LABEL) == self._profile.workload and " " not in selector
        if within and not isinstance(guessed, Failure):
            wanted = labels.items()
            return tuple(one for one in guessed if wanted <= _labels(one).items())
        return await self._pods(selector) if selector else guessed

    async def closer(
        self, controller: _Controller | Failure, pods: tuple[Obj, ...] | Failure
    ) -> WorkloadSeen:
        """The second turn of requests, about the pod that stands for the running container."""
        found: tuple[Obj, ...] = () if isinstance(pods, Failure) else pods
        seen = newest_first(pod_seen(one) for one in found)
        chosen = choose(seen)
        raw = next((one for one in found if chosen and name_of(one) == chosen.name), None)
        told = self._controller_seen(controller)
        environment, log, events = await asyncio.gather(
            self._environment(raw, controller),
            self._start_of_log(chosen),
            self._events(told, seen),
        )
        denied = tuple(one for one in (pods, events.missing) if isinstance(one, Failure))
        return WorkloadSeen(
            namespace=self._namespace,
            name=self._profile.workload,
            controller=told,
            pods=seen,
            environment=environment,
            startup=self._started(chosen, log, environment),
            events=events.events,
            denied=denied,
        )

    async def raise_if_no_namespace(self) -> None:
        """Raises ProbeError where the namespace itself does not exist."""
        try:
            await self._cluster.get(
                f"/{CORE}/namespaces/{self._namespace}", timeout_s=self._budget.left()
            )
        except ProbeError as error:
            if error.failure.kind is FailureKind.NOT_FOUND:
                sentence = f"there is no namespace {self._namespace}: give the right one with -n"
                failure = Failure(FailureKind.NOT_FOUND, sentence, asked=error.failure.asked)
                raise ProbeError(failure) from error

    def _absent(self) -> Failure:
        name = self._profile.workload
        sentence = (
            f"there is no Deployment or Rollout {name} in namespace {self._namespace}, "
            f"and no pod labelled {LABEL}={name}"
        )
        return Failure(
            FailureKind.NOT_FOUND, sentence, asked=f"get deployments {name} in {self._namespace}"
        )

    async def _get(self, version: str, resource: str, name: str = "") -> Obj:
        path = namespaced(version, self._namespace, resource, name)
        return await self._cluster.get(path, timeout_s=self._budget.left())

    async def _pods(self, selector: str) -> tuple[Obj, ...] | Failure:
        path = namespaced(CORE, self._namespace, "pods")
        try:
            found = await self._cluster.get(
                path, {"labelSelector": selector}, timeout_s=self._budget.left()
            )
        except ProbeError as error:
            return error.failure
        return objects(found, "items")

    def _controller_seen(self, controller: _Controller | Failure) -> ControllerSeen | Failure:
        if isinstance(controller, Failure):
            return controller
        return controller_seen(controller.obj, controller.kind, self._profile.container)

    async def _environment(
        self, pod: Obj | None, controller: _Controller | Failure
    ) -> EnvironmentSeen | Failure:
        """Of the chosen pod; without a pod, what a new one would have."""
        template = pod
        if pod is None:
            if isinstance(controller, Failure):
                return controller
            template = mapping(mapping(controller.obj, "spec"), "template")
        container = container_of(template or {}, self._profile.container)
        if container is None:
            return self._no_container(template or {})
        limit = self._budget.left()
        found = await fetch(self._cluster, self._namespace, uses(container), limit)
        environment = resolve(template or {}, container, found)
        self._cluster.protect(secrets_of(environment))
        return environment if pod is not None else without_pod(environment)

    def _no_container(self, pod: Obj) -> Failure:
        names = [str(one.get("name")) for one in objects(mapping(pod, "spec"), "containers")]
        sentence = (
            f"the pods have no container {self._profile.container} (they have: "
            f"{', '.join(names) or 'none'}): set `container` of the profile"
        )
        return Failure(FailureKind.NOT_FOUND, sentence, asked=f"containers of {name_of(pod)}")

    async def _start_of_log(self, pod: PodSeen | None) -> str:
        """The beginning of the chosen container's log; empty where it cannot be had in time."""
        container = pod.container(self._profile.container) if pod else None
        if pod is None or container is None or not (container.started_at or container.restarts):
            return ""
        path = namespaced(CORE, self._namespace, "pods", pod.name, "log")
        params = {"container": container.name, "limitBytes": _START_BYTES}
        limit = min(_START_S, self._budget.left())
        try:
            return await self._cluster.text(path, params, timeout_s=limit)
        except ProbeError:
            return ""  # the logs probe asks again, and tells why it was not answered

    def _started(
        self, pod: PodSeen | None, log: str, environment: EnvironmentSeen | Failure
    ) -> StartupSeen | None:
        if pod is None or not log:
            return None
        # Unredacted: the addresses in it are compared with those of the environment.
        told = startup(pod.name, (parse(pod.name, line) for line in log.split("\n")))
        if told is None or isinstance(environment, Failure):
            return told
        hide = Redactor(secrets_of(environment))
        return replace(told, migration_error=hide(told.migration_error))

    async def _events(
        self, controller: ControllerSeen | Failure, pods: Sequence[PodSeen]
    ) -> Warnings:
        if settled(controller, pods):
            return Warnings(())
        try:
            return await warnings_about(
                self._cluster, self._namespace, self._profile.workload, self._budget.left()
            )
        except ProbeError as error:
            return Warnings((), error.failure)


def choose(pods: Sequence[PodSeen]) -> PodSeen | None:
    """The pod that stands for the running container: `pods` are newest first.

    A ready one that is not on its way out, else one that runs, else the newest.
    """
    staying = [one for one in pods if not one.deleting]
    ready = (one for one in staying if one.ready)
    running = (one for one in staying if one.phase == "Running")
    return next(ready, None) or next(running, None) or next(iter(pods), None)


def settled(controller: ControllerSeen | Failure, pods: Sequence[PodSeen]) -> bool:
    """Whether everything is as it should be, so that no event is of interest."""
    if isinstance(controller, Failure) or not controller.observed:
        return False
    if any(one.type == "ReplicaFailure" and one.status == "True" for one in controller.conditions):
        return False
    if any(not one.ready and not one.deleting for one in pods):
        return False
    counts = (controller.updated, controller.ready, controller.available)
    return all(one >= controller.desired for one in counts)


def _worse(controller: Failure, pods: Failure) -> Failure:
    """Of two failures the one that is not merely `it is not there`."""
    return pods if controller.kind is FailureKind.NOT_FOUND else controller


def _labels(obj: Obj) -> Obj:
    return mapping(mapping(obj, "metadata"), "labels")

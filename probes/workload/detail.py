"""Looking at one pod on demand: its containers, environment and events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from probes.budget import Budget
from probes.model import (
    ContainerDetail,
    EnvironmentSeen,
    EventSeen,
    Failure,
    FailureKind,
    PodDetail,
    ProbeError,
    VariableShown,
)
from probes.pods import container_seen, mapping, objects, pod_seen, text, texts
from probes.profile import Profile
from probes.reach.apipath import CORE, namespaced
from probes.reach.cluster import Cluster
from probes.workload.controller import container_of
from probes.workload.environment import fetch, resolve, uses
from probes.workload.events import events_of
from probes.workload.shown import shown

Obj = Mapping[str, Any]


async def pod_detail(
    cluster: Cluster, profile: Profile, namespace: str, name: str, *, timeout_s: float
) -> PodDetail:
    """The pod within `timeout_s` seconds. Raises ProbeError where it cannot be read."""
    budget = Budget(timeout_s)
    path = namespaced(CORE, namespace, "pods", name)
    obj = await cluster.get(path, timeout_s=budget.left())
    environment, events = await asyncio.gather(
        _environment(cluster, profile, namespace, obj, budget),
        _events(cluster, namespace, name, budget),
    )
    hidden = environment.failures() if isinstance(environment, EnvironmentSeen) else ()
    return PodDetail(
        pod=pod_seen(obj),
        node=text(mapping(obj, "spec"), "nodeName"),
        containers=tuple(_containers(obj)),
        variables=_variables(environment),
        unreadable=hidden,
        absent=_absent(environment),
        events=events,
    )


def _variables(environment: EnvironmentSeen | Failure) -> tuple[VariableShown, ...] | Failure:
    return environment if isinstance(environment, Failure) else shown(environment)


def _absent(environment: EnvironmentSeen | Failure) -> tuple[str, ...]:
    if isinstance(environment, Failure):
        return ()
    return tuple(
        f"{one.kind} {one.name}" for one in environment.references if one.state == "absent"
    )


async def _environment(
    cluster: Cluster, profile: Profile, namespace: str, obj: Obj, budget: Budget
) -> EnvironmentSeen | Failure:
    container = container_of(obj, profile.container)
    if container is None:
        sentence = f"the pod has no container {profile.container}"
        return Failure(FailureKind.NOT_FOUND, sentence)
    found = await fetch(cluster, namespace, uses(container), budget.left())
    return resolve(obj, container, found)


async def _events(
    cluster: Cluster, namespace: str, name: str, budget: Budget
) -> tuple[EventSeen, ...] | Failure:
    try:
        return await events_of(cluster, namespace, name, budget.left())
    except ProbeError as error:
        return error.failure


def _containers(obj: Obj) -> Iterator[ContainerDetail]:
    spec, status = mapping(obj, "spec"), mapping(obj, "status")
    for init, specs, statuses in (
        (True, "initContainers", "initContainerStatuses"),
        (False, "containers", "containerStatuses"),
    ):
        by_name = {text(one, "name"): one for one in objects(status, statuses)}
        for one in objects(spec, specs):
            resources = mapping(one, "resources")
            yield ContainerDetail(
                container_seen(one, by_name.get(text(one, "name"), {})),
                init,
                texts(mapping(resources, "requests")),
                texts(mapping(resources, "limits")),
            )

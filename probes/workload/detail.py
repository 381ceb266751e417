"""Looking at one pod on demand: its containers, environment and events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

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
from probes.pods import container_seen, pod_seen
from probes.profile import Profile
from probes.rawjson import Obj, mapping, name_of, objects, text, texts
from probes.reach.apipath import CORE, namespaced
from probes.reach.cluster import Cluster
from probes.secrecy import secrets_of
from probes.text import Redactor
from probes.workload.controller import container_of
from probes.workload.environment import fetch, resolve, uses
from probes.workload.events import events_of
from probes.workload.probing import probes_of
from probes.workload.shown import shown


async def pod_detail(
    cluster: Cluster, profile: Profile, namespace: str, name: str, *, timeout_s: float
) -> PodDetail:
    """The pod within `timeout_s` seconds. Raises ProbeError where it cannot be read."""
    budget = Budget(timeout_s)
    obj = await _pod(cluster, namespace, name, budget)
    environment, events = await asyncio.gather(
        _environment(cluster, profile, namespace, obj, budget),
        _events(cluster, namespace, name, budget),
    )
    known = environment if isinstance(environment, EnvironmentSeen) else None
    redact = Redactor(secrets_of(known) if known else ())
    return PodDetail(
        pod=pod_seen(obj),
        node=text(mapping(obj, "spec"), "nodeName"),
        containers=tuple(_containers(obj, redact)),
        container=profile.container,
        variables=_variables(environment),
        unreadable=known.failures() if known else (),
        absent=tuple(_absent(known)) if known else (),
        events=_redacted(events, redact),
    )


async def _pod(cluster: Cluster, namespace: str, name: str, budget: Budget) -> Obj:
    """By a list of one: that takes no right that the sweeps have not."""
    path = namespaced(CORE, namespace, "pods")
    only = {"fieldSelector": f"metadata.name={name}"}
    found = await cluster.get(path, only, timeout_s=budget.left())
    pods = (one for one in objects(found, "items") if name_of(one) == name)
    pod = next(pods, None)
    if pod is None:
        sentence = f"there is no pod {name} in namespace {namespace} any more"
        raise ProbeError(
            Failure(FailureKind.NOT_FOUND, sentence, asked=f"list pods in {namespace}")
        )
    return pod


def _variables(environment: EnvironmentSeen | Failure) -> tuple[VariableShown, ...] | Failure:
    return environment if isinstance(environment, Failure) else shown(environment)


def _absent(environment: EnvironmentSeen) -> Iterator[str]:
    for one in environment.references:
        if one.state == "absent":
            yield f"{one.kind} {one.name}{' (optional)' if one.optional else ''}"


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


def _redacted(
    events: tuple[EventSeen, ...] | Failure, redact: Redactor
) -> tuple[EventSeen, ...] | Failure:
    if isinstance(events, Failure):
        return events
    return tuple(replace(one, message=redact(one.message)) for one in events)


def _containers(obj: Obj, redact: Redactor) -> Iterator[ContainerDetail]:
    spec, status = mapping(obj, "spec"), mapping(obj, "status")
    for init, specs, statuses in (
        (True, "initContainers", "initContainerStatuses"),
        (False, "containers", "containerStatuses"),
    ):
        by_name = {text(one, "name"): one for one in objects(status, statuses)}
        for one in objects(spec, specs):
            yield _container(one, by_name.get(text(one, "name"), {}), init, redact)


def _container(spec: Obj, status: Obj, init: bool, redact: Redactor) -> ContainerDetail:
    resources, seen = mapping(spec, "resources"), container_seen(spec, status)
    return ContainerDetail(
        replace(seen, args=tuple(map(redact, seen.args))),
        init,
        texts(mapping(resources, "requests")),
        texts(mapping(resources, "limits")),
        probes_of(spec),
    )

"""Services: which pod stands behind one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from probes.model import Failure, FailureKind, PodSeen, ProbeError
from probes.pods import newest_first, pod_seen
from probes.rawjson import mapping, objects
from probes.reach.apipath import CORE, namespaced
from probes.reach.cluster import Cluster
from probes.servicename import Service


@dataclass(frozen=True, slots=True)
class Backend:
    """One pod's port behind a Service."""

    namespace: str
    pod: str
    port: int


async def backend(cluster: Cluster, service: Service, port: int, timeout_s: float) -> Backend:
    """A ready pod behind the Service, and the number of its port. Raises ProbeError."""
    found = await cluster.get(
        namespaced(CORE, service.namespace, "services", service.name), timeout_s=timeout_s
    )
    spec = mapping(found, "spec")
    selector = mapping(spec, "selector")
    if not selector:
        raise _nobody(service, "it selects no pods")
    listed = await cluster.get(
        namespaced(CORE, service.namespace, "pods"),
        {"labelSelector": ",".join(f"{key}={value}" for key, value in sorted(selector.items()))},
        timeout_s=timeout_s,
    )
    pods = {str(mapping(one, "metadata").get("name")): one for one in objects(listed, "items")}
    chosen = _ready(pods.values())
    if chosen is None:
        count = f"none of its {len(pods)} pods is ready" if pods else "it has no pods"
        raise _nobody(service, count)
    number = _target_port(spec, port, pods[chosen.name])
    if number is None:
        raise _nobody(service, f"it has no port {port}")
    return Backend(service.namespace, chosen.name, number)


def _ready(pods: Any) -> PodSeen | None:
    seen = newest_first(pod_seen(one) for one in pods)
    return next((one for one in seen if one.ready and not one.deleting), None)


def _target_port(spec: Mapping[str, Any], port: int, pod: Mapping[str, Any]) -> int | None:
    """The container's port that the Service's port leads to: a number, or a name to look up."""
    entry = next((one for one in objects(spec, "ports") if one.get("port") == port), None)
    if entry is None:
        return None
    target = entry.get("targetPort", port)
    if isinstance(target, int):
        return target
    for container in objects(mapping(pod, "spec"), "containers"):
        for one in objects(container, "ports"):
            number = one.get("containerPort")
            if one.get("name") == target and isinstance(number, int):
                return number
    return None


def _nobody(service: Service, why: str) -> ProbeError:
    sentence = f"nobody answers for Service {service}: {why}"
    return ProbeError(Failure(FailureKind.REFUSED, sentence, asked=f"pods of Service {service}"))

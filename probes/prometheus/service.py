"""Prometheus as Kubernetes knows it: the Service to ask, and the pods behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from probes.model import Failure, FailureKind, PodSeen, ProbeError
from probes.pods import pod_seen
from probes.reach.cluster import Cluster

_NAME = "prometheus"
_LABEL = "app.kubernetes.io/name"
_PORT = 9090


async def find_origin(cluster: Cluster, namespace: str) -> str | None:
    """Scheme, host and port of the namespace's Prometheus Service, or None where it has none.

    The one labelled `app.kubernetes.io/name=prometheus`, else the one of that name.
    Raises ProbeError.
    """
    found = await cluster.get(f"/api/v1/namespaces/{namespace}/services")
    services = [one for one in found.get("items") or () if isinstance(one, dict)]
    labelled = (one for one in services if _labels(one).get(_LABEL) == _NAME)
    by_name = (one for one in services if _name(one) == _NAME)
    service = next(labelled, None) or next(by_name, None)
    if service is None:
        return None
    return f"http://{_name(service)}.{namespace}.svc.cluster.local:{_port(service)}"


async def pods_behind(
    cluster: Cluster, host: str, namespace: str, timeout_s: float
) -> tuple[PodSeen, ...] | Failure:
    """The pods that the Service of that host name selects; none where it is no Service's name."""
    service = service_of(host, namespace)
    if service is None:
        return ()
    asked = f"pods behind the Service {service[1]}/{service[0]}"
    try:
        async with asyncio.timeout(timeout_s):
            return await _selected(cluster, *service)
    except ProbeError as error:
        return () if error.failure.kind is FailureKind.NOT_FOUND else error.failure
    except TimeoutError:
        return Failure(FailureKind.TIMEOUT, f"{asked}: no answer within {timeout_s:.1f} s", asked)


async def _selected(cluster: Cluster, name: str, namespace: str) -> tuple[PodSeen, ...]:
    service = await cluster.get(f"/api/v1/namespaces/{namespace}/services/{name}")
    selector = (service.get("spec") or {}).get("selector") or {}
    if not selector:
        return ()
    listed = await cluster.get(
        f"/api/v1/namespaces/{namespace}/pods",
        {"labelSelector": ",".join(f"{key}={value}" for key, value in selector.items())},
    )
    return tuple(pod_seen(one) for one in listed.get("items") or () if isinstance(one, dict))


def service_of(host: str, namespace: str) -> tuple[str, str] | None:
    """Name and namespace of the Service a host name means, or None where it means none.

    The forms a pod resolves: `x`, `x.ns`, `x.ns.svc` and `x.ns.svc.<cluster domain>`.
    """
    parts = host.rstrip(".").split(".")
    if len(parts) == 1 and parts[0] and parts[0] != "localhost":
        return parts[0], namespace
    if len(parts) == 2 or (len(parts) > 2 and parts[2] == "svc"):
        return parts[0], parts[1]
    return None


def _name(service: Mapping[str, Any]) -> str:
    return str((service.get("metadata") or {}).get("name") or "")


def _labels(service: Mapping[str, Any]) -> Mapping[str, Any]:
    return (service.get("metadata") or {}).get("labels") or {}


def _port(service: Mapping[str, Any]) -> int:
    """The port of the web interface: the one called http or web, else 9090, else the first."""
    ports = [one for one in (service.get("spec") or {}).get("ports") or () if "port" in one]
    named = (one["port"] for one in ports if one.get("name") in ("http", "web", "http-web"))
    usual = (one["port"] for one in ports if one["port"] == _PORT)
    first = (one["port"] for one in ports)
    return int(next(named, None) or next(usual, None) or next(first, None) or _PORT)

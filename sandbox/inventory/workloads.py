"""Workloads: the Deployments and Services beside ops-service, which its chart does not render."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.inventory import ARGOCD_NAMESPACE, NAMESPACE
from sandbox.inventory.settings import REGISTRY
from sandbox.kubernetes.store import Obj, Store

_NO_SIDECAR = {"sidecar.istio.io/inject": "false"}


@dataclass(frozen=True)
class Workload:
    """One Deployment with one container, and its Service."""

    name: str
    namespace: str
    image: str
    port: int
    service_ports: Mapping[str, int]
    port_name: str = "http"
    args: Sequence[str] = ()
    ready_path: str = ""
    live_path: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    requests: Mapping[str, str] = field(default_factory=lambda: {"cpu": "50m", "memory": "64Mi"})
    limits: Mapping[str, str] = field(default_factory=lambda: {"cpu": "500m", "memory": "256Mi"})
    recreate: bool = False


def prometheus(args: Sequence[str], prefix: str) -> Workload:
    """Prometheus as the monitoring chart renders it; `args` is its command line."""
    return Workload(
        "prometheus",
        NAMESPACE,
        "prom/prometheus:v2.55.1",
        9090,
        {"http": 9090},
        args=args,
        ready_path=f"{prefix}/-/ready",
        live_path=f"{prefix}/-/healthy",
        labels={"app": "prometheus"},
        annotations=_NO_SIDECAR,
        requests={"cpu": "200m", "memory": "1Gi"},
        limits={"cpu": "1000m", "memory": "2Gi"},
        recreate=True,
    )


def others() -> tuple[Workload, ...]:
    """Everything else that the portal's data passes through."""
    stage = {"stage": "prod"}
    return (
        Workload(
            "auth-service",
            NAMESPACE,
            f"{REGISTRY}/auth-service:135-bd070f7",
            8080,
            {"http": 8080},
            labels={"app": "auth-service", **stage},
        ),
        Workload(
            "ops-portal",
            NAMESPACE,
            f"{REGISTRY}/ops-portal:135-bd070f7",
            80,
            {"http": 80},
            labels=stage,
        ),
        Workload(
            "kube-state-metrics",
            NAMESPACE,
            f"{REGISTRY}/kube-state-metrics:v2.13.0",
            8080,
            {"http": 8080},
            labels={"app": "kube-state-metrics"},
        ),
        Workload(
            "argocd-server",
            ARGOCD_NAMESPACE,
            "quay.io/argoproj/argocd:v2.10.0",
            8080,
            {"http": 80, "https": 443},
            port_name="server",
            ready_path="/healthz",
            live_path="/healthz",
            labels={"app.kubernetes.io/part-of": "argocd"},
        ),
    )


def build(store: Store, workload: Workload) -> None:
    """Creates a workload's Service and Deployment."""
    store.create(_service(workload), manager="argocd-controller")
    store.create(_deployment(workload), manager="argocd-controller")


def _selector(workload: Workload) -> dict[str, str]:
    return {"app.kubernetes.io/name": workload.name}


def _service(workload: Workload) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": workload.name,
            "namespace": workload.namespace,
            "labels": {**_selector(workload), **workload.labels},
        },
        "spec": {
            "type": "ClusterIP",
            "selector": _selector(workload),
            "ports": [
                {"name": name, "port": port, "targetPort": workload.port_name}
                for name, port in workload.service_ports.items()
            ],
        },
    }


def _deployment(workload: Workload) -> Obj:
    labels = {**_selector(workload), **workload.labels}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": workload.name, "namespace": workload.namespace, "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _selector(workload)},
            **({"strategy": {"type": "Recreate"}} if workload.recreate else {}),
            "template": {
                "metadata": {
                    "labels": labels,
                    **({"annotations": dict(workload.annotations)} if workload.annotations else {}),
                },
                "spec": {"containers": [_container(workload)]},
            },
        },
    }


def _container(workload: Workload) -> Obj:
    container: Obj = {
        "name": workload.name,
        "image": workload.image,
        "ports": [{"name": workload.port_name, "containerPort": workload.port}],
        "resources": {"requests": dict(workload.requests), "limits": dict(workload.limits)},
    }
    if workload.args:
        container["args"] = list(workload.args)
    if workload.live_path:
        container["livenessProbe"] = _probe(workload, workload.live_path, delay=30, period=15)
    if workload.ready_path:
        container["readinessProbe"] = _probe(workload, workload.ready_path, delay=5, period=5)
    return container


def _probe(workload: Workload, path: str, *, delay: int, period: int) -> Obj:
    return {
        "httpGet": {"path": path, "port": workload.port_name},
        "initialDelaySeconds": delay,
        "periodSeconds": period,
        "timeoutSeconds": 5,
    }

"""ops-service's objects as they stand in its namespace."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from sandbox.kubernetes.store import Obj
from tests.probes.kubeconfigs import NAMESPACE

LABELS = {"app.kubernetes.io/name": "ops-service", "app.kubernetes.io/instance": "ops-service-prod"}
ENV_FROM = [
    {"configMapRef": {"name": "wealist-shared-config"}},
    {"configMapRef": {"name": "ops-service-config"}},
    {"secretRef": {"name": "wealist-shared-secret"}},
    {"secretRef": {"name": "wealist-argocd-secret", "optional": True}},
]
SPEC: Obj = {
    "containers": [
        {"name": "istio-proxy", "image": "proxy:1"},
        {"name": "ops-service", "image": "ops:1", "envFrom": ENV_FROM, "args": ["serve"]},
    ]
}


def deployment(kind: str = "Deployment", **status: Any) -> Obj:
    good = {"observedGeneration": 9, "updatedReplicas": 1, "readyReplicas": 1}
    return {
        "kind": kind,
        "metadata": {"name": "ops-service", "namespace": NAMESPACE, "labels": LABELS},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": SPEC},
        },
        "status": good | {"availableReplicas": 1} | status,
    }


def pod(
    name: str = "ops-service-1", *, created: str = "06", ready: bool = True, **more: Any
) -> Obj:
    state = {"running": {"startedAt": f"2026-01-{created}T02:34:00Z"}}
    container = {
        "name": "ops-service",
        "ready": ready,
        "restartCount": 0,
        "image": "",
        "imageID": "",
        "state": state,
    }
    return {
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": LABELS,
            "creationTimestamp": f"2026-01-{created}T02:34:00Z",
        }
        | more.pop("metadata", {}),
        "spec": SPEC,
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [container | more.pop("container", {})],
        }
        | more,
    }


def config_map(name: str, **data: str) -> Obj:
    return {
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "data": data,
    }


def secret(name: str, **data: str) -> Obj:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return {
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "data": encoded,
    }


def configuration(**changes: str) -> tuple[Obj, ...]:
    return (
        config_map("wealist-shared-config", DB_AUTO_MIGRATE="false"),
        config_map("ops-service-config", PROMETHEUS_URL="http://prometheus:9090", **changes),
        secret("wealist-shared-secret", DB_PASSWORD="hunter22", DB_HOST="db.example.com"),
    )


def application(name: str = "ops-service-prod", **metadata: Any) -> Obj:
    parameters = [{"name": "config.PROMETHEUS_URL", "value": "http://prometheus:9090"}]
    return {
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"} | metadata,
        "spec": {
            "project": "wealist-prod",
            "source": {
                "repoURL": "https://bot:t0ken@git.example.com/wealist.git",
                "targetRevision": "k8s-deploy-prod",
                "path": "k8s/helm/charts/ops-service",
                "helm": {"parameters": parameters},
            },
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
        "status": status(),
    }


def status(**changes: Any) -> Mapping[str, Any]:
    resource = {"kind": "Deployment", "name": "ops-service", "namespace": NAMESPACE}
    return {
        "sync": {"status": "Synced", "revision": "abc"},
        "health": {"status": "Healthy"},
        "resources": [
            resource | {"status": "Synced"},
            {"kind": "ConfigMap", "name": "ops-service-config", "status": "OutOfSync"},
        ],
        "operationState": {"phase": "Succeeded", "finishedAt": "2026-01-06T02:00:00Z"},
    } | changes

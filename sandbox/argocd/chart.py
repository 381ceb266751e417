"""The chart of ops-service: helm parameters in, the objects that Argo CD applies out. Pure.

Source: the upstream chart `k8s/helm/charts/ops-service` (templates/configmap.yaml,
templates/deployment.yaml, values.yaml).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sandbox.argocd.source import CHARTS, helm_parameters, track
from sandbox.kubernetes.store import Obj

NAME = "ops-service"
CONFIG = "ops-service-config"
PATH = f"{CHARTS}/ops-service"
PORT = 8005

_SHARED_CONFIG = "wealist-shared-config"
_SHARED_SECRET = "wealist-shared-secret"
_OPTIONAL_SECRET = "wealist-argocd-secret"

_VALUES: Mapping[str, str] = {
    "SERVER_PORT": str(PORT),
    "SERVER_BASE_PATH": "/api",
    "DB_NAME": "ops_db",
    "PROMETHEUS_URL": "",
    "PROMETHEUS_NAMESPACE": "wealist-prod",
}
"""The chart's own `config`; an empty value is as good as unset to the service."""

_IMAGE = {"image.repository": NAME, "image.tag": "latest"}
_CONFIG_PREFIX = "config."


def render(application: Obj, shared: Mapping[str, str]) -> list[Obj]:
    """ConfigMap, Deployment and Service as the Application's parameters make them.

    `shared` is the configuration common to all services; the chart prints it first and its own
    keys after, so that its own win. The Deployment has no `replicas`: an autoscaler owns them.
    """
    parameters = helm_parameters(application)
    config = dict(_VALUES) | {
        name.removeprefix(_CONFIG_PREFIX): value
        for name, value in parameters.items()
        if name.startswith(_CONFIG_PREFIX)
    }
    rendered = [
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {**shared, **config}},
        _service(_selector(application)),
        _deployment(_selector(application), parameters, checksum(shared, config)),
    ]
    for obj, name in zip(rendered, (CONFIG, NAME, NAME), strict=True):
        obj["metadata"] = _metadata(application, name) | obj.get("metadata", {})
        track(application, obj)
    return rendered


def checksum(shared: Mapping[str, str], config: Mapping[str, str]) -> str:
    """The pod annotation that moves when a key does, and so replaces the pods."""
    text = "-".join(
        json.dumps(one, sort_keys=True, separators=(",", ":")) for one in (shared, config)
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _selector(application: Obj) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": NAME,
        "app.kubernetes.io/instance": application["metadata"]["name"],
    }


def _metadata(application: Obj, name: str) -> Obj:
    labels = {
        **_selector(application),
        "app.kubernetes.io/managed-by": "Helm",
        "helm.sh/chart": "ops-service-0.1.0",
    }
    namespace = application["spec"]["destination"]["namespace"]
    return {"name": name, "namespace": namespace, "labels": labels}


def _service(selector: dict[str, str]) -> Obj:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "spec": {
            "type": "ClusterIP",
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}],
            "selector": selector,
        },
    }


def _deployment(selector: dict[str, str], parameters: Mapping[str, str], config_sum: str) -> Obj:
    annotations = {
        "checksum/config": config_sum,
        "prometheus.io/path": "/metrics",
        "prometheus.io/port": str(PORT),
        "prometheus.io/scrape": "true",
        "sidecar.istio.io/inject": "true",
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {
            "selector": {"matchLabels": selector},
            "template": {
                "metadata": {"labels": {**selector, "stage": "prod"}, "annotations": annotations},
                "spec": {
                    "serviceAccountName": NAME,
                    "securityContext": {"runAsNonRoot": True, "runAsUser": 1000},
                    "containers": [_container(_IMAGE | dict(parameters))],
                },
            },
        },
    }


def _container(parameters: Mapping[str, str]) -> Obj:
    return {
        "name": NAME,
        "image": f"{parameters['image.repository']}:{parameters['image.tag']}",
        "imagePullPolicy": "Always",
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "envFrom": [
            {"configMapRef": {"name": _SHARED_CONFIG}},
            {"configMapRef": {"name": CONFIG}},
            {"secretRef": {"name": _SHARED_SECRET}},
            {"secretRef": {"name": _OPTIONAL_SECRET, "optional": True}},
        ],
        "livenessProbe": _probe("/health/live", delay=60, period=10, timeout=5),
        "readinessProbe": _probe("/health/ready", delay=15, period=5, timeout=3),
        "resources": {
            "requests": {"cpu": "25m", "memory": "64Mi"},
            "limits": {"cpu": "500m", "memory": "256Mi"},
        },
    }


def _probe(path: str, *, delay: int, period: int, timeout: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "http"},
        "initialDelaySeconds": delay,
        "periodSeconds": period,
        "timeoutSeconds": timeout,
        "failureThreshold": 3,
    }

"""Defaults: what the API server fills in when an object is created."""

from __future__ import annotations

import base64
from typing import Any

from sandbox.kubernetes import errors
from sandbox.kubernetes.resources import Resource

Obj = dict[str, Any]


def apply(resource: Resource, obj: Obj) -> None:
    """Completes `obj` in place, as far as a client can see a difference."""
    if resource.kind == "Secret":
        _secret(resource, obj)
    elif resource.kind == "Namespace":
        _namespace(obj)
    elif resource.kind == "Service":
        _service(obj)
    elif resource.kind in ("Deployment", "ReplicaSet", "Rollout"):
        _workload(resource, obj)
    elif resource.kind == "Pod":
        _pod_spec(obj.setdefault("spec", {}))
        obj.setdefault("status", {}).setdefault("phase", "Pending")


def _secret(resource: Resource, obj: Obj) -> None:
    obj.setdefault("type", "Opaque")
    plain = obj.pop("stringData", None) or {}
    data = obj.setdefault("data", {}) or {}
    for key, value in plain.items():
        data[key] = base64.b64encode(str(value).encode()).decode()
    for key, value in data.items():
        try:
            base64.b64decode(value, validate=True)
        except (ValueError, TypeError):
            name = obj["metadata"].get("name", "")
            why = "Invalid value: illegal base64 data"
            raise errors.invalid(resource, name, f"data[{key}]", why) from None
    obj["data"] = data


def _namespace(obj: Obj) -> None:
    name = obj["metadata"]["name"]
    obj["metadata"].setdefault("labels", {}).setdefault("kubernetes.io/metadata.name", name)
    obj.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    obj.setdefault("status", {}).setdefault("phase", "Active")


def _service(obj: Obj) -> None:
    spec = obj.setdefault("spec", {})
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    for port in spec.get("ports", []):
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))


def _workload(resource: Resource, obj: Obj) -> None:
    spec = obj.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    if resource.kind == "Deployment":
        rolling = {"type": "RollingUpdate"}
        strategy = spec.setdefault("strategy", rolling)
        if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
            limits = strategy.setdefault("rollingUpdate", {})
            limits.setdefault("maxUnavailable", "25%")
            limits.setdefault("maxSurge", "25%")
        spec.setdefault("revisionHistoryLimit", 10)
        spec.setdefault("progressDeadlineSeconds", 600)
    if resource.builtin:
        _pod_spec(spec.get("template", {}).setdefault("spec", {}))
        obj.setdefault("status", {})


def _pod_spec(spec: Obj) -> None:
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    for container in spec.get("containers", []):
        for port in container.get("ports", []):
            port.setdefault("protocol", "TCP")
        for name in ("livenessProbe", "readinessProbe", "startupProbe"):
            if name in container:
                _probe(container[name])


def _probe(probe: Obj) -> None:
    probe.setdefault("timeoutSeconds", 1)
    probe.setdefault("periodSeconds", 10)
    probe.setdefault("successThreshold", 1)
    probe.setdefault("failureThreshold", 3)
    if "httpGet" in probe:
        probe["httpGet"].setdefault("scheme", "HTTP")

"""An Application's source and what marks an object as the Application's. Pure."""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes.resources import by_kind
from sandbox.kubernetes.store import Obj

TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCE = "app.kubernetes.io/instance"
CHARTS = "k8s/helm/charts"
"""The folder of the charts in the repository."""


def source_of(application: Obj) -> dict[str, Any]:
    """The source; of several the first."""
    spec = application["spec"]
    sources = spec.get("sources") or [spec.get("source") or {}]
    first: dict[str, Any] = sources[0]
    return first


def problem_with(application: Obj) -> str:
    """Why an Application cannot be worked with; empty when it can.

    The real API server refuses most of it by the schema of the custom resource.
    """
    spec = application.get("spec")
    destination = spec.get("destination") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(destination, dict):
        return "Destination server missing from app spec"
    if not isinstance(destination.get("namespace"), str):
        return "Destination namespace missing from app spec"
    sources = spec.get("sources") or [spec.get("source")]
    if not isinstance(sources, list) or not all(_is_source(one) for one in sources):
        return "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
    policy = spec.get("syncPolicy") or {}
    if not isinstance(policy, dict) or not isinstance(policy.get("automated") or {}, dict):
        return "spec.syncPolicy is invalid"
    if not isinstance(application.get("status") or {}, dict):
        return "status is invalid"
    operation = application.get("operation") or {}
    if not isinstance(operation, dict) or not isinstance(operation.get("sync") or {}, dict):
        return "operation is invalid"
    return ""


def _is_source(source: object) -> bool:
    if not isinstance(source, dict) or not source.get("repoURL"):
        return False
    helm = source.get("helm") or {}
    parameters = (helm.get("parameters") or []) if isinstance(helm, dict) else None
    return isinstance(parameters, list) and all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in parameters
    )


def type_of(source: Obj) -> str:
    """Helm for a chart, which Argo CD tells by its files, with or without a block `helm`."""
    is_chart = str(source.get("path", "")).startswith(f"{CHARTS}/")
    return "Helm" if is_chart or "helm" in source else "Directory"


def helm_parameters(application: Obj) -> dict[str, str]:
    """The helm parameters by name; of two with the same name the later wins."""
    parameters = (source_of(application).get("helm") or {}).get("parameters") or []
    return {one["name"]: str(one.get("value", "")) for one in parameters}


def track(application: Obj, obj: Obj) -> None:
    """Marks a manifest as the Application's, with annotation and label."""
    metadata, name = obj["metadata"], application["metadata"]["name"]
    labels = metadata.setdefault("labels", {})
    labels[INSTANCE] = name
    group = by_kind(obj["kind"]).group
    where = f"{group}/{obj['kind']}:{metadata.get('namespace', '')}/{metadata['name']}"
    metadata.setdefault("annotations", {})[TRACKING] = f"{name}:{where}"

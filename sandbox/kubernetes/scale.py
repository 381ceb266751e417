"""Scale: the replicas of a workload as autoscaling/v1 Scale."""

from __future__ import annotations

from sandbox.kubernetes import errors
from sandbox.kubernetes.objects import Obj, clone
from sandbox.kubernetes.resources import Resource


def of(resource: Resource, obj: Obj) -> Obj:
    """The Scale of a workload. Raises ApiError 404 for a resource without one."""
    if not resource.scale:
        raise errors.no_such_resource()
    fields = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = (obj.get("spec", {}).get("selector") or {}).get("matchLabels", {})
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {field: obj["metadata"][field] for field in fields},
        "spec": {"replicas": obj.get("spec", {}).get("replicas", 0)},
        "status": {
            "replicas": obj.get("status", {}).get("replicas", 0),
            "selector": ",".join(f"{key}={value}" for key, value in labels.items()),
        },
    }


def apply(resource: Resource, obj: Obj, wanted: Obj) -> Obj:
    """A copy of the workload with the Scale's replicas. Raises ApiError 422 when negative."""
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int) or isinstance(replicas, bool) or replicas < 0:
        why = f"Invalid value: {replicas}: must be greater than or equal to 0"
        raise errors.invalid(resource, obj["metadata"]["name"], "spec.replicas", why)
    scaled = clone(obj)
    scaled["spec"]["replicas"] = replicas
    version = (wanted.get("metadata") or {}).get("resourceVersion")
    scaled["metadata"]["resourceVersion"] = version or obj["metadata"]["resourceVersion"]
    return scaled

"""ReplicaSet: as many pods as asked for, and what the API server said when it refused one."""

from __future__ import annotations

from sandbox.admission import Admission
from sandbox.controllers.ownership import condition, is_ready, owned, reference
from sandbox.events import Events
from sandbox.kubernetes.store import Obj, Store

_COMPONENT = "replicaset-controller"


def reconcile(store: Store, events: Events, admission: Admission, replicaset: Obj) -> str | None:
    """Creates and deletes pods; returns why a pod was refused, or None."""
    pods = owned(store, "Pod", replicaset)
    missing = replicaset["spec"]["replicas"] - len(pods)
    refusal = None
    for _ in range(missing):
        refusal = _create(store, events, admission, replicaset)
        if refusal:
            break
    for pod in sorted(pods, key=_last_to_go, reverse=True)[: max(0, -missing)]:
        name = pod["metadata"]["name"]
        store.delete("Pod", pod["metadata"]["namespace"], name)
        events.emit(replicaset, "SuccessfulDelete", f"Deleted pod: {name}", component=_COMPONENT)
    _report(store, replicaset, refusal)
    return refusal


def _last_to_go(pod: Obj) -> tuple[bool, str]:
    """Pods that are not ready go first, then the newest."""
    return (not is_ready(pod), pod["metadata"]["creationTimestamp"])


def _create(store: Store, events: Events, admission: Admission, replicaset: Obj) -> str | None:
    template, metadata = replicaset["spec"]["template"], replicaset["metadata"]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            **{
                key: template["metadata"][key]
                for key in ("labels", "annotations")
                if template["metadata"].get(key)
            },
            "generateName": f"{metadata['name']}-",
            "namespace": metadata["namespace"],
            "ownerReferences": [reference(replicaset)],
        },
        "spec": template["spec"],
    }
    refusal = admission.refusal(pod)
    if refusal:
        message = f"Error creating: {refusal}"
        events.emit(replicaset, "FailedCreate", message, component=_COMPONENT, warning=True)
        return refusal
    created = store.create(pod, manager="kube-controller-manager")
    told = f"Created pod: {created['metadata']['name']}"
    events.emit(replicaset, "SuccessfulCreate", told, component=_COMPONENT)
    return None


def _report(store: Store, replicaset: Obj, refusal: str | None) -> None:
    pods = owned(store, "Pod", replicaset)
    ready = sum(1 for pod in pods if is_ready(pod))
    old = replicaset.get("status") or {}
    status: Obj = {
        "replicas": len(pods),
        "fullyLabeledReplicas": len(pods),
        "observedGeneration": replicaset["metadata"]["generation"],
    }
    if ready:
        status |= {"readyReplicas": ready, "availableReplicas": ready}
    if refusal:
        failure = condition(old, "ReplicaFailure", "True", "FailedCreate", refusal, store.now())
        status["conditions"] = [failure]

    def write(obj: Obj) -> None:
        obj["status"] = status

    metadata = replicaset["metadata"]
    store.change(
        "ReplicaSet",
        metadata["namespace"],
        metadata["name"],
        write,
        manager="kube-controller-manager",
    )

"""Who else manages an Application: another one, or an ApplicationSet. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from probes.rawjson import Obj, mapping, objects, text

TRACKING = "argocd.argoproj.io/tracking-id"
INSTANCES = ("argocd.argoproj.io/instance", "app.kubernetes.io/instance")


@dataclass(frozen=True, slots=True)
class Owner:
    """Who else manages an Application: `kind` is `Application` or `ApplicationSet`."""

    kind: str
    name: str
    namespace: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


def owner_of(obj: Obj) -> Owner | None:
    """Who manages the Application itself, or None.

    In order: an ownerReference of kind ApplicationSet, the tracking-id annotation, the instance
    label; the latter two name the Application itself where a chart or its own sync set them.
    """
    metadata = mapping(obj, "metadata")
    itself, namespace = text(metadata, "name"), text(metadata, "namespace")
    for one in objects(metadata, "ownerReferences"):
        if one.get("kind") == "ApplicationSet":
            return Owner("ApplicationSet", text(one, "name"), namespace)
    tracked = text(mapping(metadata, "annotations"), TRACKING).partition(":")[0]
    home, _, name = tracked.rpartition("_")
    if name and name != itself:
        return Owner("Application", name, home or namespace)
    labels = mapping(metadata, "labels")
    named = (text(labels, label) for label in INSTANCES)
    found = next((one for one in named if one and one != itself), "")
    return Owner("Application", found, namespace) if found else None


def reverts(owner: Owner, obj: Obj) -> bool:
    """Whether the owner, whose raw JSON that is, puts live edits of its Applications back."""
    policy = sync_policy(obj)
    if owner.kind == "ApplicationSet":
        # What its template says, unless it is only to create (Argo CD,
        # docs/operator-manual/applicationset/Controlling-Resource-Modification.md).
        return policy.get("applicationsSync") not in ("create-only", "create-delete")
    return mapping(policy, "automated").get("selfHeal") is True


def sync_policy(obj: Obj) -> Obj:
    """`spec.syncPolicy`; its `automated: {}` switches auto-sync on, so that presence counts."""
    return mapping(mapping(obj, "spec"), "syncPolicy")

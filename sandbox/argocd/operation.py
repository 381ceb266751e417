"""Operation: one sync of an Application, from its request to its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.argocd import diff
from sandbox.argocd.comparison import Item, in_order
from sandbox.argocd.git import Ref
from sandbox.argocd.source import source_of
from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.objects import clone
from sandbox.kubernetes.resources import by_kind
from sandbox.kubernetes.store import Obj, Store

MANAGER = "argocd-controller"
_HISTORY_LIMIT = 10


@dataclass
class Outcome:
    """What a sync did: an entry per object, and the manifests that are now applied."""

    results: list[dict[str, Any]] = field(default_factory=list)
    applied: dict[Ref, Obj] = field(default_factory=dict)
    pruned: list[Ref] = field(default_factory=list)
    failure: str = ""


def execute(
    store: Store, items: Sequence[Item], operation: Obj, applied: dict[Ref, Obj]
) -> Outcome:
    """Applies what is declared, prunes if asked to, and goes on after an object that fails."""
    sync, outcome = operation.get("sync") or {}, Outcome()
    for item in in_order(items):
        if not _chosen(item.ref, sync.get("resources")):
            continue
        try:
            message = _handle(store, item, sync, applied.get(item.ref), outcome)
        except ApiError as error:
            outcome.failure = f"one or more objects failed to apply, reason: {error.message}"
            outcome.results.append(_result(item, "SyncFailed", error.message))
        else:
            status = "Pruned" if item.declared is None else "Synced"
            outcome.results.append(_result(item, status, message))
    return outcome


def started(operation: Obj, at: str) -> dict[str, Any]:
    """The operationState of a sync that has begun."""
    return {"operation": clone(operation), "phase": "Running", "startedAt": at}


def finished(application: Obj, outcome: Outcome, revision: str, at: str) -> dict[str, Any]:
    """The operationState of a sync that is over."""
    state: dict[str, Any] = clone(application["status"]["operationState"])
    message = outcome.failure or "successfully synced (all tasks run)"
    return state | {
        "phase": "Failed" if outcome.failure else "Succeeded",
        "message": message,
        "finishedAt": at,
        "syncResult": {
            "revision": revision,
            "source": clone(source_of(application)),
            "resources": outcome.results,
        },
    }


def terminated(application: Obj, at: str) -> dict[str, Any]:
    """The operationState of a sync that somebody ended."""
    state: dict[str, Any] = clone(application["status"]["operationState"])
    return state | {"phase": "Failed", "message": "Operation terminated", "finishedAt": at}


def history(application: Obj, state: Obj) -> list[Obj]:
    """The deployments with this one added, the newest last."""
    entries: list[Obj] = application["status"].get("history") or []
    entry = {
        "id": entries[-1]["id"] + 1 if entries else 0,
        "revision": state["syncResult"]["revision"],
        "source": clone(state["syncResult"]["source"]),
        "deployStartedAt": state["startedAt"],
        "deployedAt": state["finishedAt"],
        "initiatedBy": clone(state["operation"].get("initiatedBy") or {}),
    }
    return [*entries, entry][-_HISTORY_LIMIT:]


def is_whole(operation: Obj) -> bool:
    """Whether it is a deployment of the Application, rather than of a part or a rehearsal."""
    sync = operation.get("sync") or {}
    return not sync.get("dryRun") and not sync.get("resources")


def _chosen(ref: Ref, chosen: Sequence[Obj] | None) -> bool:
    kind, _namespace, name = ref
    return not chosen or any((one.get("kind"), one.get("name")) == (kind, name) for one in chosen)


def _handle(store: Store, item: Item, sync: Obj, applied: Obj | None, outcome: Outcome) -> str:
    """Brings one object to what Git has; returns what kubectl would print. Raises ApiError."""
    dry, noun = bool(sync.get("dryRun")), _noun(item.ref)
    if item.declared is None:
        if not sync.get("prune"):
            return "ignored (requires pruning)"
        if not dry:
            store.delete(*item.ref)
            outcome.pruned.append(item.ref)
        return "pruned"
    if not dry:
        outcome.applied[item.ref] = item.declared
    if item.live is None:
        store.create(item.declared, manager=MANAGER, dry_run=dry)
        return f"{noun} created"
    wanted = diff.merged(item.declared, item.live, applied)
    if wanted == item.live:
        return f"{noun} unchanged"
    store.update(wanted, manager=MANAGER, dry_run=dry)
    return f"{noun} configured"


def _noun(ref: Ref) -> str:
    resource = by_kind(ref[0])
    kind = f"{resource.singular}.{resource.group}" if resource.group else resource.singular
    return f"{kind}/{ref[2]}"


def _result(item: Item, status: str, message: str) -> dict[str, Any]:
    kind, namespace, name = item.ref
    resource = by_kind(kind)
    return {
        "group": resource.group,
        "version": resource.version,
        "kind": kind,
        "namespace": namespace or "",
        "name": name,
        "status": status,
        "message": message,
        "hookPhase": "Failed" if status == "SyncFailed" else "Running",
        "syncPhase": "Sync",
    }

"""Controller: keeps the cluster as Git declares it, and each Application's status true.

Event-driven: a change of an Application or of what it declares wakes it, and so do its own
timers (a sync that takes its time, a drift that is old enough to be healed). Nothing polls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.argocd import inventory, operation, status
from sandbox.argocd.accounts import NAMESPACE
from sandbox.argocd.comparison import Item, compare, status_of
from sandbox.argocd.git import Git, Ref, ref_of
from sandbox.argocd.source import problem_with, source_of
from sandbox.argocd.wakeup import wakes
from sandbox.kubernetes.store import Change, Obj, Store

_FINALIZER = "resources-finalizer.argocd.argoproj.io"
_MANAGER = "argocd-application-controller"
_ENDED_BADLY = ("Failed", "Error")


@dataclass(frozen=True)
class Delays:
    """Seconds from a drift to its repair, for the root and for the others, and of a sync."""

    self_heal: float = 5.0
    root: float = 10.0
    sync: float = 0.3


class Controller:
    """Reconciles one Application at a time, as many as are due."""

    def __init__(self, store: Store, git: Git, delays: Delays) -> None:
        self._store = store
        self._git = git
        git.on_commit = self.refresh_all
        self._delays = delays
        self._applied: dict[str, dict[Ref, Obj]] = {}
        self._declaring: dict[Ref, set[str]] = {}
        self._drifting_since: dict[str, float] = {}
        self._sync_ends: dict[str, float] = {}
        self._due: dict[str, None] = {}
        self._woken = asyncio.Event()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    async def run(self) -> None:
        """Reconciles until cancelled."""
        unsubscribe = self._store.subscribe(self._noticed)
        try:
            self.adopt()
            self.refresh_all()
            while True:
                self._woken.clear()
                while self._due:
                    name = next(iter(self._due))
                    del self._due[name]
                    self._reconcile(name)
                await self._woken.wait()
        finally:
            unsubscribe()
            for timer in self._timers.values():
                timer.cancel()
            self._timers.clear()

    def adopt(self) -> None:
        """Takes the cluster as it is for what Git declares and was applied; once only."""
        if self._git.adopted:
            return
        self._git.adopt(self._store, inventory.declares())
        for application in self._store.list("Application", NAMESPACE):
            name = application["metadata"]["name"]
            manifests = self._git.render(application)
            self._applied[name] = {ref_of(one): one for one in manifests}
            self._remember(name, list(self._applied[name]))

    def refresh_all(self) -> None:
        """Compares every Application again, as after a commit."""
        for application in self._store.list("Application", NAMESPACE):
            self._add(application["metadata"]["name"])

    # what wakes it

    def _noticed(self, change: Change) -> None:
        for ref, own in wakes(change):
            if own:
                self._add(ref[2])
            for name in self._declaring.get(ref, ()):
                self._add(name)

    def _add(self, name: str) -> None:
        self._due[name] = None
        self._woken.set()

    def _again(self, name: str, delay: float) -> None:
        """Wakes for this Application once more; an earlier timer of it is replaced."""
        earlier = self._timers.pop(name, None)
        if earlier is not None:
            earlier.cancel()
        loop = asyncio.get_running_loop()
        self._timers[name] = loop.call_later(max(0.0, delay), self._add, name)

    def _remember(self, name: str, refs: list[Ref]) -> None:
        for names in self._declaring.values():
            names.discard(name)
        for ref in refs:
            self._declaring.setdefault(ref, set()).add(name)

    # what it does

    def _reconcile(self, name: str) -> None:
        application = self._store.find("Application", NAMESPACE, name)
        if application is None:
            self._forget(name)
            return
        if application["metadata"].get("deletionTimestamp"):
            self._delete(application)
            return
        problem = problem_with(application)
        if problem:
            self._write(name, lambda obj: status.unknown(obj, problem, self._store.now()))
            return
        if name in self._sync_ends:
            self._continue(application)
            return
        if application.get("operation"):
            self._begin(application)
            return
        self._compare(application)

    def _compare(self, application: Obj) -> None:
        name = application["metadata"]["name"]
        items = self.items(application)
        decided = status_of(application, items, self._git.revision)
        conditions = self._conditions(application, items)
        self._write(name, lambda obj: status.refreshed(obj, decided, conditions, self._store.now()))
        if all(item.synced for item in items):
            self._drifting_since.pop(name, None)
        elif not conditions:
            self._auto_sync(application, items)

    def items(self, application: Obj) -> list[Item]:
        """What an Application declares, beside what is live."""
        name = application["metadata"]["name"]
        applied = self._applied.setdefault(name, {})
        items = compare(self._store, self._git.render(application), applied)
        self._remember(name, [item.ref for item in items])
        return items

    def _conditions(self, application: Obj, items: list[Item]) -> list[Obj]:
        """What keeps it from another automated attempt at the very same state."""
        state = (application.get("status") or {}).get("operationState") or {}
        failed = state.get("phase") in _ENDED_BADLY and not self._moved(application)
        automated = _policy(application) is not None
        if not (failed and automated) or all(item.synced for item in items):
            return []
        told = f"Failed sync attempt to {self._git.revision}: {state.get('message', '')}"
        return [{"type": "SyncError", "message": told}]

    def _moved(self, application: Obj) -> bool:
        """Whether the source or the commit differs from those of the newest sync."""
        state = (application.get("status") or {}).get("operationState") or {}
        result = state.get("syncResult") or {}
        return bool(
            result.get("source") != source_of(application)
            or result.get("revision") != self._git.revision
        )

    def _auto_sync(self, application: Obj, items: list[Item]) -> None:
        """Syncs at once what Git or a parameter changed, and a live drift after a while."""
        name, policy = application["metadata"]["name"], _policy(application)
        prune = bool((policy or {}).get("prune"))
        if policy is None or not any(_actionable(item, prune) for item in items):
            return
        if not self._moved(application):
            if not policy.get("selfHeal"):
                return
            now = asyncio.get_running_loop().time()
            delay = self._delays.root if name == inventory.ROOT else self._delays.self_heal
            left = self._drifting_since.setdefault(name, now) + delay - now
            if left > 0:
                self._again(name, left)
                return
        request = {
            "initiatedBy": {"automated": True},
            "retry": {"limit": 5},
            "sync": {"prune": prune, "revision": self._git.revision},
        }
        self._write(name, lambda obj: obj.update(operation=request))

    def _begin(self, application: Obj) -> None:
        name = application["metadata"]["name"]
        state = operation.started(application["operation"], self._store.now())
        self._sync_ends[name] = asyncio.get_running_loop().time() + self._delays.sync
        self._write(name, lambda obj: obj.setdefault("status", {}).update(operationState=state))
        self._again(name, self._delays.sync)

    def _continue(self, application: Obj) -> None:
        name = application["metadata"]["name"]
        left = self._sync_ends[name] - asyncio.get_running_loop().time()
        if left > 0:
            self._again(name, left)
            return
        del self._sync_ends[name]
        self._drifting_since.pop(name, None)
        state = (application.get("status") or {}).get("operationState")
        if not application.get("operation") or not isinstance(state, dict):
            # Somebody took the operation away: there is nothing to finish.
            self._compare(application)
            return
        if state.get("phase") == "Terminating":
            state = operation.terminated(application, self._store.now())
            deployed = False
        else:
            state = self._sync(application)
            deployed = state["phase"] == "Succeeded" and operation.is_whole(state["operation"])
        self._write(name, lambda obj: status.ended(obj, state, deployed))
        self._add(name)

    def _sync(self, application: Obj) -> dict[str, Any]:
        applied = self._applied.setdefault(application["metadata"]["name"], {})
        request = application["status"]["operationState"]["operation"]
        items = self.items(application)
        outcome = operation.execute(self._store, items, request, applied)
        applied |= outcome.applied
        for ref in outcome.pruned:
            applied.pop(ref, None)
        return operation.finished(application, outcome, self._git.revision, self._store.now())

    def _delete(self, application: Obj) -> None:
        """With its finalizer an Application takes its objects along."""
        name = application["metadata"]["name"]
        if _FINALIZER not in (application["metadata"].get("finalizers") or ()):
            return
        for ref in self._applied.pop(name, {}):
            if self._store.find(*ref) is not None:
                self._store.delete(*ref)
        self._write(name, lambda obj: obj["metadata"]["finalizers"].remove(_FINALIZER))

    def _forget(self, name: str) -> None:
        for state in (self._applied, self._drifting_since, self._sync_ends):
            state.pop(name, None)
        self._remember(name, [])

    def _write(self, name: str, mutate: Callable[[Obj], None]) -> None:
        self._store.change("Application", NAMESPACE, name, mutate, manager=_MANAGER)


def _policy(application: Obj) -> dict[str, Any] | None:
    """The automated sync policy; None where syncs are manual."""
    policy: dict[str, Any] | None = (application["spec"].get("syncPolicy") or {}).get("automated")
    return policy


def _actionable(item: Item, prune: bool) -> bool:
    return not item.synced and (item.declared is not None or prune)

"""Store: every object of the cluster, its versions, and who is told of a change.

Synchronous and for one event loop. Objects are copied in and out: nobody holds a live one.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sandbox.kubernetes import defaults, errors, managed
from sandbox.kubernetes.objects import Obj as Obj
from sandbox.kubernetes.objects import (
    check_preconditions,
    clone,
    desired,
    give_name,
    keep_system_fields,
)
from sandbox.kubernetes.resources import Resource, by_kind

Listener = Callable[["Change"], None]
_Key = tuple[str | None, str]

_HISTORY = 5_000


@dataclass(frozen=True)
class Change:
    """One write: the object after it (for DELETED, at last) and, unless created, before it."""

    type: Literal["ADDED", "MODIFIED", "DELETED"]
    obj: Obj
    before: Obj | None = None

    @property
    def version(self) -> int:
        """The resourceVersion of the write."""
        return int(self.obj["metadata"]["resourceVersion"])


class Store:
    """All objects by kind, namespace and name. Errors are ApiError, worded as the real server's."""

    def __init__(
        self, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC), history: int = _HISTORY
    ) -> None:
        self._clock = clock
        self._objects: dict[str, dict[_Key, Obj]] = {}
        self._version = 1000
        self._history: deque[Change] = deque(maxlen=history)
        self._listeners: list[Listener] = []
        self._undelivered: deque[Change] = deque()
        self._delivering = False

    # reading

    @property
    def version(self) -> int:
        """The resourceVersion of the newest write."""
        return self._version

    def get(self, kind: str, namespace: str | None, name: str) -> Obj:
        """A copy of the object. Raises ApiError 404."""
        return clone(self._stored(by_kind(kind), namespace, name))

    def find(self, kind: str, namespace: str | None, name: str) -> Obj | None:
        """A copy of the object, or None."""
        found = self._objects.get(by_kind(kind).kind, {}).get(_key(by_kind(kind), namespace, name))
        return clone(found) if found is not None else None

    def list(
        self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None
    ) -> list[Obj]:
        """Copies of the objects of a kind, by namespace and name; `labels` must all match."""
        wanted = (labels or {}).items()
        return [
            clone(obj)
            for (home, _name), obj in sorted(
                self._objects.get(by_kind(kind).kind, {}).items(),
                key=lambda item: (item[0][0] or "", item[0][1]),
            )
            if namespace in (None, home) and wanted <= (obj["metadata"].get("labels") or {}).items()
        ]

    def changes_since(self, version: int) -> Iterable[Change]:
        """Every write after `version`, oldest first. Raises ApiError 410 when too old."""
        if len(self._history) == self._history.maxlen and version < self._history[0].version - 1:
            raise errors.expired(version, self._history[0].version)
        return [change for change in self._history if change.version > version]

    # writing

    def create(self, obj: Obj, *, manager: str = "sandbox", dry_run: bool = False) -> Obj:
        """Stores a new object and returns it completed. Raises ApiError 409 or 422."""
        new = clone(obj)
        resource = by_kind(new.get("kind", ""))
        metadata = new.setdefault("metadata", {})
        give_name(resource, metadata)
        if not resource.namespaced:
            metadata.pop("namespace", None)
        elif not metadata.get("namespace"):
            raise errors.bad_request("an object of this kind needs a namespace")
        key = _key(resource, metadata.get("namespace"), metadata["name"])
        if key in self._objects.get(resource.kind, {}):
            raise errors.already_exists(resource, metadata["name"])
        new["apiVersion"] = resource.api_version
        metadata["uid"] = str(uuid.uuid4())
        if not metadata.get("creationTimestamp"):  # `kubectl run` sends a null
            metadata["creationTimestamp"] = self.now()
        if "spec" in new and resource.kind not in ("Namespace", "Service"):
            metadata["generation"] = 1
        defaults.apply(resource, new)
        metadata["managedFields"] = managed.record(None, new, manager=manager, at=self.now())
        return self._write(resource, "ADDED", new, None, dry_run)

    def update(
        self,
        obj: Obj,
        *,
        manager: str = "sandbox",
        subresource: str = "",
        operation: str = "Update",
        dry_run: bool = False,
    ) -> Obj:
        """Replaces an object. Raises ApiError 404, or 409 when its resourceVersion is stale.

        An update that changes nothing is not written, as with the real server.
        """
        new = clone(obj)
        resource = by_kind(new.get("kind", ""))
        metadata = new.setdefault("metadata", {})
        old = self._stored(resource, metadata.get("namespace"), metadata.get("name", ""))
        check_preconditions(resource, old["metadata"], metadata)
        keep_system_fields(old, new)
        defaults.apply(resource, new)
        if old == new:
            return clone(old)
        if "generation" in old["metadata"] and desired(resource, old) != desired(resource, new):
            metadata["generation"] = old["metadata"]["generation"] + 1
        metadata["managedFields"] = managed.record(
            old,
            new,
            manager=manager,
            at=self.now(),
            subresource=subresource,
            operation=operation,
        )
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            return self._remove(resource, new, dry_run)
        return self._write(resource, "MODIFIED", new, old, dry_run)

    def change(
        self,
        kind: str,
        namespace: str | None,
        name: str,
        mutate: Callable[[Obj], None],
        *,
        manager: str = "sandbox",
    ) -> Obj:
        """Reads, mutates and writes back in one go, so that no conflict can come between."""
        obj = self.get(kind, namespace, name)
        mutate(obj)
        return self.update(obj, manager=manager)

    def delete(self, kind: str, namespace: str | None, name: str, *, cascade: bool = True) -> None:
        """Removes an object and, with `cascade`, what only it owns. Raises ApiError 404.

        One with finalizers only gets its `deletionTimestamp`, until they are gone.
        """
        resource = by_kind(kind)
        old = self._stored(resource, namespace, name)
        new = clone(old)
        if old["metadata"].get("finalizers"):
            if "deletionTimestamp" not in old["metadata"]:
                new["metadata"]["deletionTimestamp"] = self.now()
                self._write(resource, "MODIFIED", new, old, dry_run=False)
            return
        self._remove(resource, new, dry_run=False)
        if cascade:
            self._collect(new)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` after each write, in order; returns what unsubscribes it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def now(self) -> str:
        """The time as objects carry it: RFC 3339 in UTC, whole seconds."""
        return self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    # within

    def _stored(self, resource: Resource, namespace: str | None, name: str) -> Obj:
        found = self._objects.get(resource.kind, {}).get(_key(resource, namespace, name))
        if found is None:
            raise errors.not_found(resource, name)
        return found

    def _write(
        self,
        resource: Resource,
        type_: Literal["ADDED", "MODIFIED"],
        new: Obj,
        old: Obj | None,
        dry_run: bool,
    ) -> Obj:
        if dry_run:
            if old is not None:
                new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
            return new
        self._stamp(new)
        metadata = new["metadata"]
        key = _key(resource, metadata.get("namespace"), metadata["name"])
        self._objects.setdefault(resource.kind, {})[key] = new
        self._publish(Change(type_, new, old))
        return clone(new)

    def _remove(self, resource: Resource, last: Obj, dry_run: bool) -> Obj:
        if dry_run:
            return last
        metadata = last["metadata"]
        key = _key(resource, metadata.get("namespace"), metadata["name"])
        before = self._objects[resource.kind].pop(key)
        self._stamp(last)
        self._publish(Change("DELETED", last, before))
        return clone(last)

    def _collect(self, owner: Obj) -> None:
        """Deletes what `owner` was the last owner of; a Namespace takes all its objects along."""
        uid = owner["metadata"]["uid"]
        for kind, objects in list(self._objects.items()):
            for (namespace, name), obj in list(objects.items()):
                owners = obj["metadata"].get("ownerReferences") or []
                orphaned = bool(owners) and all(o.get("uid") == uid for o in owners)
                inside = owner["kind"] == "Namespace" and namespace == owner["metadata"]["name"]
                if (orphaned or inside) and (namespace, name) in objects:
                    self.delete(kind, namespace, name)

    def _stamp(self, obj: Obj) -> None:
        self._version += 1
        obj["metadata"]["resourceVersion"] = str(self._version)

    def _publish(self, change: Change) -> None:
        """Tells everybody, in the order of the writes even when a listener writes itself."""
        self._history.append(change)
        self._undelivered.append(change)
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._undelivered:
                due = self._undelivered.popleft()
                for listener in list(self._listeners):
                    listener(Change(due.type, clone(due.obj), clone(due.before)))
        finally:
            self._delivering = False


def _key(resource: Resource, namespace: str | None, name: str) -> _Key:
    return (namespace if resource.namespaced else None, name)

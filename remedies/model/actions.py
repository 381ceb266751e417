"""Actions: what a step does, as plain data bound to what was seen. No action holds a secret.

Because an action is data it can be shown, journaled, compared with the world again before it is
performed, and undone by another action. `remedies.performing` has the code for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Absent:
    """The value of a field that is not there."""

    absent: Literal[True] = True


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object by its JSON pointer (RFC 6901), and its value or `Absent`."""

    pointer: str
    value: Any

    @property
    def is_absent(self) -> bool:
        """Whether it says that the field is not there."""
        return isinstance(self.value, Absent)


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """One object of the cluster: `version` is `api/v1` or `apis/<group>/<version>`."""

    version: str
    resource: str
    namespace: str
    name: str

    @property
    def group(self) -> str:
        """The API group; empty for the core."""
        return self.version.split("/")[1] if self.version.startswith("apis/") else ""

    @property
    def collection(self) -> str:
        """The path of the namespace's objects of that kind."""
        return f"/{self.version}/namespaces/{quote(self.namespace, safe='')}/{self.resource}"

    @property
    def path(self) -> str:
        """The path of the object itself."""
        return f"{self.collection}/{quote(self.name, safe='')}"

    def __str__(self) -> str:
        """As kubectl takes it: `applications.argoproj.io/ops-service-prod`."""
        kind = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class PatchObject:
    """Change fields of an object, only while those in `expected` are as they were seen."""

    ref: ObjectRef
    expected: tuple[Field, ...]
    wanted: tuple[Field, ...]
    kind: Literal["patch-object"] = "patch-object"


@dataclass(frozen=True, slots=True)
class CreateObject:
    """Create an object that was not there; `wanted` are the fields that tell it apart as ours."""

    ref: ObjectRef
    body: dict[str, Any]
    wanted: tuple[Field, ...] = ()
    kind: Literal["create-object"] = "create-object"


@dataclass(frozen=True, slots=True)
class DeleteObject:
    """Delete an object, and no other that has got its name since: `uid` tells them apart."""

    ref: ObjectRef
    uid: str
    kind: Literal["delete-object"] = "delete-object"


@dataclass(frozen=True, slots=True)
class AwaitSync:
    """Wait until Argo CD has synced the Application and its ConfigMap has the value."""

    application: ObjectRef
    config_map: ObjectRef
    key: str
    value: str | None
    kind: Literal["await-sync"] = "await-sync"


@dataclass(frozen=True, slots=True)
class AwaitRollout:
    """Wait until every pod of the workload is of its newest template, and ready."""

    workload: ObjectRef
    kind: Literal["await-rollout"] = "await-rollout"


Action = PatchObject | CreateObject | DeleteObject | AwaitSync | AwaitRollout

"""Objects of the cluster, and fields of theirs, as actions refer to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

_ABSENT_IN_JSON = {"absent": True}


@dataclass(frozen=True, slots=True)
class Absent:
    """The value of a field that is not there."""

    absent: Literal[True] = True


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an object by its JSON pointer (RFC 6901), and its value or `Absent`."""

    pointer: str
    value: Any

    def __post_init__(self) -> None:
        """Reads `Absent` back from a journal, where it is an object like any other."""
        if self.value == _ABSENT_IN_JSON:
            object.__setattr__(self, "value", Absent())

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

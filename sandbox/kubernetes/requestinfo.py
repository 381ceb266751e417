"""Request info: what a URL of the API server asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.kubernetes.access import Attributes

_TRUE = frozenset({"1", "t", "true", "y", "yes"})
_VERBS = {
    "POST": "create",
    "PUT": "update",
    "PATCH": "patch",
    "DELETE": "delete",
    "GET": "get",
    "HEAD": "get",
}


@dataclass(frozen=True)
class RequestInfo:
    """A resource request in parts; `rest` is what follows a `proxy` subresource."""

    verb: str
    group: str
    version: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str | None = None

    @property
    def attributes(self) -> Attributes:
        """What is to be authorized."""
        return Attributes(
            self.verb, self.group, self.resource, self.subresource, self.namespace, self.name
        )


def parse(method: str, path: str, query: Mapping[str, str]) -> RequestInfo | None:
    """The request, or None for a path that names no resource (discovery, health, unknown)."""
    parts = path.split("/")[1:]
    if len(parts) >= 3 and parts[0] == "api":
        group, version, parts = "", parts[1], parts[2:]
    elif len(parts) >= 4 and parts[0] == "apis":
        group, version, parts = parts[1], parts[2], parts[3:]
    else:
        return None
    if not parts[0]:
        return None
    namespace = ""
    if parts[0] == "namespaces" and len(parts) >= 2:
        namespace = parts[1]
        if len(parts) >= 3 and parts[2] not in ("", "status", "finalize"):
            parts = parts[2:]
    resource, name = parts[0], parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    rest = "/".join(parts[3:]) if len(parts) > 3 else None
    verb = _verb(method, name, query)
    return RequestInfo(verb, group, version, resource, namespace, name, subresource, rest)


def truthy(value: str | None) -> bool:
    """A boolean query parameter as the API server reads it."""
    return (value or "").lower() in _TRUE


def _verb(method: str, name: str, query: Mapping[str, str]) -> str:
    verb = _VERBS.get(method, "")
    if name:
        return verb
    if verb == "get":
        return "watch" if truthy(query.get("watch")) else "list"
    return "deletecollection" if verb == "delete" else verb

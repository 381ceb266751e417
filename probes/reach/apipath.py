"""Paths of the Kubernetes API, built and read back."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

CORE = "api/v1"
APPS = "apis/apps/v1"
ARGOPROJ = "apis/argoproj.io/v1alpha1"


def namespaced(
    version: str, namespace: str, resource: str, name: str = "", subresource: str = ""
) -> str:
    """The path of a namespace's objects, or of one of them: `/api/v1/namespaces/x/pods/y/log`.

    `version` is one of the constants above, or `apis/<group>/<version>`.
    """
    parts = [version, "namespaces", quote(namespace, safe=""), resource]
    parts += [quote(part, safe="") for part in (name, subresource) if part]
    return "/" + "/".join(parts)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request of the API asks for, in Kubernetes' own words."""

    verb: str
    resource: str
    name: str = ""
    namespace: str = ""
    group: str = ""

    def __str__(self) -> str:
        """As people say it: `list pods in ops`, `get secrets x in ops`."""
        words = [self.verb, self.resource, self.name]
        words += ["in", self.namespace] if self.namespace else []
        return " ".join(filter(None, words))

    @property
    def object(self) -> str:
        """What it is about, for a sentence: `secrets x in namespace ops`."""
        words = [self.resource, self.name]
        words += ["in namespace", self.namespace] if self.namespace else []
        return " ".join(filter(None, words))


_VERBS = {"POST": "create", "PATCH": "patch", "PUT": "update", "DELETE": "delete"}


def asked(path: str, method: str = "GET") -> Asked:
    """Verb, resource, name and namespace of a request."""
    parts = [unquote(part) for part in path.partition("?")[0].split("/") if part]
    if parts[:1] not in (["api"], ["apis"]):
        return Asked(_VERBS.get(method, "get"), path)
    group = parts[1] if parts[0] == "apis" and len(parts) > 1 else ""
    rest = parts[3:] if parts[0] == "apis" else parts[2:]
    namespace = ""
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    if not rest:
        return Asked(_VERBS.get(method, "get"), path)  # discovery: `/apis/apps`, `/api/v1`
    resource, name, *sub = (*rest, "", "")
    if sub[0]:
        resource = f"{resource}/{sub[0]}"
    verb = _VERBS.get(method) or ("get" if name else "list")
    return Asked(verb, resource, name, namespace, group)

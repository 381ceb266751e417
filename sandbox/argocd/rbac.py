"""Who may do what: the built-in policy, argocd-rbac-cm, and the roles of a project.

Source: Argo CD `util/rbac/rbac.go`, `server/rbacpolicy/rbacpolicy.go`, `assets/builtin-policy.csv`
and `assets/model.conf` (an allow, and no deny, among the policies of the subject and its roles).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from sandbox.argocd import errors, projects
from sandbox.argocd.accounts import NAMESPACE
from sandbox.kubernetes.store import Store

CONFIG = "argocd-rbac-cm"

RESOURCES = (
    "clusters",
    "projects",
    "applications",
    "applicationsets",
    "repositories",
    "certificates",
    "accounts",
    "gpgkeys",
    "logs",
    "exec",
)
ACTIONS = ("get", "create", "update", "delete", "sync", "override")

_IN_A_PROJECT = ("applications", "applicationsets", "logs", "exec")
_READABLE = tuple(name for name in RESOURCES if name != "exec")
_ADMIN: Mapping[str, tuple[str, ...]] = {
    "applications": ("create", "update", "delete", "sync", "override", "action/*"),
    "applicationsets": ("get", "create", "update", "delete"),
    "certificates": ("create", "update", "delete"),
    "clusters": ("create", "update", "delete"),
    "repositories": ("create", "update", "delete"),
    "projects": ("create", "update", "delete"),
    "accounts": ("update",),
    "gpgkeys": ("create", "delete"),
    "exec": ("create",),
}


@dataclass(frozen=True)
class Request:
    """What is asked: `obj` is `project/name` for what belongs to a project."""

    resource: str
    action: str
    obj: str


@dataclass(frozen=True)
class _Rule:
    subject: str
    resource: str
    action: str
    obj: str
    allow: bool

    def covers(self, asked: Request) -> bool:
        return (
            fnmatchcase(asked.resource, self.resource)
            and fnmatchcase(asked.action, self.action)
            and fnmatchcase(asked.obj, self.obj)
        )


@dataclass(frozen=True)
class _Policy:
    rules: tuple[_Rule, ...]
    grants: tuple[tuple[str, str], ...]

    def __add__(self, other: _Policy) -> _Policy:
        return _Policy(self.rules + other.rules, self.grants + other.grants)

    def allows(self, subject: str, asked: Request) -> bool:
        roles = self._roles(subject)
        found = [rule for rule in self.rules if rule.subject in roles and rule.covers(asked)]
        return any(rule.allow for rule in found) and all(rule.allow for rule in found)

    def _roles(self, subject: str) -> set[str]:
        known, fresh = {subject}, {subject}
        while fresh:
            fresh = {role for member, role in self.grants if member in fresh} - known
            known |= fresh
        return known


def parse(text: str) -> _Policy:
    """A policy in CSV; a line that is none is passed over."""
    rules: list[_Rule] = []
    grants: list[tuple[str, str]] = []
    for row in csv.reader(text.splitlines(), skipinitialspace=True):
        parts = [part.strip() for part in row]
        if parts[:1] == ["p"] and len(parts) == 6:
            rules.append(_Rule(parts[1], parts[2], parts[3], parts[4], parts[5] != "deny"))
        elif parts[:1] == ["g"] and len(parts) == 3:
            grants.append((parts[1], parts[2]))
    return _Policy(tuple(rules), tuple(grants))


def _builtin() -> Iterable[str]:
    for resource in _READABLE:
        yield f"p, role:readonly, {resource}, get, {_all_of(resource)}, allow"
    for resource, actions in _ADMIN.items():
        for action in actions:
            yield f"p, role:admin, {resource}, {action}, {_all_of(resource)}, allow"
    yield "g, role:admin, role:readonly"
    yield "g, admin, role:admin"


def _all_of(resource: str) -> str:
    return "*/*" if resource in _IN_A_PROJECT else "*"


_BUILTIN = parse("\n".join(_builtin()))


def allows(store: Store, claims: Mapping[str, Any], asked: Request) -> bool:
    """Whether the bearer of these claims may do it; `policy.default` applies to everybody."""
    subject = str(claims.get("sub", ""))
    config = (store.find("ConfigMap", NAMESPACE, CONFIG) or {}).get("data") or {}
    policy = _BUILTIN + parse(config.get("policy.csv", ""))
    name = _project_of(asked)
    project = store.find("AppProject", NAMESPACE, name) if name else None
    if project is not None:
        if subject.startswith("proj:") and subject.split(":")[1] != name:
            return False
        policy += parse(projects.policies(project))
    default = config.get("policy.default", "")
    return bool(default and policy.allows(default, asked)) or policy.allows(subject, asked)


def require(store: Store, claims: Mapping[str, Any], asked: Request) -> None:
    """Raises GrpcError PermissionDenied that says who asked for what."""
    if allows(store, claims, asked):
        return
    told = [asked.resource, asked.action, asked.obj, f"sub: {claims.get('sub', '')}"]
    if "iat" in claims:
        issued = datetime.fromtimestamp(float(claims["iat"]), UTC)
        told.append(f"iat: {issued:%Y-%m-%dT%H:%M:%SZ}")
    raise errors.permission_denied(f"permission denied: {', '.join(told)}")


def _project_of(asked: Request) -> str:
    """The project that a request is about, if it is about one."""
    if asked.resource == "projects":
        return asked.obj
    name, separator, _ = asked.obj.partition("/")
    return name if separator else ""

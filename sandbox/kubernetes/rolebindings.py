"""The rules that roles and their bindings give a user (rbac.authorization.k8s.io/v1)."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.kubernetes.access import Rule
from sandbox.kubernetes.store import Obj, Store


def bound_rules(store: Store, user: str) -> Iterator[Rule]:
    """Every rule of every role that is bound to the user, where its binding is in force."""
    for binding in (*store.list("RoleBinding"), *store.list("ClusterRoleBinding")):
        namespace = binding["metadata"].get("namespace", "")
        reference = binding.get("roleRef") or {}
        role, kind = None, reference.get("kind")
        if kind in ("Role", "ClusterRole") and _is_bound(binding, user):
            home = namespace if kind == "Role" else ""
            role = store.find(kind, home, reference.get("name", ""))
        for rule in (role or {}).get("rules") or ():
            yield Rule(
                tuple(rule.get("verbs") or ()),
                tuple(rule.get("apiGroups") or ()),
                tuple(rule.get("resources") or ()),
                (namespace or "*",),
                tuple(rule.get("resourceNames") or ()),
            )


def _is_bound(binding: Obj, user: str) -> bool:
    subjects = binding.get("subjects") or ()
    return any(one.get("kind") == "User" and one.get("name") == user for one in subjects)

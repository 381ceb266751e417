"""The rules that Role and RoleBinding objects give a user (rbac.authorization.k8s.io/v1)."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.kubernetes.access import Rule
from sandbox.kubernetes.store import Obj, Store


def bound_rules(store: Store, user: str) -> Iterator[Rule]:
    """Every rule of every Role that is bound to the user, in the namespace of its binding."""
    for binding in store.list("RoleBinding"):
        namespace = binding["metadata"]["namespace"]
        reference = binding.get("roleRef") or {}
        role = None
        if reference.get("kind") == "Role" and _is_bound(binding, user):
            role = store.find("Role", namespace, reference.get("name", ""))
        for rule in (role or {}).get("rules") or ():
            yield Rule(
                tuple(rule.get("verbs") or ()),
                tuple(rule.get("apiGroups") or ()),
                tuple(rule.get("resources") or ()),
                (namespace,),
                tuple(rule.get("resourceNames") or ()),
            )


def _is_bound(binding: Obj, user: str) -> bool:
    subjects = binding.get("subjects") or ()
    return any(one.get("kind") == "User" and one.get("name") == user for one in subjects)

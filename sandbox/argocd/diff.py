"""Three-way comparison: what Git declares, what was applied last, and what is live. Pure.

Only declared fields count: a field that Git never declared stays, one that it declared the last
time and no longer does goes. Source: Argo CD's gitops-engine `pkg/diff` and kubectl apply.
"""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes.objects import clone
from sandbox.kubernetes.resources import by_kind
from sandbox.kubernetes.store import Obj

_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
}
_PORT_KEYS = ("containerPort", "port")
_CONTENT = ("metadata", "spec", "data", "stringData", "type", "rules", "subjects", "roleRef")
_METADATA = ("labels", "annotations", "finalizers")


def merged(declared: Obj, live: Obj, applied: Obj | None) -> Obj:
    """The live object as an apply would leave it; equal to `live` when they agree."""
    builtin = by_kind(declared["kind"]).builtin
    before, result = applied or {}, clone(live)
    for part in _CONTENT:
        if part == "metadata":
            result["metadata"] = _metadata(declared, live, before)
        elif part in declared or part in before:
            _field(result, part, declared, before, builtin)
    return result


def agrees(declared: Obj, live: Obj, applied: Obj | None) -> bool:
    """Whether an apply would change nothing."""
    return merged(declared, live, applied) == live


def _metadata(declared: Obj, live: Obj, applied: Obj) -> dict[str, Any]:
    result: dict[str, Any] = clone(live["metadata"])
    wanted, before = declared["metadata"], applied.get("metadata") or {}
    for field in _METADATA:
        if field in wanted or field in before:
            _field(result, field, wanted, before, builtin=True)
    return result


def _field(
    result: dict[str, Any],
    field: str,
    declared: dict[str, Any],
    applied: dict[str, Any],
    builtin: bool,
) -> None:
    """Brings one field of `result`, which starts as the live one, to what is declared."""
    if field not in declared:
        if field in applied:
            result.pop(field, None)
        return
    result[field] = _value(
        field, declared[field], result.get(field), applied.get(field), builtin=builtin
    )


def _value(field: str, declared: Any, live: Any, applied: Any, *, builtin: bool) -> Any:
    if isinstance(declared, dict):
        result = clone(live) if isinstance(live, dict) else {}
        before = applied if isinstance(applied, dict) else {}
        for key in (*declared, *(key for key in before if key not in declared)):
            _field(result, key, declared, before, builtin)
        return result
    if isinstance(declared, list) and builtin:
        key_field = _merge_key(field, declared)
        if key_field and isinstance(live, list):
            return _merged_list(key_field, declared, live, applied or [])
    return clone(declared)


def _merge_key(field: str, items: list[Any]) -> str | None:
    if field == "ports":
        keyed = (key for key in _PORT_KEYS if items and key in items[0])
        return next(keyed, None)
    return _MERGE_KEYS.get(field)


def _merged_list(key: str, declared: list[Obj], live: list[Obj], applied: list[Obj]) -> list[Obj]:
    """Element by element, in the live order; new ones at the end."""
    wanted = {item.get(key): item for item in declared}
    before = {item.get(key): item for item in applied}
    result = []
    for item in live:
        name = item.get(key)
        if name in wanted:
            own = _value("", wanted.pop(name), item, before.get(name), builtin=True)
            result.append(own)
        elif name not in before:
            result.append(clone(item))
    return [*result, *(clone(item) for item in wanted.values())]

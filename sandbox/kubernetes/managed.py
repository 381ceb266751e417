"""Managed fields: who last wrote which field, as the API server records it."""

from __future__ import annotations

from typing import Any

Path = tuple[str, ...]

_UNTRACKED_METADATA = frozenset(
    {
        "creationTimestamp",
        "generation",
        "managedFields",
        "name",
        "namespace",
        "resourceVersion",
        "uid",
    }
)


def record(
    before: dict[str, Any] | None,
    after: dict[str, Any],
    *,
    manager: str,
    at: str,
    operation: str = "Update",
    subresource: str = "",
) -> list[dict[str, Any]]:
    """The `managedFields` of `after`: the changed fields pass to `manager`, with the time `at`."""
    changed = _changed(_tracked(before or {}), _tracked(after))
    entries = (before or {}).get("metadata", {}).get("managedFields", [])
    if not changed:
        return list(entries)
    key = (manager, operation, subresource, after["apiVersion"])
    kept, mine = [], set(changed)
    for entry in entries:
        paths = _paths(entry["fieldsV1"])
        if _key(entry) == key:
            mine |= paths
        elif paths - changed:
            kept.append({**entry, "fieldsV1": _tree(paths - changed)})
    entry = {
        "manager": manager,
        "operation": operation,
        "apiVersion": after["apiVersion"],
        "time": at,
        "fieldsType": "FieldsV1",
        "fieldsV1": _tree(mine),
    }
    return [*kept, {**entry, "subresource": subresource} if subresource else entry]


def _key(entry: dict[str, Any]) -> tuple[str, str, str, str]:
    return (
        entry["manager"],
        entry["operation"],
        entry.get("subresource", ""),
        entry["apiVersion"],
    )


def _tracked(obj: dict[str, Any]) -> dict[str, Any]:
    tracked = {k: v for k, v in obj.items() if k not in ("apiVersion", "kind", "metadata")}
    metadata = obj.get("metadata", {})
    tracked["metadata"] = {k: v for k, v in metadata.items() if k not in _UNTRACKED_METADATA}
    return tracked


def _changed(before: Any, after: Any, path: Path = ()) -> set[Path]:
    """The paths of fields that are new, different or gone; a list counts as one field."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        if before == after:
            return set()
        return _leaves(after, path) if isinstance(after, dict) and after else {path}
    found: set[Path] = set()
    for key in before.keys() | after.keys():
        if key not in before:
            found |= _changed(None, after[key], (*path, key))
        elif key not in after:
            found |= _leaves(before[key], (*path, key))
        else:
            found |= _changed(before[key], after[key], (*path, key))
    return found


def _leaves(value: Any, path: Path) -> set[Path]:
    if not isinstance(value, dict) or not value:
        return {path}
    return {leaf for key, inner in value.items() for leaf in _leaves(inner, (*path, key))}


def _tree(paths: set[Path]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in sorted(paths):
        node = tree
        for part in path:
            node = node.setdefault(f"f:{part}", {})
    return tree


def _paths(tree: dict[str, Any], path: Path = ()) -> set[Path]:
    if not tree:
        return {path} if path else set()
    return {
        found
        for key, inner in tree.items()
        for found in _paths(inner, (*path, key.removeprefix("f:")))
    }

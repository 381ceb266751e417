"""Patches: JSON Patch (RFC 6902), JSON Merge Patch (RFC 7386) and strategic merge patch."""

from __future__ import annotations

from typing import Any

from sandbox.kubernetes import errors
from sandbox.kubernetes.objects import clone

Json = Any

_MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "conditions": ("type",),
    "containers": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "ports": ("containerPort", "port"),
    "resourceClaims": ("name",),
    "secrets": ("name",),
    "topologySpreadConstraints": ("topologyKey",),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
_SET_LISTS = frozenset({"finalizers"})
_ORDER, _DELETE_FROM, _RETAIN = "$setElementOrder/", "$deleteFromPrimitiveList/", "$retainKeys"


def json_patch(document: Json, operations: Json) -> Json:
    """Applies a JSON Patch to a copy. Raises ApiError 400 (malformed) or 422 (does not apply)."""
    if not isinstance(operations, list):
        raise errors.bad_request("error decoding patch: a JSON patch is a list of operations")
    document = clone(document)
    for operation in operations:
        if not isinstance(operation, dict) or "op" not in operation or "path" not in operation:
            raise errors.bad_request("error decoding patch: an operation needs op and path")
        try:
            document = _operate(document, operation)
        except (KeyError, IndexError, ValueError, TypeError):
            # The real server tells no more than this, whichever operation it was.
            message = "the server rejected our request due to an error in our request"
            raise errors.unprocessable(message) from None
    return document


def _operate(document: Json, operation: dict[str, Json]) -> Json:
    op, path = operation["op"], _pointer(operation["path"])
    if op == "test":
        if _at(document, path) != operation["value"]:
            raise ValueError("test failed")
        return document
    if op == "remove":
        return _remove(document, path)
    if op == "replace":
        _at(document, path)
        return _set(document, path, clone(operation["value"]), insert=False)
    if op == "add":
        return _set(document, path, clone(operation["value"]), insert=True)
    if op in ("move", "copy"):
        source = _pointer(operation["from"])
        value = clone(_at(document, source))
        document = _remove(document, source) if op == "move" else document
        return _set(document, path, value, insert=True)
    raise ValueError(f"unknown operation {op}")


def _pointer(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise ValueError("a JSON pointer starts with /")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _index(part: str, length: int) -> int:
    position = int(part)
    if not 0 <= position < length or part != str(position):
        raise IndexError(part)
    return position


def _at(document: Json, path: list[str]) -> Json:
    for part in path:
        document = document[_index(part, len(document)) if isinstance(document, list) else part]
    return document


def _set(document: Json, path: list[str], value: Json, *, insert: bool) -> Json:
    if not path:
        return value
    parent, last = _at(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif not insert:
        parent[_index(last, len(parent))] = value
    elif last == "-":
        parent.append(value)
    else:
        parent.insert(_index(last, len(parent) + 1), value)
    return document


def _remove(document: Json, path: list[str]) -> Json:
    parent, last = _at(document, path[:-1]), path[-1]
    if isinstance(parent, list):
        del parent[_index(last, len(parent))]
    else:
        del parent[last]
    return document


def merge_patch(document: Json, patch: Json) -> Json:
    """Applies a JSON Merge Patch: null removes, a list is replaced as a whole."""
    if not isinstance(patch, dict):
        return clone(patch)
    merged = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def strategic_merge(document: Json, patch: Json) -> Json:
    """Applies a strategic merge patch: lists with a merge key are merged element by element."""
    if not isinstance(patch, dict):
        return clone(patch)
    directive = patch.get("$patch")
    if directive == "delete":
        return {}
    if directive == "replace":
        return {key: clone(value) for key, value in patch.items() if key != "$patch"}
    merged = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        _merge_field(merged, key, value)
    if _RETAIN in patch:
        merged = {key: value for key, value in merged.items() if key in patch[_RETAIN]}
    for key, order in patch.items():
        if key.startswith(_ORDER):
            _reorder(merged, key.removeprefix(_ORDER), order)
    return merged


def _merge_field(merged: dict[str, Json], key: str, value: Json) -> None:
    if key.startswith(_DELETE_FROM):
        field = key.removeprefix(_DELETE_FROM)
        merged[field] = [item for item in merged.get(field) or [] if item not in value]
    elif key.startswith("$"):
        return
    elif value is None:
        merged.pop(key, None)
    elif isinstance(value, list):
        merged[key] = _merge_list(key, merged.get(key) or [], value)
    else:
        merged[key] = strategic_merge(merged.get(key), value)


def _merge_list(field: str, current: list[Json], patch: list[Json]) -> list[Json]:
    if field in _SET_LISTS:
        return [*current, *(item for item in patch if item not in current)]
    merge_key = _merge_key(field, patch or current)
    replaced = any(isinstance(item, dict) and item.get("$patch") == "replace" for item in patch)
    if merge_key is None or replaced:
        return [clone(i) for i in patch if not (isinstance(i, dict) and "$patch" in i)]
    merged = list(current)
    for item in patch:
        _merge_item(merged, merge_key, item)
    return merged


def _merge_item(merged: list[Json], merge_key: str, item: dict[str, Json]) -> None:
    if merge_key not in item:
        raise errors.bad_request(f"map: {item} does not contain declared merge key: {merge_key}")
    position = _position(merged, merge_key, item[merge_key])
    if item.get("$patch") == "delete":
        if position is not None:
            del merged[position]
    elif position is None:
        merged.append(strategic_merge({}, item))
    else:
        merged[position] = strategic_merge(merged[position], item)


def _merge_key(field: str, items: list[Json]) -> str | None:
    keys = _MERGE_KEYS.get(field, ())
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    return next((key for key in keys if any(key in item for item in items)), None) or (
        keys[0] if keys else None
    )


def _position(items: list[Json], merge_key: str, value: Json) -> int | None:
    return next((i for i, item in enumerate(items) if item.get(merge_key) == value), None)


def _reorder(merged: dict[str, Json], field: str, order: list[Json]) -> None:
    """Puts the elements in the given order; those not named keep theirs, after."""
    items = merged.get(field)
    if not isinstance(items, list) or not order:
        return
    merge_key = _merge_key(field, order)

    def rank(item: Json) -> int:
        wanted = {merge_key: item.get(merge_key)} if merge_key else item
        return order.index(wanted) if wanted in order else len(order)

    merged[field] = sorted(items, key=rank)

"""The `fields` parameter of the list: which fields of each Application are sent.

Source: Argo CD `server/application/forwarder_overwrite.go` and `util/http/http.go`: exact names
only; one that is not among them, such as `items.spec.project`, is passed over.
"""

from __future__ import annotations

from typing import Any

_KNOWN = (
    "metadata.name",
    "metadata.namespace",
    "metadata.annotations",
    "metadata.labels",
    "metadata.creationTimestamp",
    "metadata.deletionTimestamp",
    "spec",
    "status.sync.status",
    "status.health",
    "status.summary",
    "status.operationState.startedAt",
    "status.operationState.finishedAt",
    "status.operationState.phase",
    "status.resources",
    "operation.sync",
)


def chosen(listed: dict[str, Any], names: str) -> dict[str, Any]:
    """The list with those fields only; with a leading `-`, with all known ones but those."""
    exclude = names.startswith("-")
    asked = {name.strip() for name in names.removeprefix("-").split(",")} - {""}
    if not asked:
        return listed
    wanted = [name for name in _KNOWN if (f"items.{name}" in asked) != exclude]
    items = [_pick(item, wanted) for item in listed["items"] or []]
    return {"items": items or None, "metadata": listed["metadata"]}


def _pick(item: dict[str, Any], names: list[str]) -> dict[str, Any]:
    picked: dict[str, Any] = {}
    for name in names:
        *outer, last = name.split(".")
        source: Any = item
        for part in outer:
            source = source.get(part) or {}
        if last not in source:
            continue
        target = picked
        for part in outer:
            target = target.setdefault(part, {})
        target[last] = source[last]
    return picked

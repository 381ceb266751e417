"""Objects as JSON, and the metadata that only the server writes."""

from __future__ import annotations

import secrets
from typing import Any, TypeVar

from sandbox.kubernetes import errors
from sandbox.kubernetes.resources import Resource

Obj = dict[str, Any]
_T = TypeVar("_T")

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SYSTEM_FIELDS = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "managedFields")


def clone(value: _T) -> _T:
    """A deep copy of a JSON value; several times faster than copy.deepcopy."""
    if isinstance(value, dict):
        return {key: clone(inner) for key, inner in value.items()}  # type: ignore[return-value]  # a dict stays a dict
    if isinstance(value, list):
        return [clone(inner) for inner in value]  # type: ignore[return-value]  # and a list a list
    return value


def give_name(resource: Resource, metadata: Obj) -> None:
    """Makes a name from `generateName` where there is none. Raises ApiError 422 without either."""
    if metadata.get("name"):
        return
    if not metadata.get("generateName"):
        why = "Required value: name or generateName is required"
        raise errors.invalid(resource, "", "metadata.name", why)
    suffix = "".join(secrets.choice(_SUFFIX_LETTERS) for _ in range(5))
    metadata["name"] = metadata["generateName"] + suffix


def check_preconditions(resource: Resource, old: Obj, new: Obj) -> None:
    """Compares two metadata. Raises ApiError 409 for a stale version or another object's uid."""
    asked = new.get("resourceVersion")
    if asked and asked != old["resourceVersion"]:
        raise errors.conflict(resource, old["name"])
    uid = new.get("uid")
    if uid and uid != old["uid"]:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['uid']}"
        raise errors.conflict(resource, old["name"], why)


def keep_system_fields(old: Obj, new: Obj) -> None:
    """Puts back in `new` what no client may change."""
    new["apiVersion"] = old["apiVersion"]
    for field in _SYSTEM_FIELDS:
        if field in old["metadata"]:
            new["metadata"][field] = clone(old["metadata"][field])
        else:
            new["metadata"].pop(field, None)
    new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]


def desired(resource: Resource, obj: Obj) -> Obj:
    """What `generation` counts: without a status subresource everything but the metadata."""
    ignored = {"metadata", "status"} if resource.status else {"metadata"}
    return {key: value for key, value in obj.items() if key not in ignored}

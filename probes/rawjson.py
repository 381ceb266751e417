"""Reading raw JSON of an API: what is missing or of another shape counts as not said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from probes.text import safe_text

Obj = Mapping[str, Any]
"""An object as an API gives it."""

_LIMIT = 1_000


def mapping(obj: object, key: str) -> Obj:
    """The object under a key, or an empty one."""
    found = obj.get(key) if isinstance(obj, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def objects(obj: object, key: str) -> tuple[Obj, ...]:
    """The objects in the list under a key."""
    found = obj.get(key) if isinstance(obj, Mapping) else None
    items = found if isinstance(found, list) else ()
    return tuple(one for one in items if isinstance(one, Mapping))


def text(obj: Obj, key: str) -> str:
    """The safe text under a key, or empty."""
    found = obj.get(key)
    return safe_text(found, _LIMIT) if isinstance(found, str) else ""


def texts(obj: Obj) -> dict[str, str]:
    """The entries of a mapping that are texts, made safe."""
    found = ((key, value) for key, value in obj.items() if isinstance(value, str))
    return {safe_text(str(key)): safe_text(value, _LIMIT) for key, value in found}


def moment(value: object) -> datetime | None:
    """A Kubernetes time (RFC 3339) in UTC, or None."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if found is None:
        return None
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        return None


def name_of(obj: Obj) -> str:
    """The name in a Kubernetes object's metadata."""
    return text(mapping(obj, "metadata"), "name")

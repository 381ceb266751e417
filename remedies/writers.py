"""Who wrote a field of an object last, as the API server records it in managedFields. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from probes.rawjson import Obj, mapping, moment, objects, text

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Writer:
    """A field manager: how a program calls itself to the API server, and when it wrote."""

    manager: str
    at: datetime | None

    def __str__(self) -> str:
        """As a sentence tells it."""
        return f"`{self.manager}`" + (f" at {self.at:%H:%M:%S} UTC" if self.at else "")


def writer_of(obj: Obj, pointer: str) -> Writer | None:
    """The manager of the field; of a list as a whole, since that is how it is recorded."""
    entries = objects(mapping(obj, "metadata"), "managedFields")
    found = [
        Writer(text(one, "manager"), moment(one.get("time")))
        for one in entries
        if _covers(mapping(one, "fieldsV1"), pointer)
    ]
    return max(found, key=lambda one: one.at or _LONG_AGO, default=None)


def _covers(fields: Obj, pointer: str) -> bool:
    for part in pointer.split("/")[1:]:
        if part.isdecimal():
            return True
        key = f"f:{part.replace('~1', '/').replace('~0', '~')}"
        if key not in fields:
            return False
        fields = mapping(fields, key)
    return True

"""Setting an annotation of an object, which may have none yet. Pure.

To add one where the map is missing is to add the map: what is expected and wanted are then that.
"""

from __future__ import annotations

from probes.rawjson import Obj
from remedies.model import Absent, Field, ObjectRef, PatchObject
from remedies.performing.objects import at, escaped

ANNOTATIONS = "/metadata/annotations"
_UID = "/metadata/uid"


def annotating(ref: ObjectRef, obj: Obj, name: str, value: str) -> PatchObject:
    """Set it, while it is that very object and the annotation is as it was seen."""
    now, then = annotation(obj, ANNOTATIONS, name, value)
    return PatchObject(ref, (Field(_UID, at(obj, _UID)), now), (then,))


def annotation(obj: Obj, place: str, name: str, value: str) -> tuple[Field, Field]:
    """The field as it is and as it will be; `place` is the JSON pointer of the annotations."""
    if isinstance(at(obj, place), Absent):
        return Field(place, Absent()), Field(place, {name: value})
    pointer = f"{place}/{escaped(name)}"
    return Field(pointer, at(obj, pointer)), Field(pointer, value)

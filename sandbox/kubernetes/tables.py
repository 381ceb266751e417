"""Tables: objects as `kubectl get` asks for them (meta.k8s.io/v1 Table)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.kubernetes.columns import Column, columns_of
from sandbox.kubernetes.resources import Resource

Obj = dict[str, Any]


def wanted(accept: str) -> bool:
    """Whether the client asks for a Table."""
    return any("as=Table" in offer.replace(" ", "") for offer in accept.split(","))


def table(
    resource: Resource,
    objects: Sequence[Obj],
    metadata: Obj,
    include: str = "Metadata",
) -> Obj:
    """The Table of some objects; `include` is the query parameter `includeObject`."""
    columns = columns_of(resource)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": [_definition(column) for column in columns],
        "rows": [_row(columns, obj, include) for obj in objects],
    }


def _definition(column: Column) -> Obj:
    return {
        "name": column.name,
        "type": column.type,
        "format": "name" if column.name == "Name" else "",
        "description": "",
        "priority": column.priority,
    }


def _row(columns: Sequence[Column], obj: Obj, include: str) -> Obj:
    row: Obj = {"cells": [column.cell(obj) for column in columns]}
    if include == "Object":
        row["object"] = obj
    elif include != "None":
        row["object"] = {
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": obj["metadata"],
        }
    return row

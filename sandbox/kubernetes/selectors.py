"""Selectors: which objects a list or a watch asks for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.kubernetes import errors
from sandbox.kubernetes.resources import Resource

Obj = dict[str, Any]
Matcher = Callable[[Obj], bool]
_LabelTest = Callable[[dict[str, str]], bool]

_SET_BASED = re.compile(r"^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$")
_EQUALITY = re.compile(r"^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$")
_EXISTENCE = re.compile(r"^(!?)\s*([^\s!=,()]+)$")
_COMMAS_OUTSIDE_PARENTHESES = re.compile(r",(?![^(]*\))")
_FIELDS: dict[str, tuple[str, ...]] = {
    "Pod": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
    ),
    "Event": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "Secret": ("type",),
    "Namespace": ("status.phase",),
    "Node": ("spec.unschedulable",),
    "ReplicaSet": ("status.replicas",),
}


def matcher(resource: Resource, label_selector: str, field_selector: str) -> Matcher:
    """A test for both selectors together. Raises ApiError 400 for what cannot be understood."""
    labels = parse_labels(label_selector)
    fields = parse_fields(resource, field_selector)
    return lambda obj: labels(obj["metadata"].get("labels") or {}) and fields(obj)


def parse_labels(selector: str) -> _LabelTest:
    """A test of a label set. Raises ApiError 400."""
    tests = [
        _requirement(part.strip())
        for part in _COMMAS_OUTSIDE_PARENTHESES.split(selector)
        if part.strip()
    ]
    return lambda labels: all(test(labels) for test in tests)


def parse_fields(resource: Resource, selector: str) -> Matcher:
    """A test of the few fields that a resource can be selected by. Raises ApiError 400."""
    known = ("metadata.name", "metadata.namespace", *_FIELDS.get(resource.kind, ()))
    tests: list[tuple[str, bool, str]] = []
    for part in filter(None, (part.strip() for part in selector.split(","))):
        parsed = _EQUALITY.match(part)
        if parsed is None:
            raise errors.bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
        field, operator, value = parsed.groups()
        if field not in known:
            raise errors.bad_request(f"field label not supported: {field}")
        tests.append((field, operator != "!=", value))
    return lambda obj: all((_field(obj, field) == value) == equal for field, equal, value in tests)


def _requirement(text: str) -> _LabelTest:
    if found := _SET_BASED.match(text):
        key, operator, listed = found.groups()
        values = {value.strip() for value in listed.split(",")}
        if operator == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found := _EQUALITY.match(text):
        key, operator, value = found.groups()
        if operator == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if found := _EXISTENCE.match(text):
        absent, key = found.groups()
        return lambda labels: (key in labels) != bool(absent)
    raise errors.bad_request(f"unable to parse requirement: found '{text}'")


def _field(obj: Obj, path: str) -> str:
    if path == "source":
        return str((obj.get("source") or {}).get("component", ""))
    value: Any = obj
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)

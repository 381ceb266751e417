from __future__ import annotations

from typing import Any

import pytest

from sandbox.kubernetes import patch
from sandbox.kubernetes.errors import ApiError

SPEC: dict[str, Any] = {
    "containers": [
        {"name": "web", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
        {"name": "proxy", "image": "p"},
    ],
    "args": ["--one", "--two"],
    "finalizers": ["a"],
}


def test_json_patch_replaces_one_parameter_after_testing_it() -> None:
    before = {"parameters": [{"name": "x", "value": "old"}, {"name": "y", "value": "1"}]}
    operations = [
        {"op": "test", "path": "/parameters/0/name", "value": "x"},
        {"op": "replace", "path": "/parameters/0/value", "value": "new"},
        {"op": "add", "path": "/parameters/-", "value": {"name": "z"}},
        {"op": "remove", "path": "/parameters/1"},
    ]
    after = patch.json_patch(before, operations)
    assert after == {"parameters": [{"name": "x", "value": "new"}, {"name": "z"}]}
    assert before["parameters"][0]["value"] == "old"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/a~1b", "value": "other"},
        {"op": "replace", "path": "/missing", "value": 1},
        {"op": "remove", "path": "/list/7"},
        {"op": "add", "path": "/list/01", "value": 1},
        {"op": "add", "path": "/missing/deep", "value": 1},
    ],
)
def test_a_json_patch_that_does_not_apply_is_422(operation: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as failed:
        patch.json_patch({"a/b": "value", "list": []}, [operation])
    assert failed.value.status == 422


def test_a_malformed_json_patch_is_400() -> None:
    with pytest.raises(ApiError, match="error decoding patch") as failed:
        patch.json_patch({}, {"op": "add"})
    assert failed.value.status == 400


def test_merge_patch_removes_with_null_and_replaces_lists() -> None:
    after = patch.merge_patch({"a": {"b": 1, "c": 2}, "l": [1, 2]}, {"a": {"b": None}, "l": [3]})
    assert after == {"a": {"c": 2}, "l": [3]}


def test_strategic_merge_keeps_the_other_containers_and_variables() -> None:
    change = {"containers": [{"name": "web", "env": [{"name": "B", "value": "3"}]}]}
    after = patch.strategic_merge(SPEC, change)
    assert after["containers"][0]["env"] == [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "3"},
    ]
    assert after["containers"][1] == {"name": "proxy", "image": "p"}


def test_strategic_merge_deletes_orders_and_replaces_where_told() -> None:
    change = {
        "$setElementOrder/containers": [{"name": "new"}, {"name": "proxy"}],
        "containers": [{"name": "web", "$patch": "delete"}, {"name": "new"}],
        "args": ["--three"],
        "$deleteFromPrimitiveList/finalizers": ["a"],
    }
    after = patch.strategic_merge(SPEC, change)
    assert [c["name"] for c in after["containers"]] == ["new", "proxy"]
    assert after["args"] == ["--three"]
    assert after["finalizers"] == []


def test_strategic_merge_needs_the_merge_key() -> None:
    with pytest.raises(ApiError, match="declared merge key: name"):
        patch.strategic_merge(SPEC, {"containers": [{"image": "x"}, {"name": "web"}]})

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.kubernetes.errors import ApiError
from sandbox.kubernetes.store import Change, Store

from .conftest import furnish


@pytest.fixture
def store() -> Store:
    store = Store(clock=lambda: datetime(2026, 1, 6, 1, 2, 3, tzinfo=UTC))
    furnish(store)
    return store


def test_an_object_read_is_a_copy(store: Store) -> None:
    store.get("Pod", "shop", "web-1")["spec"]["containers"].clear()
    assert store.get("Pod", "shop", "web-1")["spec"]["containers"]


def test_an_object_has_its_time_also_where_a_client_sends_none(store: Store) -> None:
    pod = store.get("Pod", "shop", "web-1")
    pod["metadata"] = {"name": "new", "namespace": "shop", "creationTimestamp": None}
    assert store.create(pod)["metadata"]["creationTimestamp"] == "2026-01-06T01:02:03Z"


def test_a_stale_version_is_a_conflict(store: Store) -> None:
    first, second = store.get("Pod", "shop", "web-1"), store.get("Pod", "shop", "web-1")
    first["metadata"]["labels"]["a"] = "1"
    store.update(first)
    second["metadata"]["labels"]["a"] = "2"
    with pytest.raises(ApiError, match="the object has been modified") as failed:
        store.update(second)
    assert (failed.value.status, failed.value.reason) == (409, "Conflict")


def test_an_update_that_changes_nothing_is_not_written(store: Store) -> None:
    before = store.version
    store.update(store.get("Deployment", "shop", "web"))
    assert store.version == before


def test_generation_counts_the_spec_and_not_the_status(store: Store) -> None:
    def scale(obj: dict[str, dict[str, int]]) -> None:
        obj["spec"]["replicas"] = 3

    assert store.change("Deployment", "shop", "web", scale)["metadata"]["generation"] == 2

    def report(obj: dict[str, dict[str, int]]) -> None:
        obj["status"]["replicas"] = 3

    assert store.change("Deployment", "shop", "web", report)["metadata"]["generation"] == 2


def test_managed_fields_tell_who_wrote_what_and_when(store: Store) -> None:
    def edit(obj: dict[str, dict[str, int]]) -> None:
        obj["spec"]["replicas"] = 3

    obj = store.change("Deployment", "shop", "web", edit, manager="kubectl-edit")
    entries = {entry["manager"]: entry for entry in obj["metadata"]["managedFields"]}
    assert entries["kubectl-edit"]["fieldsV1"] == {"f:spec": {"f:replicas": {}}}
    assert entries["kubectl-edit"]["time"] == "2026-01-06T01:02:03Z"
    assert "f:replicas" not in entries["sandbox"]["fieldsV1"]["f:spec"]


def test_listeners_hear_of_writes_in_order_even_of_each_others(store: Store) -> None:
    heard: list[tuple[str, str]] = []

    def react(change: Change) -> None:
        if change.obj["kind"] == "ConfigMap" and change.type == "ADDED":
            store.delete("ConfigMap", "shop", change.obj["metadata"]["name"])

    store.subscribe(react)
    unsubscribe = store.subscribe(lambda c: heard.append((c.type, c.obj["kind"])))
    store.create({"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"}})
    assert heard == [("ADDED", "ConfigMap"), ("DELETED", "ConfigMap")]
    unsubscribe()
    store.create({"kind": "ConfigMap", "metadata": {"name": "d", "namespace": "shop"}})
    assert len(heard) == 2


def test_deleting_an_owner_deletes_what_it_owns(store: Store) -> None:
    uid = store.get("Deployment", "shop", "web")["metadata"]["uid"]
    owner = {"kind": "Deployment", "name": "web", "uid": uid, "apiVersion": "apps/v1"}
    meta = {"name": "web-abc", "namespace": "shop", "ownerReferences": [owner]}
    store.create({"kind": "ReplicaSet", "metadata": meta, "spec": {}})
    store.delete("Deployment", "shop", "web")
    assert store.find("ReplicaSet", "shop", "web-abc") is None
    assert store.find("Pod", "shop", "web-1")


def test_finalizers_hold_an_object_until_they_are_gone(store: Store) -> None:
    meta = {"name": "c", "namespace": "shop", "finalizers": ["example.com/wait"]}
    store.create({"kind": "ConfigMap", "metadata": meta})
    store.delete("ConfigMap", "shop", "c")
    held = store.get("ConfigMap", "shop", "c")
    assert held["metadata"]["deletionTimestamp"] == "2026-01-06T01:02:03Z"
    held["metadata"]["finalizers"] = []
    store.update(held)
    assert store.find("ConfigMap", "shop", "c") is None


def test_a_secret_takes_plain_text_and_keeps_base64(store: Store) -> None:
    meta = {"name": "s", "namespace": "shop"}
    store.create({"kind": "Secret", "metadata": meta, "stringData": {"k": "v"}})
    assert store.get("Secret", "shop", "s")["data"] == {"k": "dg=="}
    bad = {"kind": "Secret", "metadata": meta | {"name": "t"}, "data": {"k": "not base64!"}}
    with pytest.raises(ApiError, match="illegal base64 data"):
        store.create(bad)


def test_history_is_kept_only_so_long() -> None:
    store = Store(history=2)
    furnish(store)
    with pytest.raises(ApiError, match="too old resource version: 1 ") as failed:
        store.changes_since(1)
    assert (failed.value.status, failed.value.reason) == (410, "Expired")

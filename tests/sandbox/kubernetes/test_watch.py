"""Watching over HTTP: what arrives, in which order, and when it ends."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sandbox.kubernetes import watch
from sandbox.kubernetes.resources import by_kind
from sandbox.kubernetes.store import Store

from .conftest import Cluster, furnish, pod

PODS = "/api/v1/namespaces/shop/pods"


async def _events(cluster: Cluster, count: int, **params: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    query = {"watch": "true", **params}
    async with asyncio.timeout(10), cluster.admin.stream("GET", PODS, params=query) as stream:
        async for line in stream.aiter_lines():
            events.append(json.loads(line))
            if len(events) == count:
                break
    return events


def _told(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]


async def _listeners(cluster: Cluster, count: int) -> None:
    """Waits until so many watches listen, so that what is written next is news to them."""
    for _ in range(2_000):
        if len(cluster.store._listeners) == count:
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


async def test_without_a_version_what_is_there_comes_first(cluster: Cluster) -> None:
    watcher = asyncio.create_task(_events(cluster, 3))
    await _listeners(cluster, 1)
    cluster.store.create(pod("web-2"))
    cluster.store.create({"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"}})
    cluster.store.delete("Pod", "shop", "web-1")
    assert _told(await watcher) == [
        ("ADDED", "web-1"),
        ("ADDED", "web-2"),
        ("DELETED", "web-1"),
    ]


async def test_from_a_version_only_what_came_after(cluster: Cluster) -> None:
    version = str(cluster.store.version)
    cluster.store.create(pod("web-2"))
    assert _told(await _events(cluster, 1, resourceVersion=version)) == [("ADDED", "web-2")]


async def test_leaving_the_selection_is_a_deletion(cluster: Cluster) -> None:
    version = str(cluster.store.version)

    def relabel(obj: dict[str, Any]) -> None:
        obj["metadata"]["labels"] = {"app": "other"}

    cluster.store.change("Pod", "shop", "web-1", relabel)
    events = await _events(cluster, 1, resourceVersion=version, labelSelector="app=web")
    assert _told(events) == [("DELETED", "web-1")]


async def test_a_version_that_is_too_old_is_a_410_event(cluster: Cluster) -> None:
    start = str(cluster.store.version)
    for number in range(5_001):
        meta = {"name": f"c-{number}", "namespace": "shop"}
        cluster.store.create({"kind": "ConfigMap", "metadata": meta})
    events = await _events(cluster, 1, resourceVersion=start)
    assert events[0]["type"] == "ERROR"
    assert (events[0]["object"]["code"], events[0]["object"]["reason"]) == (410, "Expired")


async def test_a_watch_ends_after_its_time(cluster: Cluster) -> None:
    events = await _events(cluster, 99, timeoutSeconds="1")
    assert _told(events) == [("ADDED", "web-1")]
    bad = await cluster.admin.get(PODS, params={"watch": "1", "resourceVersion": "x"})
    assert bad.status_code == 400


async def test_bookmarks_mark_the_beginning_and_the_quiet(cluster: Cluster) -> None:
    request = watch.WatchRequest(
        resource=by_kind("Pod"),
        namespace="shop",
        matches=lambda _obj: True,
        version=None,
        timeout_s=5,
        bookmarks=True,
        initial_events=True,
        shape=lambda obj: obj,
    )
    store = Store()
    furnish(store)
    lines = []
    async for line in watch.events(store, request, bookmark_interval_s=0.01):
        lines.append(json.loads(line))
        if len(lines) == 3:
            break
    assert [line["type"] for line in lines] == ["ADDED", "BOOKMARK", "BOOKMARK"]
    annotations = lines[1]["object"]["metadata"]["annotations"]
    assert annotations == {"k8s.io/initial-events-end": "true"}


async def test_a_client_that_hangs_up_is_forgotten(cluster: Cluster) -> None:
    await _events(cluster, 1)
    await _listeners(cluster, 0)

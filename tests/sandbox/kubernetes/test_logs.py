"""Pod logs over HTTP, with every option of the real server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.kubernetes.logs import LogBuffer, Logs

from .conftest import Cluster, pod

LOG = "/api/v1/namespaces/shop/pods/web-1/log"
START = datetime(2026, 1, 6, 1, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def buffer(cluster: Cluster) -> LogBuffer:
    buffer = cluster.logs.open("shop", "web-1", "web")
    for number in range(5):
        buffer.append(f"line {number}", START + timedelta(minutes=number))
    return buffer


async def _text(cluster: Cluster, **params: str) -> str:
    answer = await cluster.admin.get(LOG, params=params)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


@pytest.mark.usefixtures("buffer")
async def test_whole_tail_since_and_limit(cluster: Cluster) -> None:
    assert await _text(cluster) == "".join(f"line {n}\n" for n in range(5))
    assert await _text(cluster, tailLines="2") == "line 3\nline 4\n"
    assert await _text(cluster, tailLines="0") == ""
    assert await _text(cluster, sinceTime="2026-01-06T01:03:30Z") == "line 4\n"
    assert await _text(cluster, sinceSeconds="60") == ""
    assert await _text(cluster, limitBytes="10") == "line 0\nlin"
    assert await _text(cluster, tailLines="1", timestamps="true") == (
        "2026-01-06T01:04:00.123456000Z line 4\n"
    )


async def test_follow_goes_on_until_the_container_is_gone(
    cluster: Cluster, buffer: LogBuffer
) -> None:
    received: list[str] = []
    params = {"follow": "true", "tailLines": "1"}
    async with asyncio.timeout(10), cluster.admin.stream("GET", LOG, params=params) as stream:
        async for line in stream.aiter_lines():
            received.append(line)
            if line == "line 4":
                buffer.append("line 5\nline 6")
            if line == "line 6":
                cluster.logs.drop("shop", "web-1")
    assert received == ["line 4", "line 5", "line 6"]


@pytest.mark.usefixtures("buffer")
async def test_previous_is_the_run_before(cluster: Cluster) -> None:
    missing = await cluster.admin.get(LOG, params={"previous": "true"})
    assert missing.status_code == 400
    assert missing.json()["message"] == (
        'previous terminated container "web" in pod "web-1" not found'
    )
    cluster.logs.open("shop", "web-1", "web").append("new run")
    assert await _text(cluster) == "new run\n"
    assert (await _text(cluster, previous="true")).endswith("line 4\n")


async def test_several_containers_need_a_name(cluster: Cluster) -> None:
    both = pod("web-2")
    both["spec"] = {"containers": [{"name": "web"}, {"name": "istio-proxy"}]}
    cluster.store.create(both)
    path = LOG.replace("web-1", "web-2")
    unnamed = await cluster.admin.get(path)
    assert unnamed.status_code == 400
    assert unnamed.json()["message"] == (
        "a container name must be specified for pod web-2, choose one of: [web istio-proxy]"
    )
    wrong = await cluster.admin.get(path, params={"container": "x"})
    assert wrong.json()["message"] == "container x is not valid for pod web-2"
    cluster.logs.open("shop", "web-2", "istio-proxy").append("envoy")
    assert (await cluster.admin.get(path, params={"container": "istio-proxy"})).text == "envoy\n"


async def test_a_container_that_has_not_started_says_why(cluster: Cluster) -> None:
    waiting = [{"name": "web", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]
    cluster.store.create(pod("web-2", phase="Pending", containerStatuses=waiting))
    answer = await cluster.admin.get(LOG.replace("web-1", "web-2"))
    assert answer.json()["message"] == (
        'container "web" in pod "web-2" is waiting to start: ImagePullBackOff'
    )


@pytest.mark.usefixtures("buffer")
async def test_options_out_of_range_are_422(cluster: Cluster) -> None:
    answer = await cluster.admin.get(LOG, params={"tailLines": "-1"})
    assert answer.status_code == 422
    assert "must be greater than or equal to 0" in answer.json()["message"]


async def test_a_follower_that_lags_behind_rotation_goes_on_with_what_is_left() -> None:
    buffer = LogBuffer(max_lines=3)
    for number in range(10):
        buffer.append(str(number))
    buffer.close()
    assert [entry.text async for entry in buffer.follow(2)] == ["7", "8", "9"]


def test_only_the_current_and_the_previous_run_are_kept() -> None:
    logs = Logs()
    runs = [logs.open("n", "p", "c") for _ in range(3)]
    assert logs.find("n", "p", "c") is runs[2]
    assert logs.find("n", "p", "c", previous=True) is runs[1]
    assert runs[1].closed

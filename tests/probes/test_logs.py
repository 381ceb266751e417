"""Given pods with logs, when they are read, the start and the tail are there, each line once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from probes import workload
from probes.logs import LogReader, after, lines_of, whole_lines
from probes.model import Failure, FailureKind, Level, LogsSeen
from probes.profile import Profile
from probes.reach import open_reach
from sandbox.kubernetes.logs import LogBuffer
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubernetes
from tests.probes.opsservice_objects import configuration, deployment, pod

START = datetime(2026, 1, 6, 2, 34, tzinfo=UTC)


async def look(profile: Profile) -> LogsSeen:
    async with open_reach(profile) as reach:
        await reach.cluster.ready(10)
        seen = await workload.observe(reach.cluster, profile, timeout_s=5)
        return await LogReader(reach.cluster, profile).observe(seen)


@asynccontextmanager
async def looking(
    cluster: Kubernetes, *pods: dict[str, Any], user: str = "sandbox"
) -> AsyncIterator[Callable[[], Awaitable[LogsSeen]]]:
    """One reader on those pods, to look again and again with."""
    cluster.create(*configuration(), deployment(), *pods)
    profile = cluster.profile(user)
    async with open_reach(profile) as reach:
        await reach.cluster.ready(10)
        reader = LogReader(reach.cluster, profile)

        async def again() -> LogsSeen:
            seen = await workload.observe(reach.cluster, profile, timeout_s=5)
            return await reader.observe(seen)

        yield again


def read_but_no_logs(cluster: Kubernetes) -> None:
    verbs, own = ["get", "list"], [NAMESPACE]
    cluster.access.allow("reader", verbs, [""], ["pods", "configmaps", "secrets"], own)
    cluster.access.allow("reader", verbs, ["apps"], ["deployments"], own)


def write(cluster: Kubernetes, name: str, lines: list[str], start: datetime = START) -> LogBuffer:
    buffer = cluster.logs.open(NAMESPACE, name, "ops-service")
    for at, line in enumerate(lines):
        buffer.append(line, start + timedelta(seconds=at))
    return buffer


def info(msg: str, **fields: object) -> str:
    return json.dumps({"level": "info", "ts": 1.5, "msg": msg} | fields)


STARTING = info("OpenTelemetry initialized")
NO_TOKEN = info("ArgoCD configuration incomplete, ArgoCD features disabled").replace("info", "warn")


async def test_a_startup_warning_is_there_after_ten_thousand_access_lines(tmp_path: Path) -> None:
    access = [info("Request completed", n=number) for number in range(10_000)]
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        write(cluster, "ops-service-1", [STARTING, NO_TOKEN, *access])
        seen = await look(cluster.profile())
    (log,) = seen.pods
    assert not isinstance(log.head, Failure)
    assert not isinstance(log.tail, Failure)
    assert log.head_is_start
    assert log.head[1].level is Level.WARN
    assert log.tail[-1].fields["n"] == "9999"
    assert len(log.tail) == 500
    assert log.head[-1].raw.endswith("}")


async def test_a_short_log_stands_there_once(tmp_path: Path) -> None:
    lines = [STARTING, "[GIN-debug] GET /metrics", NO_TOKEN, "same", "same"]
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        write(cluster, "ops-service-1", lines)
        seen = await look(cluster.profile())
    assert [one.raw for one in seen.lines()] == lines
    assert [one.time for one in seen.lines()][-1] == START + timedelta(seconds=4)


async def test_all_pods_and_the_container_before_the_last_restart(tmp_path: Path) -> None:
    crashed = {"restartCount": 3, "ready": False}
    async with kubernetes(tmp_path) as cluster:
        cluster.create(
            *configuration(), deployment(), pod(), pod("ops-service-2", container=crashed)
        )
        write(cluster, "ops-service-1", ["one"])
        write(cluster, "ops-service-2", ["before", "panic: boom"])
        write(cluster, "ops-service-2", ["now"])
        seen = await look(cluster.profile())
    told = [
        (log.pod, log.previous, [line.raw for line in LogsSeen((log,)).lines()])
        for log in seen.pods
    ]
    assert told == [
        ("ops-service-1", False, ["one"]),
        ("ops-service-2", False, ["now"]),
        ("ops-service-2", True, ["before", "panic: boom"]),
    ]


async def test_a_rotated_log_does_not_begin_at_the_start(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        write(cluster, "ops-service-1", [info("Request completed")], START + timedelta(hours=9))
        (log,) = (await look(cluster.profile())).pods
    assert not log.head_is_start


async def test_secrets_of_the_environment_do_not_show(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        write(cluster, "ops-service-1", ["dsn password=hunter22", info("x", error="hunter22")])
        seen = await look(cluster.profile())
    assert len(seen.lines()) == 2
    assert "hunter22" not in repr(seen)


async def test_a_denied_log_says_so_and_more_than_ten_pods_are_not_read(tmp_path: Path) -> None:
    async with kubernetes(tmp_path, ("reader",)) as cluster:
        read_but_no_logs(cluster)
        names = [f"ops-service-{number:02}" for number in range(12)]
        cluster.create(*configuration(), deployment(), *map(pod, names))
        seen = await look(cluster.profile("reader"))
    assert len(seen.pods) == 10
    failure = seen.pods[0].tail
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.FORBIDDEN
    assert "may not get pods/log ops-service-00" in failure.sentence


async def test_a_pod_that_never_started_is_not_asked(tmp_path: Path) -> None:
    pending: dict[str, Any] = {"state": {"waiting": {"reason": "ImagePullBackOff"}}}
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod(ready=False, container=pending))
        seen = await look(cluster.profile())
    assert seen == LogsSeen(())


async def test_the_next_look_adds_what_was_written_since_each_line_once(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster, looking(cluster, pod()) as again:
        buffer = write(cluster, "ops-service-1", [STARTING, NO_TOKEN, "same", "same"])
        first = await again()
        buffer.append("same", START + timedelta(seconds=3))
        buffer.append("new", START + timedelta(seconds=9))
        second = await again()
        third = await again()
    known = [STARTING, NO_TOKEN, "same", "same"]
    assert [one.raw for one in first.lines()] == known
    assert [one.raw for one in second.lines()] == [*known, "same", "new"]
    assert third == second


async def test_the_start_is_remembered_when_the_node_rotates_it_away(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster, looking(cluster, pod()) as again:
        write(cluster, "ops-service-1", [STARTING, NO_TOKEN])
        await again()
        write(cluster, "ops-service-1", ["later"], START + timedelta(hours=9))
        seen = await again()
    assert [one.raw for one in seen.lines()] == [STARTING, NO_TOKEN, "later"]


async def test_a_log_that_could_not_be_read_is_read_whole_when_it_can(tmp_path: Path) -> None:
    async with kubernetes(tmp_path, ("reader",)) as cluster:
        read_but_no_logs(cluster)
        async with looking(cluster, pod(), user="reader") as again:
            write(cluster, "ops-service-1", [STARTING, NO_TOKEN])
            (unread,) = (await again()).pods
            cluster.access.allow("reader", ["get"], [""], ["pods/log"], [NAMESPACE])
            seen = await again()
    assert isinstance(unread.head, Failure)
    assert [one.raw for one in seen.lines()] == [STARTING, NO_TOKEN]


async def test_of_a_flood_the_newest_lines_are_kept(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster, looking(cluster, pod()) as again:
        buffer = write(cluster, "ops-service-1", [STARTING])
        await again()
        for number in range(1_200):
            buffer.append(f"line {number}", START + timedelta(seconds=10 + number))
        (log,) = (await again()).pods
    assert not isinstance(log.head, Failure)
    assert not isinstance(log.tail, Failure)
    assert [one.raw for one in log.head] == [STARTING]
    assert [one.raw for one in log.tail] == [f"line {number}" for number in range(700, 1_200)]


async def test_a_container_that_was_restarted_is_read_anew(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster, looking(cluster, pod()) as again:
        write(cluster, "ops-service-1", ["before"])
        await again()
        cluster.store.delete("Pod", NAMESPACE, "ops-service-1")
        killed = {"terminated": {"reason": "OOMKilled", "exitCode": 137}}
        cluster.create(pod(container={"restartCount": 1, "lastState": killed}))
        write(cluster, "ops-service-1", ["after"])
        seen = await again()
    assert {(one.run.restarts, one.run.before) for one in seen.pods} == {(1, "exit 137, OOMKilled")}
    assert [
        (one.previous, [line.raw for line in LogsSeen((one,)).lines()]) for one in seen.pods
    ] == [
        (False, ["after"]),
        (True, ["before"]),
    ]


async def test_of_a_young_container_the_start_is_read_to_its_end(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    running = {"running": {"startedAt": f"{now:%Y-%m-%dT%H:%M:%SZ}"}}
    young = pod(container={"state": running})
    async with kubernetes(tmp_path) as cluster, looking(cluster, young) as again:
        buffer = write(cluster, "ops-service-1", [STARTING], now)
        await again()
        buffer.append(NO_TOKEN, now + timedelta(seconds=2))
        (log,) = (await again()).pods
    assert not isinstance(log.head, Failure)
    assert [one.raw for one in log.head] == [STARTING, NO_TOKEN]


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_head_and_tail_join_without_a_gap_or_a_double(total: int, head: int, tail: int) -> None:
    whole = [f"t{number}" for number in range(total)]
    first, last = whole[:head], whole[max(0, total - tail) :]
    joined = [*first, *after(first, last)]
    if head + tail >= total:
        assert joined == whole
    else:
        assert joined == first + last


def test_a_piece_of_a_line_is_left_out() -> None:
    assert whole_lines("one\ntw", 6) == ["one"]
    assert whole_lines("one\ntw", 100) == ["one", "tw"]
    assert whole_lines("one\ntwo\n", 8) == ["one", "two"]
    assert lines_of("") == []
    assert lines_of("a\x85b\n\nc\n") == ["a\x85b", "", "c"]

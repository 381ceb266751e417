"""Given pods that go on logging, when they are followed, every line comes once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from probes import workload
from probes.logs import Tail, observe
from probes.logs.tail import Mark
from probes.model import FailureKind, Observation, Snapshot
from probes.profile import Profile
from probes.reach import Reach, open_reach
from tests.checks.worlds import NOW
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubernetes
from tests.probes.opsservice_objects import configuration, deployment, pod
from tests.probes.test_logs import START, write

LIMIT_S = 10

Heed = Callable[[], Awaitable[None]]
Lines = Callable[[int], Awaitable[list[str]]]


async def until(seen: Callable[[], bool]) -> None:
    """Waits until it is so, within the limit."""
    async with asyncio.timeout(LIMIT_S):
        while not seen():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.01)


async def snapshot(reach: Reach, profile: Profile) -> Snapshot:
    """What a sweep sees of the workload and its logs."""
    await reach.cluster.ready(LIMIT_S)
    seen = await workload.observe(reach.cluster, profile, timeout_s=5)
    read = await observe(reach.cluster, profile, seen)
    return Snapshot(
        "x",
        NAMESPACE,
        "ops-service",
        NOW,
        NOW,
        workload=Observation(seen, NOW, 0.1),
        logs=Observation(read, NOW, 0.1),
    )


@asynccontextmanager
async def followed(
    cluster: Kubernetes, user: str = "sandbox"
) -> AsyncIterator[tuple[Tail, Heed, Lines]]:
    """A tail, a function that heeds a new snapshot, and one that waits for so many lines."""
    profile = cluster.profile(user)
    got: list[str] = []
    async with open_reach(profile) as reach:
        tail = Tail(reach.cluster, profile)

        async def heed() -> None:
            tail.heed(await snapshot(reach, profile))

        async def lines(count: int) -> list[str]:
            async with asyncio.timeout(LIMIT_S), aclosing(tail.batches()) as batches:
                while len(got) < count:
                    got.extend(line.raw for line in await anext(batches))
            return got

        await heed()
        try:
            yield tail, heed, lines
        finally:
            await tail.close()


async def test_new_lines_come_after_what_the_sweep_has_read(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        buffer = write(cluster, "ops-service-1", ["one", "two"])
        async with followed(cluster) as (_, _, lines):
            buffer.append("three", START + timedelta(seconds=1))  # the second of "two"
            buffer.append("three", START + timedelta(seconds=2))
            assert await lines(2) == ["three", "three"]


async def test_a_restart_and_a_new_pod_are_taken_up(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        write(cluster, "ops-service-1", ["one"])
        async with followed(cluster) as (_, heed, lines):
            write(cluster, "ops-service-1", ["again"], START + timedelta(minutes=1))
            assert await lines(1) == ["again"]
            cluster.create(pod("ops-service-2"))
            write(cluster, "ops-service-2", ["new pod"])
            await heed()
            assert await lines(2) == ["again", "new pod"]


async def test_a_pod_that_is_gone_is_let_go(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod(), pod("ops-service-2"))
        write(cluster, "ops-service-1", ["one"])
        write(cluster, "ops-service-2", ["two"])
        async with followed(cluster) as (tail, heed, _):
            cluster.store.delete("Pod", NAMESPACE, "ops-service-2")
            await heed()
            assert not tail.failures


async def test_a_denied_log_is_told_and_not_asked_for_again_and_again(tmp_path: Path) -> None:
    async with kubernetes(tmp_path, ("reader",)) as cluster:
        verbs, own = ["get", "list"], [NAMESPACE]
        cluster.access.allow("reader", verbs, [""], ["pods", "configmaps", "secrets"], own)
        cluster.access.allow("reader", verbs, ["apps"], ["deployments"], own)
        cluster.create(*configuration(), deployment(), pod())
        async with followed(cluster, "reader") as (tail, _, _):
            await until(lambda: bool(tail.failures))
            assert tail.failures["ops-service-1"].kind is FailureKind.FORBIDDEN


async def test_secrets_of_the_environment_do_not_show(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        buffer = write(cluster, "ops-service-1", ["one"])
        async with followed(cluster) as (_, _, lines):
            buffer.append("password=hunter22", START + timedelta(seconds=5))
            assert await lines(1) == ["password=•••"]


async def test_a_slow_reader_holds_the_stream_back_and_loses_nothing(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        buffer = write(cluster, "ops-service-1", ["one"])
        async with followed(cluster) as (tail, _, lines):
            for number in range(5_000):
                buffer.append(f"line {number}", START + timedelta(seconds=5, microseconds=number))
            await until(lambda: tail.is_full)
            assert await lines(5_000) == [f"line {number}" for number in range(5_000)]


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_line_of_the_last_second_is_known_by_its_text(seconds: int) -> None:
    from probes.logline import parse

    stamp = "2026-01-06T02:34:00.5Z"
    mark = Mark([parse("p", f"{stamp} one")])
    assert not mark.is_new(parse("p", f"{stamp} one"))
    assert mark.is_new(parse("p", f"2026-01-06T02:34:0{seconds}.6Z one"))
    assert not mark.is_new(parse("p", "2026-01-06T02:33:59Z before"))
    assert mark.params() == {"sinceTime": f"2026-01-06T02:34:0{seconds}Z"}

"""Given pods that go on logging, when they are followed, every line comes once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from probes import workload
from probes.logs import LogReader, Tail
from probes.logs.mark import Mark
from probes.model import FailureKind, Level, LogLine, Observation, Snapshot
from probes.profile import Profile
from probes.reach import Reach, open_reach
from tests.checks.worlds import NOW
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubernetes
from tests.probes.linecutter import LineCutter, line_to
from tests.probes.opsservice_objects import configuration, deployment, pod
from tests.probes.test_logs import START, write
from tests.waiting import until

LIMIT_S = 10

Heed = Callable[[], Awaitable[None]]
Lines = Callable[[int], Awaitable[list[str]]]


async def snapshot(reach: Reach, profile: Profile) -> Snapshot:
    """What a sweep sees of the workload and its logs."""
    await reach.cluster.ready(LIMIT_S)
    seen = await workload.observe(reach.cluster, profile, timeout_s=5)
    read = await LogReader(reach.cluster, profile).observe(seen)
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
async def line_through(cluster: Kubernetes) -> AsyncIterator[LineCutter]:
    """The kubeconfig leads through a line that can be cut."""
    text = cluster.path.read_text()
    (port,) = set(re.findall(r"https://127\.0\.0\.1:(\d+)", text))
    async with line_to(int(port)) as cutter:
        cluster.path.write_text(text.replace(f":{port}", f":{cutter.port}"))
        yield cutter


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


async def test_a_pod_that_a_rollout_replaced_is_let_go(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        old = write(cluster, "ops-service-1", ["one"])
        async with followed(cluster) as (tail, heed, lines):
            old.append("shutting down", START + timedelta(seconds=5))
            assert await lines(1) == ["shutting down"]
            cluster.store.delete("Pod", NAMESPACE, "ops-service-1")
            cluster.create(pod("ops-service-2"))
            new = write(cluster, "ops-service-2", ["starting"])
            await heed()
            old.append("from the grave", START + timedelta(seconds=6))
            new.append("serving", START + timedelta(seconds=7))
            assert await lines(3) == ["shutting down", "starting", "serving"]
            assert not tail.failures


async def test_a_cut_line_is_taken_up_again_without_a_lost_or_doubled_line(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        buffer = write(cluster, "ops-service-1", ["one"])
        async with line_through(cluster) as cutter, followed(cluster) as (_, _, lines):
            for text in ("same", "same", "before"):
                buffer.append(text, START + timedelta(seconds=5))
            assert await lines(3) == ["same", "same", "before"]
            cutter.cut()
            for text in ("same", "during"):
                buffer.append(text, START + timedelta(seconds=5))
            assert await lines(5) == ["same", "same", "before", "same", "during"]
            buffer.append("after", START + timedelta(seconds=6))
            assert (await lines(6))[5:] == ["after"]


async def test_a_line_of_a_megabyte_is_one_line_with_its_level(tmp_path: Path) -> None:
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        buffer = write(cluster, "ops-service-1", ["one"])
        async with followed(cluster) as (tail, _, _):
            long = '{"level":"error","msg":"Failed","error":"' + "x" * 1_000_000 + '"}'
            for text in (long, "next"):
                buffer.append(text, START + timedelta(seconds=5))
            got: list[LogLine] = []
            async with asyncio.timeout(LIMIT_S), aclosing(tail.batches()) as batches:
                while len(got) < 2:
                    got.extend(await anext(batches))
    assert [(one.level, one.message, one.written) for one in got] == [
        (Level.ERROR, "Failed", len(long)),
        (Level.PLAIN, "next", 0),
    ]


async def test_a_denied_log_is_told_and_not_asked_for_again_and_again(tmp_path: Path) -> None:
    async with kubernetes(tmp_path, ("reader",)) as cluster:
        verbs, own = ["get", "list"], [NAMESPACE]
        cluster.access.allow("reader", verbs, [""], ["pods", "configmaps", "secrets"], own)
        cluster.access.allow("reader", verbs, ["apps"], ["deployments"], own)
        cluster.create(*configuration(), deployment(), pod())
        async with followed(cluster, "reader") as (tail, _, _):
            await until(lambda: bool(tail.failures))
            assert tail.failures["ops-service-1"].kind is FailureKind.FORBIDDEN


async def test_whatever_ends_a_stream_is_told_and_it_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy's malformed answer, a bug of a client: anything may be raised."""
    async with kubernetes(tmp_path) as cluster:
        cluster.create(*configuration(), deployment(), pod())
        buffer = write(cluster, "ops-service-1", ["one"])
        async with followed(cluster) as (tail, _, lines):
            with monkeypatch.context() as broken:
                broken.setattr("probes.logs.tail.parse", _broken)
                buffer.append("two", START + timedelta(seconds=5))
                await until(lambda: bool(tail.failures))
            sentence = tail.failures["ops-service-1"].sentence
            assert sentence == "its log: an answer was not understood (ValueError)"
            assert await lines(1) == ["two"]
            assert not tail.failures


def _broken(*_: object) -> LogLine:
    raise ValueError("of all things")


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


def at(seconds: float, text: str) -> LogLine:
    return LogLine("p", START + timedelta(seconds=seconds), Level.INFO, text, text)


def test_only_what_a_stream_repeats_is_known_and_as_often_as_it_was_seen() -> None:
    mark = Mark([at(0.5, "zero"), at(1.5, "one"), at(1.5, "one")])
    assert mark.resume() == {"sinceTime": "2026-01-06T02:34:01Z"}
    repeated = [at(1.5, "one"), at(1.5, "one"), at(1.5, "one"), at(1.6, "one")]
    assert [mark.is_new(line) for line in repeated] == [False, False, True, True]


def test_lines_out_of_order_are_new() -> None:
    """The container's two streams interleave, and a node's clock may be set back."""
    mark = Mark([at(60, "stdout")])
    mark.resume()
    assert mark.is_new(at(59.999, "stderr"))
    assert mark.is_new(at(5, "the clock was set"))
    assert mark.resume() == {"sinceTime": "2026-01-06T02:35:00Z"}


def test_a_piece_of_an_overlong_line_goes_with_its_beginning() -> None:
    mark = Mark([at(1, "long")])
    mark.resume()
    piece = replace(at(1, "rest"), time=None)
    assert [mark.is_new(one) for one in (at(1, "long"), piece)] == [False, False]
    assert [mark.is_new(one) for one in (at(2, "long"), piece)] == [True, True]


def test_of_a_pod_that_nothing_is_known_of_the_newest_lines_are_asked_for() -> None:
    assert Mark().resume() == {"tailLines": "500"}

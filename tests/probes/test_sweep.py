"""The sweep: who waits for whom, and that nobody's trouble is anybody else's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from probes import sweep
from probes.logs import LogReader
from probes.model import (
    Failure,
    FailureKind,
    Observation,
    ProbeError,
    Snapshot,
    Source,
    StartupSeen,
)
from probes.profile import Profile
from probes.reach import Reach, open_reach
from probes.sweep import Sweeper
from tests.probes.seen import NAMESPACE, workload
from tests.waiting import LIMIT_S

Probe = Callable[..., Awaitable[Any]]
DEPENDENT = [source for source in Source if source is not Source.WORKLOAD]
SETTINGS = {"PROMETHEUS_URL": "http://prometheus:9090"}


class Probes:
    """Doubles in the places of the probes; each answers its own name unless told otherwise."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.called: list[str] = []
        for source in Source:
            self.answer(source, source.value)
        self.answer(Source.WORKLOAD, workload(SETTINGS))

    def answer(self, source: Source, seen: object) -> None:
        async def observe(*_: object, **__: object) -> object:
            return seen

        self.put(source, observe)

    def put(self, source: Source, probe: Probe) -> None:
        async def observe(*args: object, **options: object) -> object:
            self.called.append(source.value)
            return await probe(*args, **options)

        of = LogReader if source is Source.LOGS else getattr(sweep, source.value)
        self._patch.setattr(of, "observe", observe)


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> Probes:
    return Probes(monkeypatch)


@pytest.fixture
async def reach() -> AsyncIterator[Reach]:
    async with open_reach(Profile()) as opened:
        yield opened


def seen_of(snapshot: Snapshot, source: Source) -> Any:
    observation: Observation[Any] | None = getattr(snapshot, source.value)
    assert observation is not None, source
    return observation.seen


async def hang(*_: object, **__: object) -> object:
    return await asyncio.Event().wait()


async def test_everything_lands_in_its_own_place(reach: Reach, probes: Probes) -> None:
    snapshot = await Sweeper(reach, Profile(name="prod")).run()
    assert snapshot.finished
    assert (snapshot.profile, snapshot.namespace, snapshot.workload_name) == (
        "prod",
        NAMESPACE,
        "ops-service",
    )
    assert [seen_of(snapshot, source) for source in DEPENDENT] == [one.value for one in DEPENDENT]
    assert sorted(probes.called) == sorted(source.value for source in Source)


async def test_each_answer_is_published_as_it_lands(reach: Reach, probes: Probes) -> None:
    published: list[Snapshot] = []
    final = await Sweeper(reach, Profile()).run(published.append)
    assert published[0].workload is not None
    assert [one.finished for one in published] == [False] * 7 + [True]
    assert published[-1] == final
    with pytest.raises(FrozenInstanceError):
        final.namespace = "x"  # type: ignore[misc]  # what is frozen must refuse


async def test_only_what_is_wanted_is_asked(reach: Reach, probes: Probes) -> None:
    snapshot = await Sweeper(reach, Profile()).run(sources=frozenset({Source.DATABASE}))
    assert sorted(probes.called) == ["database", "workload"]
    assert snapshot.portal is None
    assert snapshot.finished


@pytest.mark.parametrize("source", DEPENDENT)
async def test_one_that_hangs_is_cut_off_and_delays_nobody(
    reach: Reach, probes: Probes, source: Source
) -> None:
    probes.put(source, hang)
    landed: list[Source] = []

    def publish(snapshot: Snapshot) -> None:
        for one in Source:
            if one not in landed and getattr(snapshot, one.value) is not None:
                landed.append(one)

    async with asyncio.timeout(LIMIT_S):
        snapshot = await Sweeper(reach, Profile(timeout_s=0.3)).run(publish)
    assert (len(landed), landed[-1]) == (len(Source), source)
    failure = seen_of(snapshot, source)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.TIMEOUT
    assert source.value in failure.sentence
    assert snapshot.finished


@pytest.mark.parametrize("source", DEPENDENT)
async def test_one_that_fails_keeps_its_failure(
    reach: Reach, probes: Probes, source: Source
) -> None:
    denied = Failure(FailureKind.FORBIDDEN, "may not")

    async def fail(*_: object, **__: object) -> object:
        raise ProbeError(denied)

    probes.put(source, fail)
    snapshot = await Sweeper(reach, Profile()).run()
    assert seen_of(snapshot, source) == denied
    assert all(seen_of(snapshot, one) == one.value for one in DEPENDENT if one is not source)


async def test_one_that_breaks_is_a_sentence_not_a_traceback(
    reach: Reach,
    probes: Probes,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def broken(*_: object, **__: object) -> object:
        raise KeyError("metadata")

    probes.put(Source.ARGOCD, broken)
    with caplog.at_level(logging.ERROR):
        snapshot = await Sweeper(reach, Profile()).run()
    failure = seen_of(snapshot, Source.ARGOCD)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.MALFORMED
    assert "Traceback" not in failure.sentence
    assert "argocd" in caplog.text
    assert capsys.readouterr() == ("", "")
    assert seen_of(snapshot, Source.DATABASE) == "database"


@pytest.mark.parametrize("how", ["fails", "hangs"])
async def test_without_the_workload_nobody_is_asked(reach: Reach, probes: Probes, how: str) -> None:
    async def fail(*_: object, **__: object) -> object:
        raise ProbeError(Failure(FailureKind.NOT_FOUND, "there is no ops-service"))

    probes.put(Source.WORKLOAD, fail if how == "fails" else hang)
    snapshot = await Sweeper(reach, Profile(timeout_s=0.2, namespace="ops")).run()
    assert probes.called == ["workload"]
    assert snapshot.namespace == "ops"
    for source in DEPENDENT:
        failure = seen_of(snapshot, source)
        assert failure.kind is FailureKind.UNAVAILABLE
        assert failure.sentence.startswith("not asked: ")


async def test_without_the_environment_the_cluster_is_still_looked_at(
    reach: Reach, probes: Probes
) -> None:
    hidden = Failure(FailureKind.FORBIDDEN, "may not get pods")
    started = StartupSeen(pod="ops-service-1", prometheus_url="http://prometheus:9090/p")
    probes.answer(Source.WORKLOAD, workload(failure=hidden, startup=started))
    given: list[str | None] = []

    async def observe(_: object, __: object, config: Any, *___: object, **____: object) -> object:
        given.append(config.prometheus_url.value)
        return "prometheus"

    probes.put(Source.PROMETHEUS, observe)
    snapshot = await Sweeper(reach, Profile()).run()
    assert given == ["http://prometheus:9090/p"]
    for source in (Source.LOGS, Source.APPLICATION):
        assert seen_of(snapshot, source) == source.value
    for source in (Source.ARGOCD, Source.DATABASE, Source.PORTAL):
        assert seen_of(snapshot, source).kind is FailureKind.UNAVAILABLE
        assert "may not get pods" in seen_of(snapshot, source).sentence


async def test_a_sweep_that_is_cancelled_ends_its_probes(reach: Reach, probes: Probes) -> None:
    ended = asyncio.Event()
    began = asyncio.Event()

    async def wait(*_: object, **__: object) -> object:
        began.set()
        try:
            return await asyncio.Event().wait()
        finally:
            ended.set()

    probes.put(Source.PORTAL, wait)
    task = asyncio.create_task(Sweeper(reach, Profile()).run())
    await asyncio.wait_for(began.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()

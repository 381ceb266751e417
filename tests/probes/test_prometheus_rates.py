"""What Prometheus scrapes, and the requests of the last hour: asked once each, read with care."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from probes.model import Failure, FailureKind, PrometheusSeen, RatesSeen, Reply
from probes.prometheus.rates import STEP_S
from tests.probes.loopback import (
    ENDLESS,
    HANG,
    RESET,
    Loopback,
    Request,
    Response,
    answering,
    json_answer,
)
from tests.probes.seen import NAMESPACE
from tests.probes.test_prometheus import BOTH, PREFIX, look, running
from tests.waiting import LIMIT_S

NOTHING: Mapping[str, Any] = {}
STEPS = 31
RANGE = "/api/v1/query_range"

Samples = list[tuple[float, object]]
"""Step and value."""


@BOTH
async def test_a_running_server_tells_its_jobs_and_the_services_of_the_namespace(
    stand_in: bool,
) -> None:
    async with running(PREFIX, stand_in=stand_in) as server:
        seen = await look(f"http://127.0.0.1:{server.port}")
    assert seen.scrapes is not None
    jobs = {job.name: (job.up, job.targets) for job in seen.scrapes.jobs}
    assert jobs.items() >= {"envoy-stats": (1, 1), "kube-state-metrics": (1, 1)}.items()
    rates = rates_in(seen)
    assert rates.namespace == NAMESPACE
    names = [service.name.removesuffix("-service") for service in rates.services]
    assert names == ["board", "chat", "user", "noti", "auth", "storage", "ops"]
    board = rates.services[0]
    assert board.rate == pytest.approx(44.2, rel=0.02)
    assert board.share == pytest.approx(0.045, rel=0.2)
    assert len(board.requests) == STEPS
    assert sum(one is not None for one in board.requests) >= STEPS - 4


def rates_in(seen: PrometheusSeen) -> RatesSeen:
    assert seen.rates is not None
    return seen.rates


def series(name: str, samples: Samples, start: float) -> dict[str, Any]:
    values = [[start + step * STEP_S, value] for step, value in samples]
    return {"metric": {"destination_service_name": name}, "values": values}


def answer_of(kind: str, result: object) -> Response:
    return json_answer({"status": "success", "data": {"resultType": kind, "result": result}})


def served(
    requests: Mapping[str, Samples] | Response,
    failures: Mapping[str, Samples] | Response = NOTHING,
    jobs: Mapping[str, tuple[str, str]] = NOTHING,
) -> Callable[[Request], Response]:
    """A Prometheus with these series and these jobs (how many up, of how many)."""

    def answer(request: Request) -> Response:
        asked = request.query.get("query", "")
        if request.path.endswith(RANGE):
            wanted = failures if "5.." in asked else requests
            if isinstance(wanted, Response):
                return wanted
            start = float(request.query["start"])
            return answer_of("matrix", [series(name, wanted[name], start) for name in wanted])
        place = {"sum by (job) (up)": 0, "count by (job) (up)": 1}.get(asked)
        if place is not None:
            found = [
                {"metric": {"job": job}, "value": [1, jobs[job][place]]}
                for job in jobs
                if jobs[job][place]
            ]
            return answer_of("vector", found)
        return answer_of("vector", [{"metric": {}, "value": [1, "3"]}])

    return answer


async def seen_on(answer: Callable[[Request], Response]) -> tuple[PrometheusSeen, Loopback]:
    async with answering(answer) as server:
        return await look(server.url, timeout_s=2.0), server


async def test_the_last_hour_is_asked_for_in_steps_that_stay_the_same_between_sweeps() -> None:
    _, server = await seen_on(served({}))
    asked = [one.query for one in server.requests if one.path == RANGE]
    assert len(asked) == 2, "requests and failures, once each"
    for query in asked:
        start, end, step = (int(query[name]) for name in ("start", "end", "step"))
        assert (end - start, step) == (3600, 120)
        assert end % step == 0
        assert (
            f'reporter="destination", destination_service_namespace="{NAMESPACE}"'
            in (query["query"])
        )


async def test_a_namespace_cannot_leave_its_quotes() -> None:
    async with answering(served({})) as server:
        await look(server.url, settings={"PROMETHEUS_NAMESPACE": 'a"} or up{x="\\'})
    queries = [one.query["query"] for one in server.requests if one.path == RANGE]
    assert all(r'destination_service_namespace="a\"} or up{x=\"\\"' in one for one in queries)


async def test_what_is_no_number_and_of_no_step_is_a_gap() -> None:
    odd: Samples = [
        (-1, "7"), (0, "1"), (1, "NaN"), (2, "+Inf"), (3, "-Inf"), (4, "x"), (5, None),
        (6, 10**400), (7, "1e999"), (29, "2"), (30, "3"), (31, "7"), (1e300, "7"),
    ]  # fmt: skip
    seen, _ = await seen_on(served({"a": odd}))
    (service,) = rates_in(seen).services
    known = {step: one for step, one in enumerate(service.requests) if one is not None}
    assert known == {0: 1.0, 29: 2.0, 30: 3.0}
    assert service.rate == 3.0


@pytest.mark.parametrize(
    "result",
    [None, "text", [None, 1, []], [{}], [{"metric": None, "values": [[], None, [1], "xy", {}]}]],
)
async def test_a_matrix_of_another_shape_costs_nothing_but_its_rows(result: object) -> None:
    seen, _ = await seen_on(served(answer_of("matrix", result)))
    rates = rates_in(seen)
    assert isinstance(rates.requests, Reply)
    assert all(not any(service.requests) for service in rates.services)


async def test_the_largest_twelve_services_are_kept_and_the_others_counted() -> None:
    many: dict[str, Samples] = {f"s{rate}": [(30, str(rate))] for rate in range(20)}
    rates = rates_in((await seen_on(served(many)))[0])
    assert [service.name for service in rates.services] == [f"s{n}" for n in range(19, 7, -1)]
    assert rates.left_out == 8


async def test_the_share_of_failures_is_of_the_same_moment() -> None:
    requests: Samples = [(0, "10"), (15, "0"), (29, "10"), (30, "20")]
    failures: Samples = [(29, "5"), (30, "1")]
    rates = rates_in((await seen_on(served({"a": requests, "b": requests}, {"a": failures})))[0])
    failing, sound = rates.services
    assert failing.share == 5.0
    assert (failing.shares[0], failing.shares[15], failing.shares[29]) == (0.0, None, 50.0)
    assert sound.share == 0.0, "a service without a series of 5xx never failed"


async def test_a_series_that_ended_has_no_rate_now() -> None:
    rates = rates_in((await seen_on(served({"a": [(0, "5"), (20, "5")]})))[0])
    assert rates.services[0].rate is None
    assert rates.services[0].share is None


async def test_failures_that_cannot_be_asked_for_are_not_zero() -> None:
    refused = json_answer({"status": "error", "errorType": "timeout", "error": "slow"}, 503)
    seen, _ = await seen_on(served({"a": [(30, "5")]}, refused))
    rates = rates_in(seen)
    assert isinstance(rates.failures, Reply)
    assert rates.failures.status == 503
    (service,) = rates.services
    assert (service.rate, service.failures, service.share) == (5.0, None, None)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (RESET, FailureKind.RESET),
        (ENDLESS, FailureKind.TOO_LARGE),
        (Response(200, b'{"status": "succ', "application/json"), FailureKind.MALFORMED),
        (HANG, FailureKind.HUNG),
    ],
    ids=["reset", "endless", "cut off", "hangs"],
)
async def test_a_failing_range_query_costs_its_own_detail_only(
    answer: Response, kind: FailureKind
) -> None:
    async with asyncio.timeout(LIMIT_S):
        seen, _ = await seen_on(served(answer, answer, {"a": ("1", "1")}))
    rates = rates_in(seen)
    assert isinstance(rates.requests, Failure)
    assert rates.requests.kind is kind
    assert rates.services == ()
    assert seen.traffic is not None
    assert seen.traffic.requests_last_hour.value == 3.0
    assert seen.scrapes is not None
    assert seen.scrapes.jobs[0].up == 1


async def test_jobs_that_are_down_stand_first() -> None:
    jobs = {
        "argocd-server": ("1", "1"),
        "envoy-stats": ("8", "10"),
        "user-service": ("0", "1"),
        "board": ("0", "2"),
        "odd": ("NaN", "+Inf"),
        "up-only": ("3", ""),
    }
    seen, _ = await seen_on(served({}, jobs=jobs))
    assert seen.scrapes is not None
    told = [(job.name, job.up, job.targets) for job in seen.scrapes.jobs]
    assert told == [
        ("board", 0, 2),
        ("user-service", 0, 1),
        ("envoy-stats", 8, 10),
        ("argocd-server", 1, 1),
        ("odd", 0, 0),
    ]

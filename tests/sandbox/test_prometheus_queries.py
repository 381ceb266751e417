"""Every query of the portal is answered alike by the real Prometheus and its stand-in."""

from __future__ import annotations

import math
import time
from typing import Any

import pytest

from sandbox.prometheus import PrometheusServer, Series
from sandbox.prometheus.series import next_samples, portal_series
from tests.sandbox.portal_queries import instant_queries, trend
from tests.sandbox.prometheus_servers import BOTH, NAMESPACE, PREFIX, client, prometheus, query

Answers = dict[str, dict[str, Any]]


async def ask_all(server: PrometheusServer, now: float) -> Answers:
    """Every portal query's `data`, at one moment."""
    found: Answers = {}
    start = {"start": str(now - 3600), "end": str(now), "step": "5m0s"}
    async with client(server) as http:
        for promql in instant_queries(NAMESPACE):
            answer = await query(http, server.prefix, promql, time=str(now))
            found[promql] = answer.raise_for_status().json()["data"]
        for promql in trend(NAMESPACE):
            span = {"query": promql, **start}
            path = f"{server.prefix}/api/v1/query_range"
            answer = await http.get(path, params=span)
            found[f"range {promql}"] = answer.raise_for_status().json()["data"]
    return found


def values_of(data: dict[str, Any]) -> dict[tuple[tuple[str, str], ...], list[float]]:
    """Label sets to values; every time stamp counts as a value too."""
    found = {}
    for one in data["result"]:
        points = one.get("values") or [one["value"]]
        numbers = [float(number) for point in points for number in point]
        found[tuple(sorted(one["metric"].items()))] = numbers
    return found


WORLDS = [
    pytest.param(True, True, id="traffic"),
    pytest.param(False, True, id="no-traffic"),
    pytest.param(True, False, id="no-mesh"),
]


@pytest.mark.slow
@pytest.mark.needs_prometheus
@pytest.mark.parametrize(("traffic", "mesh"), WORLDS)
async def test_every_portal_query_is_answered_alike(*, traffic: bool, mesh: bool) -> None:
    now = round(time.time(), 3)
    history = portal_series(now - 20, traffic=traffic, mesh=mesh)
    update = next_samples(now - 5, traffic=traffic, mesh=mesh)
    async with prometheus(stand_in=False) as real, prometheus(stand_in=True) as double:
        for server in (real, double):
            await server.push(history)
            await server.push(update)
        answered, imitated = await ask_all(real, now), await ask_all(double, now)
    assert answered.keys() == imitated.keys()
    for promql, data in answered.items():
        assert imitated[promql]["resultType"] == data["resultType"], promql
        expected, given = values_of(data), values_of(imitated[promql])
        assert given.keys() == expected.keys(), promql
        for labels, numbers in expected.items():
            assert given[labels] == pytest.approx(numbers, rel=1e-6, nan_ok=True), promql


@pytest.mark.parametrize("stand_in", BOTH)
async def test_with_traffic_every_query_is_non_zero_at_once(*, stand_in: bool) -> None:
    now = time.time()
    async with prometheus(stand_in=stand_in) as server:
        await server.push(portal_series(now))
        answers = await ask_all(server, now)
    for promql, data in answers.items():
        values = [number for numbers in values_of(data).values() for number in numbers]
        assert values, promql
        assert all(math.isfinite(value) and value > 0 for value in values), promql


@pytest.mark.parametrize("stand_in", BOTH)
async def test_without_traffic_the_zero_is_a_healthy_one(*, stand_in: bool) -> None:
    now = time.time()
    async with prometheus(stand_in=stand_in) as server:
        await server.push(portal_series(now, traffic=False))
        async with client(server) as http:
            total = await query(http, PREFIX, "sum(increase(istio_requests_total[1h]))")
            assert total.json()["data"]["result"][0]["value"][1] == "0"
            series = await query(
                http, PREFIX, 'count(istio_requests_total{reporter="destination"})'
            )
            assert float(series.json()["data"]["result"][0]["value"][1]) > 0
            nodes = await query(http, PREFIX, "count(kube_node_info)")
            assert float(nodes.json()["data"]["result"][0]["value"][1]) > 0


def uneven(now: float) -> list[Series]:
    """Counters that reset, start late, stop early and have gaps; histograms that are odd."""
    steps = range(0, 1800, 15)
    ages = {age: (1800 - age) % 400 * 3.5 for age in steps}
    found = [
        wave("hits_total", now, ages, a="x", b="1"),
        wave("hits_total", now, {age: v for age, v in ages.items() if age > 40}, a="x", b="2"),
        wave("hits_total", now, {age: v for age, v in ages.items() if age < 190}, a="y", b="1"),
        wave("hits_total", now, {30: 4.0}, a="y", b="2"),
        wave("gone", now, {age: 1.0 for age in steps if age > 301}, a="x"),
        wave("limit", now, dict.fromkeys(steps, 500.0), a="x"),
        wave("limit", now, dict.fromkeys(steps, -0.5), a="y"),
    ]
    for bound, share in {"0.1": 0.2, "1": 0.5, "2.5": 0.45, "+Inf": 1.0, "x": 3.0}.items():
        counts = {age: (1800 - age) * share for age in steps}
        found.append(wave("h_bucket", now, counts, le=bound))
    return found


def wave(name: str, now: float, by_age: dict[int, float], **labels: str) -> Series:
    samples = sorted((now - age, value) for age, value in by_age.items())
    return Series({"__name__": name, **labels}, tuple(samples))


QUERIES = """
hits_total
hits_total offset 10m
hits_total{a!="x"}
{a=~"x|y",__name__=~"h.*",b!~"2|3"}
hits_total{b=~""}
hits_total[1m]
gone
rate(hits_total[5m])
increase(hits_total[7m])
increase(hits_total[1h])
delta(limit[5m])
rate(hits_total[20s])
avg_over_time(hits_total[3m])
max_over_time(hits_total[3m]) - min_over_time(hits_total[3m])
sum_over_time(hits_total[2m]) / count_over_time(hits_total[2m])
last_over_time(gone[10m])
sum by (a) (hits_total)
sum without (b) (hits_total)
avg(hits_total) by (b)
min(hits_total)
max(limit)
count(hits_total) - 1
topk(2, hits_total)
bottomk(1, hits_total)
hits_total > 300
hits_total > bool 300
300 < hits_total
sum by (a) (hits_total) > limit
sum by (a) (hits_total) / limit
hits_total{b="1"} / on (a) limit
hits_total{b="1"} * ignoring (b) limit
hits_total and on (a) limit{a="x"}
hits_total unless on (a) limit{a="x"}
limit or gone offset 6m
-limit
abs(limit) + ceil(limit) + floor(limit) + round(limit)
limit % 3
limit ^ 2 ^ 0.5
2 ^ -1 * 3 - -4
-2 ^ 2
histogram_quantile(0.5, rate(h_bucket[5m]))
histogram_quantile(0.99, rate(h_bucket[5m]))
histogram_quantile(0.01, h_bucket)
histogram_quantile(2, h_bucket)
histogram_quantile(0.5, h_bucket{le!="+Inf"})
scalar(limit{a="x"})
scalar(limit)
vector(scalar(limit{a="x"})) + 1
absent(nope{a="x",b=~"y"})
absent(limit)
limit / 0
0 * limit / 0
sum(nope) or vector(0)
limit == 500
1 + 0x10 + 1.5e1 + .5
limit > inf
""".strip().splitlines()


@pytest.mark.slow
@pytest.mark.needs_prometheus
async def test_promql_means_the_same_to_both() -> None:
    now = round(time.time(), 3)
    async with prometheus(stand_in=False) as real, prometheus(stand_in=True) as double:
        answers = []
        for server in (real, double):
            await server.push(uneven(now))
            async with client(server) as http:
                found = [await query(http, PREFIX, text, time=str(now)) for text in QUERIES]
            answers.append([answer.raise_for_status().json()["data"] for answer in found])
    for text, expected, given in zip(QUERIES, *answers, strict=True):
        assert given["resultType"] == expected["resultType"], text
        if expected["resultType"] == "scalar":
            assert float(given["result"][1]) == pytest.approx(
                float(expected["result"][1]), nan_ok=True
            ), text
            continue
        wanted, got = values_of(expected), values_of(given)
        assert got.keys() == wanted.keys(), text
        for labels, numbers in wanted.items():
            assert got[labels] == pytest.approx(numbers, rel=1e-9, nan_ok=True), text

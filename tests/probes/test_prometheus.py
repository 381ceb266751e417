"""The Prometheus probe against the real server, and against servers that misbehave."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from probes import prometheus
from probes.model import Failure, FailureKind, PrometheusSeen, Reply
from probes.opsservice import ops_config
from probes.profile import Profile
from probes.reach import open_reach
from sandbox.keeper import Keeper
from sandbox.prometheus import PrometheusServer, start_prometheus
from sandbox.prometheus.series import portal_series
from tests.probes.cluster import beside
from tests.probes.loopback import (
    ENDLESS,
    HANG,
    NOT_FOUND,
    RESET,
    Request,
    Response,
    answering,
    html_answer,
    json_answer,
)
from tests.probes.seen import NAMESPACE, environment, workload
from tests.waiting import LIMIT_S

PREFIX = "/api/monitoring/prometheus"
SERVICES = f"/api/v1/namespaces/{NAMESPACE}/services"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"

Objects = Mapping[str, Mapping[str, Any] | Failure]


async def look(
    url: str | None,
    objects: Objects | None = None,
    timeout_s: float = 5.0,
    settings: Mapping[str, str] | None = None,
) -> PrometheusSeen:
    values = ({"PROMETHEUS_URL": url} if url else {}) | dict(settings or {})
    profile = Profile()
    async with open_reach(profile) as reach:
        return await prometheus.observe(
            beside(reach, objects or {}, {"prometheus": "127.0.0.1"}),
            profile,
            ops_config(environment(values)),
            workload(values),
            timeout_s=timeout_s,
        )


@asynccontextmanager
async def running(prefix: str, *, stand_in: bool) -> AsyncIterator[PrometheusServer]:
    folder = Path(tempfile.mkdtemp(prefix="opsportal-test-"))
    try:
        keeper = await Keeper.start(folder)
        try:
            server = await start_prometheus(folder, keeper, prefix=prefix, stand_in=stand_in)
            await server.push(portal_series(time.time(), namespace=NAMESPACE))
            yield server
            await server.stop()
        finally:
            await keeper.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


BOTH = pytest.mark.parametrize(
    "stand_in",
    [
        pytest.param(False, id="real", marks=[pytest.mark.needs_prometheus, pytest.mark.slow]),
        pytest.param(True, id="stand-in"),
    ],
)


@BOTH
async def test_the_prefix_and_the_traffic_of_a_running_server(stand_in: bool) -> None:
    async with running(PREFIX, stand_in=stand_in) as server:
        origin = f"http://127.0.0.1:{server.port}"
        for url in (origin, origin + PREFIX, f"{origin}{PREFIX}/", f"{origin}/wrong"):
            seen = await look(url)
            assert seen.serving is not None, (url, seen)
            assert seen.serving.prefix == PREFIX
            assert isinstance(seen.url_query, Reply)
            right = PREFIX in url
            assert seen.url_query.status == (200 if right else 404), url
            assert seen.url_query.is_json == right
            assert isinstance(seen.ready, Reply)
            assert seen.ready.status == 200
            assert seen.flags["web.route-prefix"] == PREFIX
            assert seen.version.startswith(server.version)
            assert seen.traffic is not None
            assert seen.traffic.requests_last_hour.answered
            assert (seen.traffic.requests_last_hour.value or 0) > 0
            assert seen.traffic.series_by_namespace.by.keys() >= {NAMESPACE}


@BOTH
async def test_a_server_without_a_prefix(stand_in: bool) -> None:
    async with running("", stand_in=stand_in) as server:
        origin = f"http://127.0.0.1:{server.port}"
        right = await look(origin)
        assert right.serving is not None
        assert right.serving.prefix == ""
        assert [one.prefix for one in right.candidates] == [""], "a page is no prefix"
        wrong = await look(origin + PREFIX)
        assert wrong.serving is not None
        assert wrong.serving.prefix == ""
        assert isinstance(wrong.url_query, Reply)
        assert wrong.url_query.status == 404


def served(prefix: str, *, ready: int = 200) -> Any:
    """A Prometheus as far as the probe looks, under that prefix."""

    def answer(request: Request) -> Response:
        if request.path == "/" and prefix:
            return Response(302, headers={"Location": prefix})
        if request.path == f"{prefix}/-/ready":
            return Response(ready, b"Prometheus Server is Ready.\n")
        if request.path == f"{prefix}/api/v1/query" and ready == 200:
            sample = {"metric": {}, "value": [1, "3"]}
            return json_answer(
                {"status": "success", "data": {"resultType": "vector", "result": [sample]}}
            )
        if request.path.startswith(f"{prefix}/api/v1/") and ready != 200:
            return Response(503, b"Service Unavailable")
        return NOT_FOUND

    return answer


async def test_few_requests_where_the_url_is_right() -> None:
    async with answering(served("/p")) as server:
        seen = await look(f"{server.url}/p")
    assert seen.serving is not None
    assert len(server.requests) == 13, server.paths()


async def test_one_that_still_replays_its_log_is_told_from_a_wrong_path() -> None:
    async with answering(served("/p", ready=503)) as server:
        seen = await look(server.url)
    assert seen.serving is None
    assert isinstance(seen.ready, Reply)
    assert seen.ready.status == 503
    by_prefix = {one.prefix: one for one in seen.candidates}
    assert isinstance(by_prefix["/p"].ready, Reply)
    assert by_prefix["/p"].ready.status == 503


def service(port: int, name: str = "prometheus", **labels: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {"ports": [{"name": "http", "port": port}], "selector": {"app": "prometheus"}},
    }


def pod(*args: str, probe_path: str = "/x") -> dict[str, Any]:
    probe = {"httpGet": {"path": probe_path, "port": 9090}}
    container = {"name": "prometheus", "args": list(args), "readinessProbe": probe}
    return {
        "metadata": {"name": "prometheus-0", "namespace": NAMESPACE},
        "spec": {"containers": [container]},
        "status": {"phase": "Running"},
    }


async def test_arguments_tell_the_prefix_where_the_root_does_not() -> None:
    """A proxy that hides the redirect: only the pod's arguments are left."""

    def answer(request: Request) -> Response:
        return NOT_FOUND if request.path == "/" else served("/p")(request)

    async with answering(answer) as server:
        seen = await look_through_service(server.port, pod("--web.route-prefix", "/p"))
    assert seen.serving is not None
    assert seen.serving.prefix == "/p"
    assert seen.serving.found_in == ("argument --web.route-prefix",)
    assert seen.traffic is not None
    assert not isinstance(seen.pods, Failure)
    assert [one.name for one in seen.pods] == ["prometheus-0"]


async def test_probe_paths_are_hints_too() -> None:
    def answer(request: Request) -> Response:
        return NOT_FOUND if request.path == "/" else served("/p")(request)

    async with answering(answer) as server:
        seen = await look_through_service(server.port, pod(probe_path="/p/-/ready"))
    assert seen.serving is not None
    assert seen.serving.found_in == ("probe path of its pod",)


async def look_through_service(port: int, *pods: dict[str, Any]) -> PrometheusSeen:
    objects: Objects = {
        f"{SERVICES}/prometheus": service(port),
        PODS: {"items": list(pods)},
    }
    return await look(f"http://prometheus:{port}", objects)


@pytest.mark.parametrize("url", [None, "prometheus:9090", "http:///x", "http://[/"])
async def test_without_a_usable_url_nobody_is_made_up(url: str | None) -> None:
    seen = await look(url, {SERVICES: {"items": []}})
    assert bool(seen.malformed) == (url is not None)
    assert seen.url_query is None
    if url != "prometheus:9090":
        assert seen.origin is None
        assert seen.candidates == ()


async def test_the_service_tells_the_address_where_the_url_does_not() -> None:
    objects: Objects = {SERVICES: {"items": [service(9090, "other"), service(9091)]}}
    seen = await look(None, objects, timeout_s=1.0)
    assert seen.url is None
    assert seen.origin == f"http://prometheus.{NAMESPACE}.svc.cluster.local:9091"
    labelled = service(80, "metrics-server-2", **{"app.kubernetes.io/name": "prometheus"})
    seen = await look(None, {SERVICES: {"items": [service(9091), labelled]}}, timeout_s=1.0)
    assert seen.origin == f"http://metrics-server-2.{NAMESPACE}.svc.cluster.local:80"


async def test_a_broken_url_still_leads_to_the_server() -> None:
    async with answering(served("/p")) as server:
        seen = await look(f"http://127.0.0.1/p:{server.port}/")
    assert "port stands after the path" in seen.malformed
    assert seen.origin == server.url
    assert seen.url_query is None
    assert seen.serving is not None
    assert seen.serving.prefix == "/p"


async def test_a_refused_list_of_services_is_told() -> None:
    refused = Failure(FailureKind.FORBIDDEN, "may not list services", status=403)
    seen = await look(None, {SERVICES: refused})
    assert seen.url is None
    assert seen.pods == refused


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (HANG, FailureKind.HUNG),
        (RESET, FailureKind.RESET),
    ],
)
async def test_a_server_that_does_not_answer_costs_one_wait(
    answer: Response, kind: FailureKind
) -> None:
    async with answering(lambda _: answer) as server:
        async with asyncio.timeout(LIMIT_S):
            seen = await look(f"{server.url}/p", timeout_s=1.0)
    assert kind is not FailureKind.HUNG or server.most_at_once == len(server.requests)
    assert isinstance(seen.url_query, Failure)
    assert seen.url_query.kind is kind
    assert isinstance(seen.ready, Failure)
    assert seen.serving is None


async def test_one_path_that_hangs_does_not_hide_the_others() -> None:
    def answer(request: Request) -> Response:
        return HANG if request.path == "/" else served("/p")(request)

    async with answering(answer) as server:
        seen = await look(f"{server.url}/p", timeout_s=2.0)
    assert seen.serving is not None
    assert isinstance(seen.root, Failure)


async def test_nobody_listens() -> None:
    async with answering(lambda _: NOT_FOUND) as server:
        url = server.url
    seen = await look(url)
    assert isinstance(seen.url_query, Failure)
    assert seen.url_query.kind is FailureKind.REFUSED
    assert seen.traffic is None


async def test_a_page_is_no_prometheus() -> None:
    async with answering(lambda _: html_answer()) as server:
        seen = await look(server.url)
    assert isinstance(seen.url_query, Reply)
    assert seen.url_query.is_html
    assert seen.serving is None


@pytest.mark.parametrize(
    "answer",
    [
        json_answer({"hello": "world"}),
        json_answer([1, 2]),
        Response(200, b'{"status": "succ', "application/json"),
        Response(200, b"\xff\xfe", "application/json"),
    ],
)
async def test_json_of_somebody_else_is_malformed(answer: Response) -> None:
    async with answering(lambda _: answer) as server:
        seen = await look(server.url)
    assert isinstance(seen.url_query, Failure)
    assert seen.url_query.kind is FailureKind.MALFORMED
    assert seen.serving is None


async def test_an_endless_body_is_cut_off() -> None:
    async with answering(lambda _: ENDLESS) as server:
        async with asyncio.timeout(LIMIT_S):
            seen = await look(server.url, timeout_s=3.0)
    assert isinstance(seen.url_query, Failure)
    assert seen.url_query.kind is FailureKind.TOO_LARGE


@pytest.mark.parametrize(
    "result",
    [
        [{"metric": {}, "value": [1, "NaN"]}],
        [{"metric": {}, "value": []}],
        [{"metric": None, "value": None}],
        [],
        None,
        "text",
    ],
)
async def test_odd_samples_are_no_number(result: object) -> None:
    document = {"status": "success", "data": {"resultType": "vector", "result": result}}
    async with answering(lambda _: json_answer(document)) as server:
        seen = await look(server.url)
    assert seen.traffic is not None
    assert seen.traffic.requests_last_hour.value is None
    assert seen.traffic.requests_last_hour.answered


async def test_series_without_a_namespace_are_counted_under_the_empty_name() -> None:
    samples = [
        {"metric": {}, "value": [1, "2"]},
        {"metric": {"destination_service_namespace": "a"}, "value": [1, "5"]},
    ]
    document = {"status": "success", "data": {"resultType": "vector", "result": samples}}
    async with answering(lambda _: json_answer(document)) as server:
        seen = await look(server.url)
    assert seen.traffic is not None
    assert seen.traffic.series_by_namespace.by == {"": 2.0, "a": 5.0}


async def test_a_password_in_the_url_is_never_seen() -> None:
    async with answering(served("")) as server:
        seen = await look(server.url.replace("//", "//me:hidden-word@"))
    assert seen.url is not None
    assert "hidden-word" not in repr(seen)
    assert seen.serving is not None

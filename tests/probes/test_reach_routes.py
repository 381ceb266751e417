"""Given a cluster seen from outside, when something in it is asked, a route is found and told."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
from pydantic import SecretStr

from probes.model import Failure, FailureKind, ProbeError
from probes.profile import Profile
from probes.reach import Reach, open_reach
from probes.reach.dial import Dialer
from probes.servicename import named
from sandbox.kubernetes.store import Obj
from tests.probes.kubeconfigs import NAMESPACE, Kubernetes, kubeconfig, kubernetes, tls_server
from tests.probes.loopback import (
    ENDLESS,
    HANG,
    RESET,
    Answering,
    Loopback,
    Request,
    Response,
    answering,
    html_answer,
    json_answer,
)
from tests.waiting import LIMIT_S

PROMETHEUS = f"http://prometheus.{NAMESPACE}.svc.cluster.local:9090"
TOKEN = SecretStr("s3cr3t-t0ken")


def service(target: object = "http") -> Obj:
    return {
        "kind": "Service",
        "metadata": {"name": "prometheus", "namespace": NAMESPACE},
        "spec": {
            "selector": {"app": "prometheus"},
            "ports": [{"name": "web", "port": 9090, "targetPort": target}],
        },
    }


def pod(name: str = "prometheus-1", ready: str = "True", created: str = "01") -> Obj:
    return {
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": {"app": "prometheus"},
            "creationTimestamp": f"2026-01-{created}T00:00:00Z",
        },
        "spec": {
            "containers": [
                {"name": "prometheus", "ports": [{"name": "http", "containerPort": 9191}]}
            ]
        },
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]},
    }


def prometheus(request: Request) -> Response:
    if request.path == "/":
        return Response(302, b"Found", headers={"Location": "/api/monitoring/prometheus"})
    return json_answer({"path": request.path, "query": request.query.get("query")})


@asynccontextmanager
async def outside(
    tmp_path: Path, answer: Answering = prometheus, **changes: Any
) -> AsyncIterator[tuple[Reach, Kubernetes, Loopback]]:
    """A Prometheus in a cluster whose names do not resolve here."""
    mesh = changes.pop("mesh", False)
    user = changes.pop("user", "sandbox")
    async with kubernetes(tmp_path, ("reader",)) as cluster, answering(answer) as server:
        cluster.access.allow("reader", ["get", "list"], [""], ["services", "pods"], [NAMESPACE])
        cluster.create(service(), pod())
        address = ("127.0.0.1", server.port)
        cluster.network.publish("prometheus", NAMESPACE, 9090, address, mesh=mesh)
        cluster.network.publish_pod(NAMESPACE, "prometheus-1", 9191, address)
        async with open_reach(cluster.profile(user, **changes)) as reach:
            await reach.cluster.ready(10)
            yield reach, cluster, server


async def failure(reach: Reach, url: str, **options: Any) -> Failure:
    with pytest.raises(ProbeError) as failed:
        await reach.get(url, **options)
    found = failed.value.failure
    assert "\n" not in found.sentence
    assert TOKEN.get_secret_value() not in repr(found)
    return found


async def test_the_service_proxy_serves_what_needs_no_token(tmp_path: Path) -> None:
    async with outside(tmp_path) as (reach, _cluster, _server):
        body = await reach.get(f"{PROMETHEUS}/api/v1/query", params={"query": 'a{b="c"} + 1'})
    assert body.json() == {"path": "/api/v1/query", "query": 'a{b="c"} + 1'}
    assert body.reply.route == f"service proxy {NAMESPACE}/prometheus:9090"
    assert body.reply.request == f'GET {PROMETHEUS}/api/v1/query?query=a{{b="c"}} + 1'
    assert body.reply.is_json


async def test_the_proxy_keeps_out_of_a_redirect(tmp_path: Path) -> None:
    async with outside(tmp_path) as (reach, _cluster, _server):
        body = await reach.get(f"{PROMETHEUS}/")
    assert (body.reply.status, body.reply.location) == (302, "/api/monitoring/prometheus")


async def test_a_token_goes_by_port_forward_and_arrives(tmp_path: Path) -> None:
    async with outside(tmp_path) as (reach, _cluster, server):
        body = await reach.get(f"{PROMETHEUS}/x", token=TOKEN)
        assert body.reply.route == f"port-forward to pod {NAMESPACE}/prometheus-1"
    assert server.requests[-1].headers["authorization"] == f"Bearer {TOKEN.get_secret_value()}"
    assert server.requests[-1].headers["host"] == PROMETHEUS.removeprefix("http://")


async def test_a_strict_mesh_is_passed_by_port_forward(tmp_path: Path) -> None:
    async with outside(tmp_path, mesh=True) as (reach, _cluster, _server):
        first = await reach.get(f"{PROMETHEUS}/x")
        again = await reach.get(f"{PROMETHEUS}/y")
    assert first.reply.route == again.reply.route
    assert again.reply.route == f"port-forward to pod {NAMESPACE}/prometheus-1"


async def test_several_requests_at_once_share_one_port_forward(tmp_path: Path) -> None:
    async with outside(tmp_path, mesh=True) as (reach, _cluster, _server):
        urls = [f"{PROMETHEUS}/{number}" for number in range(12)]
        bodies = await asyncio.gather(*(reach.get(url) for url in urls))
        assert [one.json()["path"] for one in bodies] == [f"/{number}" for number in range(12)]
        assert len(reach._forwards._open) == 1


async def test_a_megabyte_comes_through_the_port_forward_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 8192
    async with outside(tmp_path, lambda _: Response(200, content), mesh=True) as (reach, *_):
        assert (await reach.get(PROMETHEUS)).content == content


async def test_a_pod_that_is_replaced_is_followed(tmp_path: Path) -> None:
    async with outside(tmp_path, mesh=True) as (reach, cluster, server):
        await reach.get(PROMETHEUS)
        cluster.store.delete("Pod", NAMESPACE, "prometheus-1")
        cluster.network.withdraw_pod(NAMESPACE, "prometheus-1")
        cluster.create(pod("prometheus-2"))
        cluster.network.publish_pod(NAMESPACE, "prometheus-2", 9191, ("127.0.0.1", server.port))
        for writer in server._open.values():
            writer.transport.abort()
        body = await reach.get(PROMETHEUS)
    assert body.reply.route == f"port-forward to pod {NAMESPACE}/prometheus-2"


async def test_all_failed_routes_stand_in_one_sentence(tmp_path: Path) -> None:
    async with outside(tmp_path, user="reader") as (reach, _cluster, _server):
        found = await failure(reach, f"{PROMETHEUS}/x")
    assert found.kind is FailureKind.FORBIDDEN
    for words in (
        "the name prometheus.wealist-prod.svc.cluster.local does not resolve",
        "the API server answers 403",
        "(service proxy)",
    ):
        assert words in found.sentence
    furthest = "may not get pods/portforward prometheus-1 in namespace wealist-prod"
    assert found.sentence.startswith(furthest)
    assert found.asked == f"GET {PROMETHEUS}/x"
    assert found.route == "direct, service proxy, port-forward"


async def test_a_service_that_is_not_there_is_a_name_that_resolves_nowhere(tmp_path: Path) -> None:
    async with outside(tmp_path) as (reach, _cluster, _server):
        found = await failure(reach, "http://nope.wealist-prod.svc:80/")
    assert found.kind is FailureKind.DNS
    assert 'services "nope" not found' in found.sentence


async def test_no_ready_pod_is_a_refusal(tmp_path: Path) -> None:
    async with outside(tmp_path) as (reach, cluster, _server):
        cluster.store.delete("Pod", NAMESPACE, "prometheus-1")
        cluster.create(pod("prometheus-9", ready="False"))
        cluster.network.withdraw("prometheus", NAMESPACE, 9090)
        found = await failure(reach, PROMETHEUS)
    assert found.kind is FailureKind.REFUSED
    assert "none of its 1 pods is ready" in found.sentence


async def test_a_port_where_nothing_listens_is_a_refusal(tmp_path: Path) -> None:
    async with outside(tmp_path, mesh=True) as (reach, cluster, _server):
        cluster.network.withdraw_pod(NAMESPACE, "prometheus-1")
        found = await failure(reach, PROMETHEUS)
        with pytest.raises(ProbeError) as failed:
            await reach.tcp("prometheus.wealist-prod", 9090)
    assert found.kind is failed.value.failure.kind is FailureKind.REFUSED
    words = "nothing listens at port 9191 of pod wealist-prod/prometheus-1"
    assert words in found.sentence
    assert words in failed.value.failure.sentence


async def test_one_that_never_answers_hangs_by_every_route(tmp_path: Path) -> None:
    async with outside(tmp_path, lambda _: HANG) as (reach, _cluster, _server):
        async with asyncio.timeout(LIMIT_S):
            found = await failure(reach, PROMETHEUS, timeout_s=1.5)
    assert found.kind is FailureKind.HUNG
    assert "gave no answer" in found.sentence


async def test_a_target_port_by_number_and_the_newest_ready_pod_are_taken(tmp_path: Path) -> None:
    async with outside(tmp_path) as (reach, cluster, server):
        cluster.store.delete("Service", NAMESPACE, "prometheus")
        cluster.create(service(9292), pod("prometheus-3", created="03"))
        cluster.create(pod("prometheus-4", ready="False", created="04"))
        cluster.network.publish_pod(NAMESPACE, "prometheus-3", 9292, ("127.0.0.1", server.port))
        landing = await reach.tcp("prometheus", 9090)
        assert landing.route == f"port-forward to pod {NAMESPACE}/prometheus-3"
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://{landing.host}:{landing.port}/here")
        assert answer.json()["path"] == "/here"


async def test_nothing_listens_and_nobody_is_connected_afterwards(tmp_path: Path) -> None:
    async with outside(tmp_path, mesh=True) as (reach, _cluster, _server):
        landing = await reach.tcp("prometheus", 9090)
        reader, writer = await asyncio.open_connection(landing.host, landing.port)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(landing.host, landing.port)


# Direct, without a cluster.


@asynccontextmanager
async def alone(tmp_path: Path) -> AsyncIterator[Reach]:
    path = kubeconfig(tmp_path / "none", "https://127.0.0.1:1")
    async with open_reach(Profile(kubeconfig=path, timeout_s=2)) as reach:
        yield reach


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (HANG, FailureKind.HUNG, "accepted the connection and gave no answer in 1.0 s"),
        (RESET, FailureKind.RESET, "closed the connection without an answer"),
        (ENDLESS, FailureKind.TOO_LARGE, "larger than 1 MB"),
    ],
)
async def test_a_bad_server_is_one_sentence(
    tmp_path: Path, answer: Response, kind: FailureKind, words: str
) -> None:
    async with answering(lambda _: answer) as server, alone(tmp_path) as reach:
        found = await failure(reach, server.url, token=TOKEN, timeout_s=1.0, limit_bytes=1_000_000)
    assert found.kind is kind
    assert words in found.sentence
    assert (found.asked, found.route) == (f"GET {server.url}/", "direct")


async def test_a_slow_drip_ends_with_the_time_limit(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not reader.at_eof() and not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)
        writer.close()
        gone.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server, alone(tmp_path) as reach:
        port = server.sockets[0].getsockname()[1]
        found = await failure(reach, f"http://127.0.0.1:{port}", timeout_s=0.5)
        await asyncio.wait_for(gone.wait(), 5)
    assert found.kind is FailureKind.HUNG
    assert "did not finish its answer" in found.sentence


async def test_html_where_json_is_due(tmp_path: Path) -> None:
    async with answering(lambda _: html_answer()) as server, alone(tmp_path) as reach:
        body = await reach.get(server.url)
    with pytest.raises(ProbeError, match="answers 200 with HTML, a page for people, where JSON"):
        body.json()


@pytest.mark.parametrize(
    "url", ["", "prometheus:9090", "ftp://x", "http://", "http://x:y", "http:// x"]
)
async def test_what_is_no_url_is_said(tmp_path: Path, url: str) -> None:
    async with alone(tmp_path) as reach:
        assert (await failure(reach, url)).kind is FailureKind.MALFORMED


async def test_refused_and_unknown_are_told_apart(tmp_path: Path) -> None:
    async with alone(tmp_path) as reach:
        refused = await failure(reach, "http://127.0.0.1:1/")
        unknown = await failure(reach, "http://no.such.host.invalid/", timeout_s=2)
    assert refused.kind is FailureKind.REFUSED
    assert unknown.kind is FailureKind.DNS
    assert "no.such.host.invalid" in unknown.sentence


async def test_a_user_in_the_url_goes_out_as_basic_and_is_not_told(tmp_path: Path) -> None:
    secret = "hunter22"
    leaking = Response(401, b"bad password hunter22 for me")
    async with answering(lambda _: leaking) as server, alone(tmp_path) as reach:
        body = await reach.get(f"http://me:{secret}@127.0.0.1:{server.port}/x?y=1")
    assert server.requests[0].headers["authorization"].startswith("Basic ")
    assert body.reply.request == f"GET {server.url}/x?y=1"
    assert secret not in repr(body)


async def test_a_double_slash_survives(tmp_path: Path) -> None:
    async with answering(prometheus) as server, alone(tmp_path) as reach:
        await reach.get(f"{server.url}/p//api/v1/query", params={"query": "up"})
        await reach.get(f"{server.url}//api")
    assert server.paths() == ["//api", "/p//api/v1/query"]


async def test_redirects_are_told_and_not_followed(tmp_path: Path) -> None:
    async with answering(prometheus) as server, alone(tmp_path) as reach:
        body = await reach.get(f"{server.url}/")
    assert body.reply.location == "/api/monitoring/prometheus"
    assert len(server.requests) == 1


async def test_a_server_that_moves_away_and_comes_back(tmp_path: Path) -> None:
    async with alone(tmp_path) as reach:
        async with answering(prometheus) as server:
            port = server.port
            await reach.get(server.url)
        gone = await failure(reach, f"http://127.0.0.1:{port}")
        assert gone.kind in (FailureKind.REFUSED, FailureKind.RESET)
        loopback = Loopback(prometheus)
        back = await asyncio.start_server(loopback.serve, "127.0.0.1", port)
        async with back:
            assert (await reach.get(f"http://127.0.0.1:{port}/x")).reply.status == 200
            await loopback.close()


async def test_an_untrusted_certificate_and_insecure(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with tls_server(prometheus, context) as server, alone(tmp_path) as reach:
        url = f"https://127.0.0.1:{server.port}/x"
        found = await failure(reach, url)
        body = await reach.get(url, insecure=True)
    assert found.kind is FailureKind.TLS
    assert "is not trusted" in found.sentence
    assert body.reply.status == 200


@pytest.fixture
def silent_resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A machine whose resolver answers nobody; the list holds the names it was asked for."""
    asked: list[str] = []
    released = threading.Event()

    def look_up(host: str, *_: object, **__: object) -> list[Any]:
        asked.append(host)
        released.wait(20)
        raise OSError("never")

    monkeypatch.setattr("probes.reach.dial.socket.getaddrinfo", look_up)
    yield asked
    released.set()


async def test_a_resolver_without_an_answer_costs_one_bounded_wait(
    silent_resolver: list[str],
) -> None:
    dialer = Dialer(cluster_limit_s=0.2)
    for host in ("a.b.svc.cluster.local", "c.d.svc", "e"):
        with pytest.raises(ProbeError) as failed:
            await dialer.dial(host, 80, 5, cluster=True)
        assert failed.value.failure.kind is FailureKind.DNS
    # The others were not even looked up.
    assert silent_resolver == ["a.b.svc.cluster.local"]


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("prometheus", ("prometheus", "ops", False)),
        ("prometheus.monitoring", ("prometheus", "monitoring", False)),
        ("prometheus.monitoring.svc", ("prometheus", "monitoring", True)),
        ("Prometheus.monitoring.svc.cluster.local.", ("prometheus", "monitoring", True)),
        ("argocd.wealist.co.kr", None),
        ("127.0.0.1", None),
        ("::1", None),
        ("localhost", None),
        ("a..svc", None),
        ("", None),
    ],
)
def test_names_that_may_be_services(host: str, meant: tuple[str, str, bool] | None) -> None:
    found = named(host, "ops")
    assert (found and (found.name, found.namespace, found.certain)) == meant

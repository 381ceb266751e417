"""Curl in a pod of the sandbox: what it prints and how it ends, as curl itself would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.admission import Admission
from sandbox.curl import Curl, arguments
from sandbox.faults import fault
from sandbox.kubelet.runtime import Exited
from sandbox.kubernetes.access import Access
from sandbox.kubernetes.api import kubernetes_app
from sandbox.kubernetes.logs import LogBuffer, Logs
from sandbox.kubernetes.store import Obj, Store
from sandbox.network import Network
from sandbox.scenario import Policy
from sandbox.serving import serve

NAMESPACE = "wealist-prod"
URL = "http://prometheus:9090/api/v1/query"


async def _answer(request: Request) -> Response:
    if request.url.path == "/api/v1/query":
        return PlainTextResponse(f"query {request.query_params['query']}\nsecond line")
    return PlainTextResponse("404 page not found\n", 404)


@asynccontextmanager
async def network() -> AsyncIterator[Network]:
    app = Starlette(routes=[Route("/{path:path}", _answer)])
    server, meshed = await serve(app), await serve(app)
    made = Network(NAMESPACE)
    made.publish("prometheus", NAMESPACE, 9090, ("127.0.0.1", server.port))
    made.publish("meshed", NAMESPACE, 8005, ("127.0.0.1", meshed.port), mesh=True)
    try:
        yield made
    finally:
        await server.close()
        await meshed.close()


async def run(made: Network, *words: str, pod: Obj | None = None) -> tuple[int, list[str]]:
    """The exit code and the lines that were printed."""
    log = LogBuffer()
    curl = Curl(made, words, log, pod or {"metadata": {}})
    with pytest.raises(Exited) as exited:
        await curl.start()
    return exited.value.code, [entry.text.rstrip("\r") for entry in log.lines]


async def test_the_answer_is_printed_with_its_head_where_it_is_asked_for() -> None:
    async with network() as made:
        words = ("-sS", "--include", "--get", "--data-urlencode", "query=up{a='b'}", "--url", URL)
        code, lines = await run(made, *words)
        assert (code, lines[0]) == (0, "HTTP/1.1 200 OK")
        assert lines[lines.index("") + 1 :] == ["query up{a='b'}", "second line"]
        code, lines = await run(made, "-s", "http://prometheus:9090/nowhere")
        assert (code, lines) == (0, ["404 page not found"])


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("http://nobody:9090/",), 6, "curl: (6) Could not resolve host: nobody"),
        (("-s", "http://nobody:9090/"), 6, None),
        (("-sS", "http://nobody:9090/"), 6, "curl: (6) Could not resolve host: nobody"),
        (
            ("http://prometheus:9091/",),
            7,
            "curl: (7) Failed to connect to prometheus port 9091 after 1 ms: "
            "Could not connect to server",
        ),
        (("http://meshed:8005/",), 56, "curl: (56) Recv failure: Connection reset by peer"),
        (("ftp://prometheus/",), 1, "curl: (1) Protocol ftp not supported"),
        (("http://",), 3, "curl: (3) URL rejected: No host part in the URL"),
        (("--nonsense", URL), 2, "curl: option nonsense: is unknown"),
    ],
)
async def test_a_failure_has_curls_code_and_words(
    words: tuple[str, ...], code: int, told: str | None
) -> None:
    async with network() as made:
        assert await run(made, *words) == (code, [told] if told else [])


async def test_a_server_that_hangs_is_given_up_in_time() -> None:
    async with fault("hanging") as address:
        assert address
        made = Network(NAMESPACE)
        made.publish("prometheus", NAMESPACE, 9090, address)
        code, (line,) = await run(made, "--max-time", "0.1", URL)
        assert code == 28
        assert line.startswith("curl: (28) Operation timed out after ")


async def test_a_pod_with_a_sidecar_is_in_the_mesh() -> None:
    async with network() as made:
        pod = {"metadata": {"annotations": {"sidecar.istio.io/inject": "true"}}}
        code, _ = await run(made, "http://meshed:8005/x", pod=pod)
        assert code == 0


@pytest.mark.parametrize(
    ("container", "found"),
    [
        ({"image": "curlimages/curl:8.10.1", "args": ["-s", "x"]}, ["-s", "x"]),
        ({"image": "curlimages/curl", "args": ["curl", "-s", "x"]}, ["-s", "x"]),
        ({"image": "alpine:3", "command": ["/usr/bin/curl", "x"]}, ["x"]),
        ({"image": "curlimages/curl:8", "command": ["sh", "-c", "curl x"]}, None),
        ({"image": "registry.example.com/web:1"}, None),
    ],
)
def test_a_curl_container_is_known_by_what_it_runs(container: Obj, found: list[str] | None) -> None:
    assert arguments(container) == found


def _pod(**resources: Any) -> Obj:
    container = {"name": "curl", "image": "curlimages/curl:8.10.1", "resources": resources}
    metadata = {"name": "probe", "namespace": NAMESPACE}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [container]},
    }


async def test_the_api_server_asks_the_policies_about_a_pod_that_somebody_creates() -> None:
    """As in facts on the incident: `kubectl run` without limits is refused by Kyverno."""
    store, access, admission = Store(), Access(), Admission()
    token = access.add_user("admin")
    access.allow_all("admin")
    store.create({"kind": "Namespace", "metadata": {"name": NAMESPACE}})
    message = "배포 실패: resources.limits"
    admission.policies = (Policy(name="require-resource-limits", limits=True, message=message),)
    app = kubernetes_app(store, Logs(), Network(), access, admission.refusal)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://api",
        headers={"authorization": f"Bearer {token}"},
    )
    path = f"/api/v1/namespaces/{NAMESPACE}/pods"
    async with client:
        for dry_run in ({"dryRun": "All"}, {}):
            refused = await client.post(path, json=_pod(), params=dry_run)
            assert refused.status_code == 400
            status = refused.json()
            assert "reason" not in status
            assert "admission webhook" in status["message"]
            assert message in status["message"]
        limits = {"cpu": "100m", "memory": "64Mi"}
        accepted = await client.post(path, json=_pod(limits=limits))
        assert accepted.status_code == 201

"""Given an API server that misbehaves, when it is asked, the failure is typed and one sentence."""

from __future__ import annotations

import asyncio
import datetime
import json
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from probes.model import Failure, FailureKind, ProbeError
from probes.profile import Profile
from probes.reach import Reach, open_reach
from tests.probes.kubeconfigs import api_answering, kubeconfig, tls_server
from tests.probes.loopback import (
    ENDLESS,
    HANG,
    RESET,
    Request,
    Response,
    html_answer,
    json_answer,
)
from tests.waiting import LIMIT_S

PODS = "/api/v1/namespaces/ops/pods"
SECRETS = "/api/v1/namespaces/ops/secrets"
TOKEN = "s3cr3t-t0ken"


def status(code: int, reason: str, message: str) -> Response:
    document = {"kind": "Status", "apiVersion": "v1", "code": code}
    return json_answer(document | {"reason": reason, "message": message}, code)


async def failure(reach: Reach, path: str = PODS) -> Failure:
    with pytest.raises(ProbeError) as failed:
        await asyncio.wait_for(reach.cluster.get(path), LIMIT_S)
    found = failed.value.failure
    assert "\n" not in found.sentence
    assert "Traceback" not in found.sentence
    assert TOKEN not in repr(found)
    return found


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (HANG, FailureKind.HUNG, "accepted the connection and gave no answer"),
        (RESET, FailureKind.RESET, "closed the connection"),
        (html_answer(), FailureKind.MALFORMED, "HTML, a page for people"),
        (Response(200, b"{", "application/json"), FailureKind.MALFORMED, "no Kubernetes API"),
        (Response(200, b"[1]", "application/json"), FailureKind.MALFORMED, "no Kubernetes API"),
        (Response(200, b"", "application/json"), FailureKind.MALFORMED, "an empty body"),
        (Response(200, b"[" * 99_999, "application/json"), FailureKind.MALFORMED, "no Kubernetes"),
        (Response(404, b"nope"), FailureKind.MALFORMED, "no Kubernetes API server"),
        (
            Response(302, b"", headers={"Location": "https://login.example.com/"}),
            FailureKind.MALFORMED,
            "redirects to https://login.example.com/",
        ),
        (ENDLESS, FailureKind.TOO_LARGE, "larger than 32 MB"),
        (
            Response(200, b"x", headers={"Content-Length": "200000000"}),
            FailureKind.TOO_LARGE,
            "larger than 32 MB",
        ),
        (status(500, "InternalError", "etcd is gone"), FailureKind.MALFORMED, "etcd is gone"),
        (status(429, "TooManyRequests", "later"), FailureKind.MALFORMED, "is busy"),
        (Response(503, b"no"), FailureKind.MALFORMED, "answers 503"),
        (status(404, "NotFound", 'pods "x" not found'), FailureKind.NOT_FOUND, "is not there"),
        (
            status(404, "NotFound", "the server could not find the requested resource"),
            FailureKind.NOT_FOUND,
            "the cluster does not know pods",
        ),
    ],
    ids=lambda one: one.value if isinstance(one, FailureKind) else "",
)
async def test_a_bad_answer_is_one_sentence(
    tmp_path: Path, answer: Response, kind: FailureKind, words: str
) -> None:
    async with api_answering(tmp_path, lambda _: answer, user={"token": TOKEN}) as (reach, server):
        found = await failure(reach)
    assert found.kind is kind
    assert words in found.sentence
    assert found.asked == "list pods in ops"
    assert str(server.port) in found.sentence or kind is FailureKind.NOT_FOUND


async def test_what_is_not_http_is_said(tmp_path: Path) -> None:
    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        path = kubeconfig(tmp_path / "k", f"http://127.0.0.1:{port}")
        async with open_reach(Profile(kubeconfig=path)) as reach:
            found = await failure(reach)
    assert found.kind is FailureKind.MALFORMED
    assert "is not HTTP" in found.sentence


async def test_a_403_names_verb_resource_and_namespace(tmp_path: Path) -> None:
    message = 'secrets is forbidden: User "viewer" cannot list resource "secrets"'
    answer = status(403, "Forbidden", message)
    async with api_answering(tmp_path, lambda _: answer) as (reach, _server):
        found = await failure(reach, SECRETS)
        named = await failure(reach, f"{SECRETS}/db")
    assert found.kind is FailureKind.FORBIDDEN
    assert found.sentence == f"may not list secrets in namespace ops: {message}"
    assert named.sentence.startswith("may not get secrets db in namespace ops: ")
    assert (found.status, found.code) == (403, "Forbidden")


async def test_a_401_loads_the_credentials_again_once(tmp_path: Path) -> None:
    """A plugin that counts its runs: the second token is the good one."""
    program = tmp_path / "plugin.py"
    program.write_text(
        "import json, pathlib\n"
        f"runs = pathlib.Path({str(tmp_path / 'runs')!r})\n"
        "count = len(runs.read_text()) + 1 if runs.exists() else 1\n"
        "runs.write_text('x' * count)\n"
        "version = 'client.authentication.k8s.io/v1'\n"
        "print(json.dumps({'apiVersion': version, 'kind': 'ExecCredential',"
        " 'status': {'token': f'token-{count}'}}))\n"
    )
    entry = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": [str(program)],
    }

    def answer(request: Request) -> Response:
        good = request.headers.get("authorization") == "Bearer token-2"
        return json_answer({"items": []}) if good else status(401, "Unauthorized", "Unauthorized")

    async with api_answering(tmp_path, answer, timeout_s=9, user={"exec": entry}) as (reach, _):
        await reach.cluster.ready()
        reach.cluster._sessions._began -= 60  # the first load was a minute ago
        assert await reach.cluster.get(PODS) == {"items": []}
    assert (tmp_path / "runs").read_text() == "xx"


async def test_a_401_that_stays_says_log_in_again(tmp_path: Path) -> None:
    answer = status(401, "Unauthorized", "Unauthorized")
    async with api_answering(tmp_path, lambda _: answer) as (reach, _server):
        found = await failure(reach)
    assert found.kind is FailureKind.UNAUTHORIZED
    assert "does not accept the credentials of context prod: log in again" in found.sentence


@pytest.mark.parametrize(
    ("server", "kind", "words"),
    [
        ("https://127.0.0.1:1", FailureKind.REFUSED, "127.0.0.1:1 refuses the connection"),
        ("https://no.such.host.invalid:6443", FailureKind.DNS, "no.such.host.invalid"),
    ],
)
async def test_a_server_out_of_reach_is_named(
    tmp_path: Path, server: str, kind: FailureKind, words: str
) -> None:
    path = kubeconfig(tmp_path / "k", server)
    async with open_reach(Profile(kubeconfig=path, timeout_s=2)) as reach:
        found = await failure(reach)
    # A resolver without an answer counts as a name that does not resolve, too.
    assert found.kind is kind
    assert words in found.sentence
    assert server in found.sentence


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def trusting(path: Path, authority: trustme.CA) -> Mapping[str, str]:
    authority.cert_pem.write_to_path(path / "ca.pem")
    return {"certificate-authority": str(path / "ca.pem")}


async def asked_over_tls(
    tmp_path: Path, context: ssl.SSLContext, cluster: Mapping[str, object]
) -> Failure | dict[str, object]:
    async with tls_server(lambda _: json_answer({"items": []}), context) as server:
        url = f"https://127.0.0.1:{server.port}"
        path = kubeconfig(tmp_path / "k", url, cluster=cluster)
        async with open_reach(Profile(kubeconfig=path)) as reach:
            try:
                return await reach.cluster.get(PODS)
            except ProbeError as error:
                return error.failure


async def test_each_fault_of_a_certificate_is_told_apart(
    tmp_path: Path, authority: trustme.CA
) -> None:
    trusted = trusting(tmp_path, authority)
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    good = serving(authority.issue_cert("127.0.0.1"))
    expired = serving(authority.issue_cert("127.0.0.1", not_after=past))
    other = serving(authority.issue_cert("other.example.com"))
    for context, cluster, words in (
        (good, {}, "is not trusted"),
        (expired, trusted, "has expired"),
        (other, trusted, "is for another name"),
    ):
        found = await asked_over_tls(tmp_path, context, cluster)
        assert isinstance(found, Failure)
        assert found.kind is FailureKind.TLS
        assert words in found.sentence
    assert await asked_over_tls(tmp_path, good, trusted) == {"items": []}
    named = {**trusted, "tls-server-name": "other.example.com"}
    assert await asked_over_tls(tmp_path, other, named) == {"items": []}
    assert await asked_over_tls(tmp_path, expired, {"insecure-skip-tls-verify": True}) == {
        "items": []
    }


async def test_plain_http_under_an_https_address_is_said(tmp_path: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        path = kubeconfig(tmp_path / "other", f"https://127.0.0.1:{port}")
        async with open_reach(Profile(kubeconfig=path)) as reach:
            found = await failure(reach)
    assert found.kind is FailureKind.TLS
    assert "does not speak TLS" in found.sentence


async def test_a_client_certificate_is_presented(tmp_path: Path, authority: trustme.CA) -> None:
    context = serving(authority.issue_cert("127.0.0.1"))
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    mine = authority.issue_cert("somebody@example.com")
    mine.private_key_and_cert_chain_pem.write_to_path(tmp_path / "mine.pem")
    user = {"client-certificate": str(tmp_path / "mine.pem")}
    user |= {"client-key": str(tmp_path / "mine.pem")}
    trusted = trusting(tmp_path, authority)
    async with tls_server(lambda _: json_answer({"items": []}), context) as server:
        url = f"https://127.0.0.1:{server.port}"
        path = kubeconfig(tmp_path / "k", url, user=user, cluster=trusted)
        async with open_reach(Profile(kubeconfig=path)) as reach:
            assert await reach.cluster.get(PODS) == {"items": []}


async def test_a_silent_server_costs_one_request_its_time_and_no_more(tmp_path: Path) -> None:
    """A server that accepts TCP and never says a word, not even a TLS hello."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        path = kubeconfig(tmp_path / "k", f"https://127.0.0.1:{port}")
        async with open_reach(Profile(kubeconfig=path, timeout_s=1)) as reach:
            await reach.cluster.ready(10)
            found = await failure(reach)
    assert found.kind is FailureKind.HUNG


async def test_parameters_and_the_token_go_out(tmp_path: Path) -> None:
    async with api_answering(
        tmp_path, lambda _: json_answer({"items": []}), user={"token": TOKEN}
    ) as (reach, server):
        await reach.cluster.get(PODS, {"labelSelector": "a=b,c in (d,e)"})
    assert server.requests[0].path == PODS
    assert server.requests[0].query == {"labelSelector": "a=b,c in (d,e)"}
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


async def test_a_path_before_the_api_is_kept(tmp_path: Path) -> None:
    async with api_answering(tmp_path, lambda _: json_answer({})) as (_, server):
        path = kubeconfig(tmp_path / "other", f"{server.url}/k8s/clusters/c-1/")
        async with open_reach(Profile(kubeconfig=path)) as reach:
            await reach.cluster.get(PODS)
    assert server.paths()[-1] == f"/k8s/clusters/c-1{PODS}"


async def test_a_dead_kept_connection_is_replaced(tmp_path: Path) -> None:
    async with api_answering(tmp_path, lambda _: json_answer({"items": []})) as (reach, server):
        for _ in range(3):
            assert await reach.cluster.get(PODS) == {"items": []}
            for writer in server._open.values():
                writer.transport.abort()


async def test_lines_come_as_they_are_written(tmp_path: Path) -> None:
    body = "one\ntwo\nthr€e".encode()
    async with api_answering(tmp_path, lambda _: Response(200, body)) as (reach, _server):
        assert [line async for line, _ in reach.cluster.lines(PODS)] == ["one", "two", "thr€e"]


async def test_known_secrets_are_not_in_the_excerpt(tmp_path: Path) -> None:
    leak = json_answer({"kind": "Status", "message": "bad"} | {"echo": f"Bearer {TOKEN}"}, 500)
    async with api_answering(tmp_path, lambda _: leak) as (reach, _server):
        reach.cluster.protect([SecretStr(TOKEN)])
        found = await failure(reach)
    assert "echo" in found.excerpt
    assert TOKEN not in json.dumps(found.excerpt)

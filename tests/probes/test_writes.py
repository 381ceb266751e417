"""Given the permit or none, what reaches a server: nothing is written by the way, or twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from probes.model import FailureKind, ProbeError
from probes.reach import Reach
from probes.reach.guard import WriteRefusedError
from probes.reach.permit import permitted
from tests.probes.kubeconfigs import api_answering
from tests.probes.loopback import HANG, RESET, Request, Response, json_answer

POD = "/api/v1/namespaces/ops/pods/x"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
PATCH = [{"op": "test", "path": "/a", "value": 1}]


def echo(request: Request) -> Response:
    return json_answer({"kind": "Pod", "method": request.method})


async def patched(reach: Reach, params: dict[str, str] | None = None) -> dict[str, object]:
    return await reach.cluster.send(
        "PATCH", POD, PATCH, params, content_type="application/json-patch+json"
    )


@pytest.mark.parametrize("method", ["PATCH", "POST", "PUT", "DELETE"])
async def test_without_the_permit_nothing_reaches_the_server(tmp_path: Path, method: str) -> None:
    async with api_answering(tmp_path, echo) as (reach, server):
        with pytest.raises(WriteRefusedError, match=f"{method} {POD}"):
            await reach.cluster.send(method, POD, {})
        assert server.requests == []


async def test_a_dry_run_and_a_review_need_no_permit(tmp_path: Path) -> None:
    async with api_answering(tmp_path, echo) as (reach, server):
        await patched(reach, {"dryRun": "All"})
        await reach.cluster.send("POST", REVIEW, {})
        assert [one.method for one in server.requests] == ["PATCH", "POST"]


async def test_with_the_permit_the_body_arrives_as_it_is_and_once(tmp_path: Path) -> None:
    async with api_answering(tmp_path, echo) as (reach, server):
        with permitted():
            assert (await patched(reach))["method"] == "PATCH"
        (request,) = server.requests
        assert json.loads(request.body) == PATCH
        assert request.headers["content-type"] == "application/json-patch+json"


async def test_the_permit_ends_with_its_block(tmp_path: Path) -> None:
    async with api_answering(tmp_path, echo) as (reach, server):
        with permitted():
            await patched(reach)
        with pytest.raises(WriteRefusedError):
            await patched(reach)
        assert len(server.requests) == 1


@pytest.mark.parametrize(("answer", "kind"), [(RESET, FailureKind.RESET), (HANG, FailureKind.HUNG)])
async def test_a_write_without_an_answer_is_never_sent_again(
    tmp_path: Path, answer: Response, kind: FailureKind
) -> None:
    answers = [json_answer({}), answer]
    async with api_answering(tmp_path, lambda _: answers.pop(0)) as (reach, server):
        await reach.cluster.get(POD)  # a kept connection: a read would be sent again on another
        with permitted(), pytest.raises(ProbeError) as failed:
            await patched(reach)
        assert failed.value.failure.kind is kind
        assert [one.method for one in server.requests] == ["GET", "PATCH"]


async def test_a_denied_write_names_the_verb(tmp_path: Path) -> None:
    denied = {"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"}
    async with api_answering(tmp_path, lambda _: json_answer(denied, 403)) as (reach, _):
        with permitted(), pytest.raises(ProbeError) as failed:
            await patched(reach)
        assert failed.value.failure.kind is FailureKind.FORBIDDEN
        assert "may not patch pods x in namespace ops" in failed.value.failure.sentence
        assert failed.value.failure.asked == "patch pods x in ops"


TOKEN = SecretStr("a-persons-token")


async def test_a_write_to_anything_else_is_refused_without_the_permit(tmp_path: Path) -> None:
    async with api_answering(tmp_path, echo) as (reach, server):
        with pytest.raises(WriteRefusedError, match="POST /api/v1/projects/x"):
            await reach.send("POST", f"{server.url}/api/v1/projects/x", {}, token=TOKEN)
        assert server.requests == []


@pytest.mark.parametrize("body", [None, {"id": "x"}])
async def test_a_write_says_that_it_is_json_and_whose_it_is(tmp_path: Path, body: object) -> None:
    async with api_answering(tmp_path, echo) as (reach, server):
        with permitted():
            await reach.send(
                "DELETE", f"{server.url}/token/1", body, token=TOKEN, params={"id": "x"}
            )
        (request,) = server.requests
        assert request.headers["content-type"] == "application/json"
        assert request.headers["authorization"] == "Bearer a-persons-token"
        assert request.query == {"id": "x"}
        assert request.body == (b"" if body is None else json.dumps(body).encode())


async def test_a_write_to_anything_else_is_never_sent_again_either(tmp_path: Path) -> None:
    answers = [json_answer({}), RESET]
    async with api_answering(tmp_path, lambda _: answers.pop(0)) as (reach, server):
        await reach.get(f"{server.url}/token", token=TOKEN)
        with permitted(), pytest.raises(ProbeError) as failed:
            await reach.send("POST", f"{server.url}/token", {}, token=TOKEN)
        assert failed.value.failure.kind is FailureKind.RESET
        assert failed.value.failure.asked == f"POST {server.url}/token"
        assert [one.method for one in server.requests] == ["GET", "POST"]


async def test_what_is_quoted_of_a_write_has_no_secret_in_it(tmp_path: Path) -> None:
    secret = "x" * 900

    def quoting(request: Request) -> Response:
        message = {"kind": "Status", "message": request.body.decode()}
        return json_answer(message, 422)

    async with api_answering(tmp_path, quoting) as (reach, _):
        with permitted(), pytest.raises(ProbeError) as failed:
            await reach.cluster.send("POST", POD, {"a": secret}, secrets=(SecretStr(secret),))
        told = failed.value.failure
        assert "xxxx" not in told.sentence + told.excerpt

"""What may be done is asked of the system itself, exactly, and before anybody is asked anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from probes.model import FailureKind, ProbeError, Snapshot
from probes.profile import Profile
from remedies.model import Permission
from remedies.permissions import denied
from remedies.world import World
from tests.probes.kubeconfigs import api_answering
from tests.probes.loopback import Request, Response, json_answer

PATCH = Permission(
    "kubernetes", "patch", "applications", "argoproj.io", "argocd", "ops-service-prod"
)
LOG = Permission("kubernetes", "get", "pods", namespace="ops", subresource="log")
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


async def _no_sweep() -> Snapshot:
    raise AssertionError("nobody looks at the world for that")


def answering(allowed: Callable[[dict[str, str]], object]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        asked = json.loads(request.body)["spec"]["resourceAttributes"]
        return json_answer({"kind": "Review", "status": {"allowed": allowed(asked)}}, 201)

    return answer


async def test_each_is_asked_once_by_its_very_fields(tmp_path: Path) -> None:
    async with api_answering(tmp_path, answering(lambda _: True)) as (reach, server):
        world = World(reach, Profile(), _no_sweep)
        assert await denied(world, [PATCH, LOG, PATCH]) == ()
    assert {(one.method, one.path) for one in server.requests} == {("POST", REVIEW)}
    asked = [json.loads(one.body)["spec"]["resourceAttributes"] for one in server.requests]
    assert sorted(asked, key=lambda one: str(one["resource"])) == [
        {
            "verb": "patch",
            "group": "argoproj.io",
            "resource": "applications",
            "namespace": "argocd",
            "name": "ops-service-prod",
        },
        {"verb": "get", "resource": "pods", "subresource": "log", "namespace": "ops"},
    ]


async def test_those_that_are_lacking_are_told_as_a_sentence_names_them(tmp_path: Path) -> None:
    allowed = answering(lambda asked: asked["verb"] == "get")
    async with api_answering(tmp_path, allowed) as (reach, _):
        lacking = await denied(World(reach, Profile(), _no_sweep), [PATCH, LOG])
    told = "patch applications.argoproj.io ops-service-prod in namespace argocd"
    assert list(map(str, lacking)) == [told]
    assert str(LOG) == "get pods/log in namespace ops"


async def test_only_a_plain_yes_is_one(tmp_path: Path) -> None:
    answers = ["true", 1, None, {"allowed": True}]
    async with api_answering(tmp_path, answering(lambda _: answers.pop())) as (reach, _):
        while answers:
            assert await denied(World(reach, Profile(), _no_sweep), [LOG]) == (LOG,)


async def test_where_nobody_can_tell_that_is_said_and_not_taken_for_a_yes(tmp_path: Path) -> None:
    refusal = {"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"}
    async with api_answering(tmp_path, lambda _: json_answer(refusal, 403)) as (reach, _):
        with pytest.raises(ProbeError) as error:
            await denied(World(reach, Profile(), _no_sweep), [LOG])
    assert error.value.failure.kind is FailureKind.FORBIDDEN

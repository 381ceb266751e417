"""The Argo CD probe: what it asks, what it makes of each answer, and where tokens lie about."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from probes import argocd
from probes.model import (
    ApplicationRow,
    ArgoCDSeen,
    EnvReference,
    Failure,
    FailureKind,
    Reply,
    SecretHolder,
)
from probes.opsservice import ops_config
from probes.profile import Profile
from probes.reach import open_reach
from sandbox.argocd.instance import TokenState
from sandbox.serving import serve
from tests.probes.cluster import beside
from tests.probes.loopback import (
    ENDLESS,
    HANG,
    RESET,
    Answering,
    Request,
    Response,
    answering,
    html_answer,
    json_answer,
)
from tests.probes.seen import NAMESPACE, environment, workload
from tests.sandbox.argocd.installation import Installation, installation
from tests.waiting import LIMIT_S

SECRETS = f"/api/v1/namespaces/{NAMESPACE}/secrets"
KEY = "a-key-of-the-server-that-is-32-bytes-long"
APPLICATION = {
    "metadata": {"name": "ops-service-prod", "namespace": "argocd"},
    "spec": {"project": "wealist-prod"},
    "status": {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}},
}


def token(subject: str = "portal:apiKey", **claims: Any) -> str:
    return jwt.encode({"iss": "argocd", "sub": subject, **claims}, KEY, algorithm="HS256")


def unauthorized(text: str) -> Response:
    return json_answer({"error": text, "code": 16, "message": text}, 401)


def server(
    listed: Response | None = None, *, may: str = "yes", logged_in: bool = True
) -> Answering:
    """A server that knows its bearer, with what the list answers."""

    def answer(request: Request) -> Response:
        if request.path == "/api/version":
            return json_answer({"Version": "v2.10.4+abc"})
        if request.path == "/api/v1/session/userinfo":
            known = {"loggedIn": True, "username": "portal"} if logged_in else {}
            return json_answer({"iss": "argocd", **known})
        if request.path.startswith("/api/v1/account/can-i/applications/get/"):
            return json_answer({"value": may})
        return listed or json_answer({"items": [APPLICATION]})

    return answer


async def look(
    url: str,
    values: Mapping[str, str] | None = None,
    objects: Mapping[str, Mapping[str, Any] | Failure] | None = None,
    references: tuple[EnvReference, ...] = (),
    timeout_s: float = 5.0,
) -> ArgoCDSeen:
    settings = {"ARGOCD_SERVER_URL": url, **(values or {})}
    profile = Profile()
    async with open_reach(profile) as reach:
        return await argocd.observe(
            beside(reach, objects or {}),
            profile,
            ops_config(environment(settings)),
            workload(settings, references),
            timeout_s=timeout_s,
        )


async def test_a_good_token_lists_applications() -> None:
    async with answering(server()) as there:
        seen = await look(f"{there.url}/", {"ARGOCD_TOKEN": token()})
    assert seen.version == "v2.10.4+abc"
    assert (seen.logged_in, seen.username, seen.may_list) == (True, "portal", True)
    row = ApplicationRow("ops-service-prod", "argocd", "wealist-prod", "Synced", "Healthy")
    assert seen.applications == (row,)
    assert seen.token is not None
    assert seen.token.account == "portal"
    assert there.paths() == [
        "/api/v1/account/can-i/applications/get/*/*",
        "/api/v1/applications",
        "/api/v1/session/userinfo",
        "/api/version",
    ]
    listing = next(one for one in there.requests if one.path == "/api/v1/applications")
    assert "items.metadata.name" in listing.query["fields"]
    assert listing.headers["authorization"] == f"Bearer {token()}"


async def test_the_token_is_nowhere_in_what_was_seen() -> None:
    secret = token()
    async with answering(server()) as there:
        seen = await look(there.url, {"ARGOCD_TOKEN": secret})
    assert secret not in repr(seen)
    assert secret.split(".")[2] not in repr(seen)


async def test_a_project_role_is_asked_about_its_own_project() -> None:
    async with answering(server()) as there:
        await look(there.url, {"ARGOCD_TOKEN": token("proj:wealist-prod:portal")})
    assert "/api/v1/account/can-i/applications/get/wealist-prod/*" in there.paths()


@pytest.mark.parametrize(
    "text",
    [
        "no session information",
        "invalid session: account portal does not have token with id 7b2c",
        "invalid session: account portal is disabled",
        "invalid session: account portal does not have 'apiKey' capability",
        "invalid session: account password has changed since token issued",
        "invalid session: token is revoked, please re-login",
        "invalid session: Token is expired",
        "invalid session: signature is invalid",
    ],
)
async def test_each_401_keeps_its_words(text: str) -> None:
    async with answering(server(unauthorized(text), may="no", logged_in=False)) as there:
        seen = await look(there.url, {"ARGOCD_TOKEN": token()})
    assert isinstance(seen.list_answer, Reply)
    assert seen.list_answer.status == 401
    assert text in seen.list_answer.excerpt
    assert seen.applications is None
    assert seen.logged_in is False, "200 without loggedIn is nobody"


async def test_a_token_without_permission_sees_nothing_and_no_error() -> None:
    async with answering(server(json_answer({"items": None}), may="no")) as there:
        seen = await look(there.url, {"ARGOCD_TOKEN": token()})
    assert (seen.applications, seen.may_list, seen.logged_in) == ((), False, True)


async def test_an_expired_token_is_told_by_its_own_claims() -> None:
    over = datetime.now(UTC) - timedelta(days=1)
    async with answering(server(unauthorized("invalid session: Token is expired"))) as there:
        seen = await look(there.url, {"ARGOCD_TOKEN": token(exp=int(over.timestamp()))})
    assert seen.token is not None
    assert seen.token.expires_at is not None
    assert seen.token.expires_at < datetime.now(UTC)


async def test_a_token_with_a_line_break_is_never_sent() -> None:
    async with answering(server()) as there:
        seen = await look(there.url, {"ARGOCD_TOKEN": token() + "\n"})
    assert there.paths() == ["/api/version"]
    assert "authorization" not in there.requests[0].headers
    assert isinstance(seen.list_answer, Failure)
    assert "line break" in seen.list_answer.sentence
    assert seen.version


async def test_without_a_token_only_the_version_is_asked() -> None:
    async with answering(server()) as there:
        seen = await look(there.url, {}, {SECRETS: {"items": []}})
    assert there.paths() == ["/api/version"]
    assert (seen.token, seen.holders, seen.version) == (None, (), "v2.10.4+abc")


def secret(name: str, **data: str) -> dict[str, Any]:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    return {"metadata": {"name": name}, "type": "Opaque", "data": encoded}


async def test_tokens_that_lie_about_are_found() -> None:
    items = [
        secret("wealist-shared-secret", DB_PASSWORD="x", ARGOCD_TOKEN=""),
        secret("ops-service-argocd-token", **{"argocd-token": "abc"}),
        secret("somewhere", token=token()),
        secret("other", token="abc.def.ghi", jwt=jwt.encode({"iss": "x"}, KEY)),
        secret("wealist-argocd-secret", ARGOCD_TOKEN="abc"),
        {"metadata": None, "data": {"ARGOCD_TOKEN": "%%%"}},
        {"metadata": {"name": "empty"}, "data": None},
    ]
    references = (EnvReference("Secret", "wealist-argocd-secret", True, "read"),)
    async with answering(server()) as there:
        seen = await look(there.url, {}, {SECRETS: {"items": items}}, references)
    assert seen.holders == (
        SecretHolder("ops-service-argocd-token", "argocd-token", referenced=False),
        SecretHolder("somewhere", "token", referenced=False),
        SecretHolder("wealist-argocd-secret", "ARGOCD_TOKEN", referenced=True),
    )
    assert token() not in repr(seen)


async def test_secrets_that_may_not_be_listed_are_an_honest_failure() -> None:
    denied = Failure(FailureKind.FORBIDDEN, "may not list secrets", status=403)
    async with answering(server()) as there:
        seen = await look(there.url, {}, {SECRETS: denied})
    assert seen.holders == denied
    assert seen.version


async def test_a_page_is_no_api() -> None:
    async with answering(lambda _: html_answer()) as there:
        seen = await look(there.url, {"ARGOCD_TOKEN": token()})
    assert isinstance(seen.version_answer, Reply)
    assert seen.version_answer.is_html
    assert (seen.version, seen.applications, seen.logged_in) == ("", None, None)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (HANG, FailureKind.HUNG),
        (RESET, FailureKind.RESET),
        (ENDLESS, FailureKind.TOO_LARGE),
        (Response(200, b'{"Version', "application/json"), FailureKind.MALFORMED),
    ],
)
async def test_a_server_that_misbehaves_costs_one_wait(answer: Response, kind: FailureKind) -> None:
    async with answering(lambda _: answer) as there:
        async with asyncio.timeout(LIMIT_S):
            seen = await look(there.url, {"ARGOCD_TOKEN": token()}, timeout_s=2.0)
    assert kind is not FailureKind.HUNG or there.most_at_once == len(there.requests)
    assert isinstance(seen.version_answer, Failure)
    assert seen.version_answer.kind is kind
    assert seen.applications is None


@pytest.mark.parametrize(
    "document", [[], "x", 1, {"items": "x"}, {"items": [1, {}]}, {"Version": 3}]
)
async def test_odd_json_is_survived(document: object) -> None:
    async with answering(lambda _: json_answer(document)) as there:
        seen = await look(there.url, {"ARGOCD_TOKEN": token()})
    assert seen.version == ""
    assert seen.applications is not None


@asynccontextmanager
async def stand_in() -> AsyncIterator[tuple[Installation, str]]:
    """The sandbox's Argo CD, which checks tokens as the real one does, and its address."""
    async with installation() as there:
        listening = await serve(there.argocd.app)
        try:
            yield there, f"http://127.0.0.1:{listening.port}"
        finally:
            await listening.close()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("expired", "expired"),
        ("revoked", "token is revoked"),
        ("unknown-id", "does not have token with id"),
        ("disabled", "is disabled"),
        ("garbage", "no session information"),
    ],
)
async def test_a_token_that_a_server_rejects(state: TokenState, told: str) -> None:
    async with stand_in() as (there, url):
        seen = await look(url, {"ARGOCD_TOKEN": there.argocd.token(state) or ""})
    assert isinstance(seen.list_answer, Reply)
    assert seen.list_answer.status == 401
    assert told in seen.list_answer.excerpt
    assert (seen.applications, seen.logged_in) == (None, False)
    assert seen.version


async def test_a_token_that_a_server_accepts() -> None:
    async with stand_in() as (there, url):
        seen = await look(url, {"ARGOCD_TOKEN": there.argocd.token("valid") or ""})
    assert (seen.logged_in, seen.may_list) == (True, True)
    assert seen.token is not None
    assert (seen.token.kind, seen.token.project) == ("project role", "wealist-prod")
    rows = {one.name: one for one in seen.applications or ()}
    assert rows["ops-service-prod"].project == "wealist-prod"
    assert rows["ops-service-prod"].health


async def test_a_token_that_may_see_nothing() -> None:
    async with stand_in() as (there, url):
        seen = await look(url, {"ARGOCD_TOKEN": there.argocd.token("no-permission") or ""})
    assert (seen.logged_in, seen.may_list, seen.applications) == (True, False, ())

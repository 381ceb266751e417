"""Whom the API knows: each refusal in the real server's words, and a token from birth to death."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import jwt
import pytest

from sandbox.argocd import ArgoCD, accounts, rbac
from sandbox.kubernetes.store import Obj
from tests.sandbox.argocd.installation import Installation, installation

LIST = "/api/v1/applications"
PORTAL = "proj:wealist-prod:ops-portal"
ADMIN_POLICY = "p, robot, *, *, *, allow\np, robot, *, *, */*, allow"


def key(there: Installation) -> bytes:
    return accounts.signing_key(there.store)


def grant(there: Installation, policy: str = ADMIN_POLICY, default: str | None = None) -> None:
    def write(obj: Obj) -> None:
        obj["data"]["policy.csv"] += policy
        if default is not None:
            obj["data"]["policy.default"] = default

    there.store.change("ConfigMap", "argocd", rbac.CONFIG, write)


def admin(there: Installation) -> str:
    grant(there)
    return there.argocd.mint("robot")


def with_part(token: str, index: int, text: bytes) -> str:
    parts = token.split(".")
    parts[index] = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
    return ".".join(parts)


REFUSALS: dict[str, tuple[Callable[[ArgoCD], str | None], str]] = {
    "none": (lambda argocd: None, "no session information"),
    "not three parts": (ArgoCD.malformed_token, "no session information"),
    "expired": (ArgoCD.expired_token, "invalid session: Token is expired"),
    "revoked": (ArgoCD.revoked_token, "invalid session: token is revoked, please re-login"),
    "disabled": (ArgoCD.disabled_token, "invalid session: account ops-portal is disabled"),
    "incapable": (
        ArgoCD.incapable_token,
        "invalid session: account ops-portal does not have 'apiKey' capability",
    ),
    "signature": (ArgoCD.foreign_token, "invalid session: signature is invalid"),
    "not base64": (
        lambda argocd: "a!.b.c",
        "invalid session: illegal base64 data at input byte 1",
    ),
    "no JSON": (
        lambda argocd: with_part(argocd.mint(PORTAL), 1, b"<html>"),
        "invalid session: invalid character '<' looking for beginning of value",
    ),
    "another issuer": (
        lambda argocd: jwt.encode({"iss": "https://accounts.example.com"}, "k" * 32),
        "invalid session: failed to verify the token",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_each_refusal_has_the_real_servers_words(case: str) -> None:
    make, told = REFUSALS[case]
    async with installation() as there:
        answer = await there.get(LIST, make(there.argocd))
    assert answer.status_code == 401
    assert answer.json() == {"error": told, "code": 16, "message": told}


async def test_a_deleted_token_is_named_by_its_id() -> None:
    async with installation() as there:
        token = there.argocd.unknown_token()
        answer = await there.get(LIST, token)
        claims = jwt.decode(token, options={"verify_signature": False})
    told = f"invalid session: account ops-portal does not have token with id {claims['jti']}"
    assert answer.json()["error"] == told


async def test_an_account_that_is_not_there_is_told_as_go_prints_it() -> None:
    async with installation() as there:
        claims = {"iss": "argocd", "sub": "ghost:apiKey", "jti": "1", "iat": there.clock.now}
        answer = await there.get(LIST, jwt.encode(claims, key(there), algorithm="HS256"))
    told = "rpc error: code = NotFound desc = account 'ghost' does not exist"
    assert answer.json()["message"] == f"invalid session: {told}"


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"nbf": 60}, "Token is not valid yet"),
        ({"iat": 60}, "Token used before issued"),
        (
            {"jti": ""},
            "token does not have a unique identifier (jti claim) and cannot be validated",
        ),
    ],
)
async def test_claims_are_checked(claims: dict[str, object], told: str) -> None:
    async with installation(local_accounts={"robot": "apiKey"}) as there:
        now = there.clock.now
        moved = {k: now + v if isinstance(v, int) else v for k, v in claims.items()}
        whole = {"iss": "argocd", "sub": "robot:apiKey", "jti": "1", "iat": now, "nbf": now}
        token = jwt.encode(whole | moved, key(there), algorithm="HS256")
        answer = await there.get(LIST, token)
    assert answer.json()["error"] == f"invalid session: {told}"


async def test_a_token_without_a_signature_is_refused() -> None:
    async with installation() as there:
        token = with_part(there.argocd.mint(PORTAL), 0, b'{"alg":"none"}')
        answer = await there.get(LIST, token)
    assert answer.json()["error"] == "invalid session: unexpected signing method: none"


async def test_a_password_change_ends_older_tokens() -> None:
    async with installation() as there:
        token = there.argocd.mint("robot")
        changed = base64.b64encode(b"2026-01-07T00:00:00Z").decode()

        def write(obj: Obj) -> None:
            obj["data"]["accounts.robot.passwordMtime"] = changed

        there.store.change("Secret", "argocd", accounts.SECRET, write)
        answer = await there.get(LIST, token)
    assert answer.json()["error"].endswith("account password has changed since token issued")


async def test_a_minted_token_has_the_claims_of_a_real_one() -> None:
    async with installation() as there:
        token = there.argocd.mint("robot", lifetime_s=60)
        claims = jwt.decode(token, options={"verify_signature": False})
        assert jwt.get_unverified_header(token)["alg"] == "HS256"
    now = int(there.clock.now)
    assert {k: v for k, v in claims.items() if k != "jti"} == {
        "iss": "argocd",
        "sub": "robot:apiKey",
        "iat": now,
        "nbf": now,
        "exp": now + 60,
    }


async def test_only_metadata_of_a_token_is_stored() -> None:
    async with installation() as there:
        token = there.argocd.mint("robot", token_id="one")
        data = there.store.get("Secret", "argocd", accounts.SECRET)["data"]
    stored = base64.b64decode(data["accounts.robot.tokens"]).decode()
    assert json.loads(stored) == [{"id": "one", "iat": int(there.clock.now)}]
    assert token.split(".")[2] not in stored


async def test_an_account_token_lives_until_it_expires() -> None:
    async with installation(local_accounts={"portal": "apiKey"}) as there:
        path, body = "/api/v1/account/portal/token", {"id": "t1", "expiresIn": 30}
        made = await there.send("POST", path, admin(there), body)
        token = made.json()["token"]
        assert (await there.get(LIST, token)).status_code == 200
        there.clock.now += 31
        answer = await there.get(LIST, token)
    assert (answer.status_code, answer.json()["error"]) == (
        401,
        "invalid session: Token is expired",
    )


async def test_an_account_token_lives_until_it_is_deleted() -> None:
    async with installation(local_accounts={"portal": "apiKey"}) as there:
        root, path = admin(there), "/api/v1/account/portal/token"
        token = (await there.send("POST", path, root, {"id": "t1"})).json()["token"]
        told = (await there.get("/api/v1/account/portal", root)).json()
        assert [one["id"] for one in told["tokens"]] == ["t1"]
        assert (await there.send("DELETE", f"{path}/t1", root)).json() == {}
        answer = await there.get(LIST, token)
    assert answer.json()["error"].endswith("account portal does not have token with id t1")


async def test_a_project_role_token_lives_until_it_is_deleted() -> None:
    path = "/api/v1/projects/wealist-prod/roles/ops-portal/token"
    async with installation() as there:
        root = admin(there)
        token = (await there.send("POST", path, root, {"expiresIn": "60"})).json()["token"]
        project = there.store.get("AppProject", "argocd", "wealist-prod")
        stored = project["status"]["jwtTokensByRole"]["ops-portal"]["items"]
        assert project["spec"]["roles"][0]["jwtTokens"] == stored
        assert (await there.get(LIST, token)).status_code == 200
        issued_at = stored[0]["iat"]
        assert (await there.send("DELETE", f"{path}/{issued_at}", root)).status_code == 200
        answer = await there.get(LIST, token)
    told = f"JWT token for role 'ops-portal' issued at '{issued_at}' does not exist"
    assert answer.json()["error"] == f"invalid session: {told} in project 'wealist-prod'"


async def test_an_account_without_the_capability_gets_no_token() -> None:
    async with installation() as there:
        answer = await there.send("POST", "/api/v1/account/admin/token", admin(there), {})
    told = (
        "failed to update account with new token: account 'admin' does not have apiKey capability"
    )
    assert (answer.status_code, answer.json()["error"]) == (500, told)


async def test_an_id_is_used_once() -> None:
    async with installation(local_accounts={"portal": "apiKey"}) as there:
        path, root = "/api/v1/account/portal/token", admin(there)
        await there.send("POST", path, root, {"id": "t1"})
        answer = await there.send("POST", path, root, {"id": "t1"})
    assert answer.json()["error"].endswith("account already has token with id 't1'")


async def test_nobody_makes_tokens_for_others_without_the_right() -> None:
    async with installation(local_accounts={"portal": "apiKey"}) as there:
        token = there.argocd.mint("reader")
        answer = await there.send("POST", "/api/v1/account/portal/token", token, {})
        own = await there.send("POST", "/api/v1/account/reader/token", token, {})
    assert answer.status_code == 403
    assert answer.json()["code"] == 7
    assert "permission denied: accounts, update, portal, sub: reader" in answer.json()["error"]
    assert own.status_code == 200


async def test_a_token_that_is_not_there_cannot_be_deleted() -> None:
    async with installation(local_accounts={"portal": "apiKey"}) as there:
        answer = await there.send("DELETE", "/api/v1/account/portal/token/no", admin(there))
    assert answer.status_code == 404
    assert "token with id 'no' does not exist" in answer.json()["error"]


async def test_a_role_that_is_not_there_gets_no_token() -> None:
    async with installation() as there:
        path = "/api/v1/projects/wealist-prod/roles/nobody/token"
        answer = await there.send("POST", path, admin(there), {})
    assert answer.status_code == 404
    assert answer.json()["error"] == "project 'wealist-prod' does not have role 'nobody'"


async def test_every_state_of_a_scenario_makes_its_token() -> None:
    async with installation() as there:
        assert there.argocd.token("missing") is None
        valid = await there.get(LIST, there.argocd.token("valid"))
        assert valid.status_code == 200
        for state in ("expired", "revoked", "unknown-id", "garbage", "disabled"):
            answer = await there.get(LIST, there.argocd.token(state))
            assert answer.status_code == 401, state


async def test_no_token_is_in_the_repr_of_anything() -> None:
    async with installation() as there:
        issued = there.argocd._sessions.issue(PORTAL, None, "id")
    assert issued.token not in repr(issued)

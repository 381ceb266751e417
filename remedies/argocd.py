"""Argo CD's API, asked with a person's own token: what stands there of tokens, and its changes."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from pydantic import SecretStr

from probes.model import Failure, FailureKind, ProbeError
from probes.rawjson import Obj, mapping, objects
from probes.reach import Body
from probes.text import Redactor, safe_text
from probes.tokensource import ARGOCD_VARIABLE
from remedies.model import ArgoServer, Bearer
from remedies.world import World

NO_TOKEN = (
    f"Argo CD must know who asks for a new token: set {ARGOCD_VARIABLE} to a token of yours (after "
    "`argocd login` it stands in ~/.config/argocd/config), or `argocd_token_command` in the profile"
)
_KINDS = {401: FailureKind.UNAUTHORIZED, 403: FailureKind.FORBIDDEN, 404: FailureKind.NOT_FOUND}


async def own_token(world: World) -> SecretStr:
    """The person's token. Raises ProbeError that says what to set where there is none."""
    source = world.argocd_token
    found = await source.token(world.profile.timeout_s) if source else None
    if found is None:
        raise ProbeError(Failure(FailureKind.UNAUTHORIZED, NO_TOKEN))
    return found


async def ask(world: World, server: ArgoServer, path: str) -> Obj:
    """What a GET answers, as an object. Raises ProbeError for any other answer."""
    token = await own_token(world)
    body = await world.reach.get(
        f"{server.url}{path}",
        token=token,
        insecure=server.insecure,
        timeout_s=world.profile.timeout_s,
    )
    return _answer(world, body, token)


async def send(
    world: World,
    server: ArgoServer,
    method: str,
    path: str,
    body: object = None,
    params: Mapping[str, str] | None = None,
) -> Obj:
    """What a write answers, as an object; it is sent once. Raises ProbeError."""
    token = await own_token(world)
    answer = await world.reach.send(
        method,
        f"{server.url}{path}",
        body,
        token=token,
        params=params,
        insecure=server.insecure,
        timeout_s=world.profile.timeout_s,
    )
    return _answer(world, answer, token)


async def may(world: World, server: ArgoServer, resource: str, action: str, name: str) -> bool:
    """Whether the person may do that (`account can-i`). Raises ProbeError."""
    path = f"/api/v1/account/can-i/{resource}/{action}/{quote(name, safe='')}"
    return (await ask(world, server, path)).get("value") == "yes"


async def tokens_of(world: World, server: ArgoServer, bearer: Bearer) -> Mapping[str, int]:
    """The bearer's tokens by id, with the time each was issued (epoch seconds). Raises ProbeError.

    NOT_FOUND where there is no such project, role or account.
    """
    if bearer.account:
        account = await ask(world, server, f"/api/v1/account/{quote(bearer.account, safe='')}")
        return _issued(objects(account, "tokens"), "issuedAt")
    project = await ask(world, server, f"/api/v1/projects/{quote(bearer.project, safe='')}")
    return role_tokens(project, bearer.role)


def role_tokens(project: Obj, role: str) -> Mapping[str, int]:
    """The tokens of a project's role, by id. Raises ProbeError where there is no such role.

    They stand in the status, and as an older copy in the spec, which GitOps may take away
    (Argo CD, `pkg/apis/application/v1alpha1/app_project_types.go`).
    """
    roles = objects(mapping(project, "spec"), "roles")
    found = next((one for one in roles if one.get("name") == role), None)
    if found is None:
        name = safe_text(str(mapping(project, "metadata").get("name") or ""))
        sentence = f"project {name} has no role {role} any more"
        raise ProbeError(Failure(FailureKind.NOT_FOUND, sentence))
    by_role = mapping(mapping(mapping(project, "status"), "jwtTokensByRole"), role)
    return _issued((*objects(found, "jwtTokens"), *objects(by_role, "items")), "iat")


def _issued(tokens: tuple[Obj, ...], key: str) -> dict[str, int]:
    """int64 is a number or a text in protobuf's JSON."""
    return {str(one.get("id")): int(one.get(key) or 0) for one in tokens if one.get("id")}


def _answer(world: World, body: Body, token: SecretStr) -> Obj:
    """The object. What a failure says never quotes a good answer: a token stands in it."""
    status = body.reply.status
    document = _object(body)
    if status == 200 and document is not None:
        return document
    message = str((document or {}).get("message") or "no reason given")
    told = safe_text(Redactor((token,))(message), 300)
    if status == 401 and world.argocd_token:
        world.argocd_token.forget()
        told = f"{told}; log in again, and set {ARGOCD_VARIABLE} anew"
    if status == 200:
        told = "with something that is not JSON"
    sentence = f"Argo CD answers {status} to {body.reply.request}: {told}"
    kind = _KINDS.get(status, FailureKind.UNAVAILABLE)
    raise ProbeError(Failure(kind, sentence, asked=body.reply.request, status=status))


def _object(body: Body) -> Obj | None:
    try:
        found = body.json()
    except ProbeError:
        return None
    return found if isinstance(found, dict) else None

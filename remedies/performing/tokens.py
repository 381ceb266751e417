"""Performing what is done with Argo CD tokens: mint one, try it, revoke it."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from pydantic import SecretStr

from probes.model import FailureKind, ProbeError
from probes.rawjson import objects
from probes.token import claims_of, expires_at
from remedies.argocd import send, tokens_of
from remedies.model import Bearer, MintToken, RevokeToken, TryToken
from remedies.performing.base import Seen, Standing, StepError, Tell
from remedies.performing.waiting import WaitingPerformer
from remedies.world import World


class MintPerformer:
    """Performs `MintToken`."""

    async def look(self, world: World, action: MintToken) -> Seen:
        """Done where Argo CD knows a token of that id."""
        try:
            known = await tokens_of(world, action.server, action.bearer)
        except ProbeError as error:
            if error.failure.kind is FailureKind.NOT_FOUND:
                return Seen(Standing.STALE, error.failure.sentence)
            raise
        return Seen(Standing.DONE if action.id in known else Standing.FRESH)

    async def rehearse(self, world: World, action: MintToken) -> str:
        """Argo CD has no dry run; whether we may is asked beforehand."""
        return ""

    async def perform(self, world: World, action: MintToken, tell: Tell) -> str:
        """Mint it once; the token goes into the vault and nowhere else."""
        body = {"id": action.id, "expiresIn": action.lifetime_s}
        answer = await send(world, action.server, "POST", _tokens_path(action.bearer), body)
        token = SecretStr(str(answer.get("token") or ""))
        claims = claims_of(token.get_secret_value())
        if claims is None or claims.get("jti") != action.id:
            raise StepError("Argo CD answered without a token of the id that was asked for")
        world.vault[action.id] = token
        return f"minted a token of {action.bearer}, {_until(expires_at(token))}"


def _until(end: datetime | None) -> str:
    return f"good until {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if end else "without an end"


class RevokePerformer:
    """Performs `RevokeToken`."""

    async def look(self, world: World, action: RevokeToken) -> Seen:
        """Done where Argo CD knows no token of that id."""
        try:
            known = await tokens_of(world, action.server, action.bearer)
        except ProbeError as error:
            if error.failure.kind is FailureKind.NOT_FOUND:
                return Seen(Standing.DONE, error.failure.sentence)
            raise
        return Seen(Standing.FRESH if action.id in known else Standing.DONE)

    async def rehearse(self, world: World, action: RevokeToken) -> str:
        """Argo CD has no dry run."""
        return ""

    async def perform(self, world: World, action: RevokeToken, tell: Tell) -> str:
        """Revoke it once, by its id; a role's also by when it was issued, as the API wants it."""
        world.vault.pop(action.id, None)
        path, params = f"{_tokens_path(action.bearer)}/{quote(action.id, safe='')}", None
        if not action.bearer.account:
            issued = (await tokens_of(world, action.server, action.bearer)).get(action.id)
            if issued is None:
                return "the token is gone already"
            path, params = f"{_tokens_path(action.bearer)}/{issued}", {"id": action.id}
        await send(world, action.server, "DELETE", path, params=params)
        return f"revoked the token {action.id}"


class TryPerformer(WaitingPerformer):
    """Performs `TryToken`."""

    async def see(self, world: World, action: TryToken) -> Seen:
        """Done where the server takes it and lists something.

        A server of several replicas may take a moment until each of them knows it.
        """
        token = world.vault.get(action.id)
        if token is None:
            return Seen(Standing.STALE, "the new token did not reach us")
        if not await _logged_in(world, action, token):
            return Seen(Standing.FRESH, "Argo CD does not accept the new token yet")
        count = await _listed(world, action, token)
        if count:
            return Seen(Standing.DONE, f"Argo CD accepts it and lists {count} applications")
        return Seen(
            Standing.FRESH, "Argo CD accepts the new token, and lists no application for it"
        )


async def _logged_in(world: World, action: TryToken, token: SecretStr) -> bool:
    """The server answers 200 to a bad token, too: only `loggedIn: true` is true."""
    path = "/api/v1/session/userinfo"
    answer = await world.reach.get(
        f"{action.server.url}{path}", token=token, insecure=action.server.insecure
    )
    document = answer.json() if answer.reply.status == 200 else {}
    return isinstance(document, dict) and document.get("loggedIn") is True


async def _listed(world: World, action: TryToken, token: SecretStr) -> int:
    answer = await world.reach.get(
        f"{action.server.url}/api/v1/applications",
        params={"fields": "items.metadata.name"},
        token=token,
        insecure=action.server.insecure,
        limit_bytes=30_000_000,
    )
    return len(objects(answer.json(), "items")) if answer.reply.status == 200 else 0


def _tokens_path(bearer: Bearer) -> str:
    if bearer.account:
        return f"/api/v1/account/{quote(bearer.account, safe='')}/token"
    project, role = quote(bearer.project, safe=""), quote(bearer.role, safe="")
    return f"/api/v1/projects/{project}/roles/{role}/token"

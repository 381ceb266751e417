"""Steps with tokens: mint one, try it, and store it in a Secret or in AWS Secrets Manager."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from uuid import uuid4

from probes.profile import Profile
from probes.rawjson import name_of
from remedies.aws import STEP_S, SecretsManager
from remedies.externalsecret.reading import cannot_refresh, reference_to, source_of
from remedies.externalsecret.steps import Token, Wanted, create_steps, force_steps
from remedies.model import (
    ArgoServer,
    MintToken,
    Permission,
    PutAwsSecret,
    Refusal,
    RefusedError,
    RestoreAwsSecret,
    RevokeToken,
    Step,
    StoreInSecret,
    TakeFromSecret,
    TryToken,
)
from remedies.planning import unified
from remedies.shell import kubectl
from remedies.token import shell as tokenshell
from remedies.token.bearer import Chosen
from remedies.token.place import Place, Places
from remedies.token.shell import Tokens
from remedies.world import World

_QUIET = "nothing is interrupted"
_ALONE = "nothing is interrupted: running pods keep the token they started with"


@dataclass(frozen=True, slots=True)
class NewToken:
    """The token that will be: its id, its life in seconds (0: no end), and that in words."""

    id: str
    lifetime_s: int
    words: str


def mint_step(profile: Profile, server: ArgoServer, chosen: Chosen, token: NewToken) -> Step:
    """Mint it; where a later step fails it is revoked."""
    bearer, shell = chosen.bearer, Tokens(profile, server)
    return Step(
        id="mint",
        title=f"Mint a token of {bearer}, {token.words}",
        action=MintToken(server, bearer, token.id, token.lifetime_s),
        shell=shell.mint(bearer, token.id, token.lifetime_s),
        limit_s=30.0,
        risk_words=f"{_QUIET}: there is one more token, and it is revoked if a later step fails",
        guard=f"Argo CD knows no token {token.id} yet",
        permissions=chosen.permissions,
        undo=RevokeToken(server, bearer, token.id),
        undo_words=shell.revoke(bearer, token.id),
        revert_on_failure=True,
        look=shell.known(bearer),
    )


def try_step(profile: Profile, server: ArgoServer, token: NewToken) -> Step:
    """Try it before it is stored: one that is no good never reaches a pod."""
    return Step(
        id="try",
        title="Try the new token: Argo CD must accept it, and list applications",
        action=TryToken(server, token.id),
        shell=Tokens(profile, server).try_it(),
        limit_s=25.0,
        risk_words=_QUIET,
    )


def secret_step(profile: Profile, place: Place, token: NewToken) -> Step:
    """Store it under the key of a Secret, which is made where it is not there."""
    ref, key = place.ref, place.key
    made = place.found is None
    verb = "create" if made else "patch"
    return Step(
        id="store",
        title=f"Store it in key {key} of Secret {ref.name}" + (", a new one" if made else ""),
        action=StoreInSecret(ref, key, token.id, place.uid, place.before),
        shell=tokenshell.create(profile, ref, key) if made else tokenshell.patch(profile, ref, key),
        limit_s=15.0,
        diff=unified(
            _line(key, place.before), _line(key, f"new token, id {token.id}"), f"secret/{ref.name}"
        ),
        risk_words=_ALONE,
        guard=_guard(place),
        permissions=(Permission.on(ref, "get"), Permission.on(ref, verb)),
        undo=TakeFromSecret(ref, key, token.id),
        undo_words=tokenshell.take(profile, ref, key),
        revert_on_failure=True,
        look=kubectl(profile, ref.namespace, "describe", "secret", ref.name),
    )


async def aws_steps(
    world: World, places: Places, namespace: str, token: NewToken, plan: str
) -> tuple[Step, ...]:
    """Store it in AWS Secrets Manager, and have External Secrets bring it into the pods' Secret.

    Raises RefusedError where no Secret can get it that way, ProbeError.
    """
    place = _for_aws(places)
    external, profile = place.external, world.profile
    source = source_of(external, place.key) if external else None
    remote, part = source or (profile.token_aws_secret, profile.token_aws_property)
    if external and source and cannot_refresh(external):
        name = name_of(external)
        told = f"ExternalSecret {name} cannot be refreshed: {cannot_refresh(external)}"
        raise RefusedError(Refusal.GUARD, told)
    put = await _put_step(remote, part, token)
    arriving = Token(place.ref, place.key, token.id)
    if external and source:
        ref = reference_to(places.externals.version, external)
        return (put, *force_steps(profile, ref, external, arriving))
    wanted = Wanted(namespace, place.ref.name, place.key, remote, part, plan, place.found)
    return (put, *await create_steps(world, places.externals, wanted, arriving))


def _for_aws(places: Places) -> Place:
    """The first place that an ExternalSecret fills, or that a new one could fill."""
    if not places.externals.version:
        told = "External Secrets is not installed here: nothing would bring the token from AWS"
        raise RefusedError(Refusal.NOT_APPLICABLE, told)
    for place in places.places:
        if place.external and source_of(place.external, place.key):
            return place
        if not place.external and not place.owner and not place.declared:
            return place
        if place.is_set:
            break
    names = ", ".join(one.ref.name for one in places.places)
    told = f"no ExternalSecret brings {places.places[0].key} into {names}, which belong to others"
    raise RefusedError(Refusal.GUARD, f"{told}: add the key to one of theirs, in Git")


async def _put_step(remote: str, part: str, token: NewToken) -> Step:
    found = await SecretsManager().find(remote)
    if found and found.deleted:
        restore = shlex.join(("aws", "secretsmanager", "restore-secret", "--secret-id", remote))
        told = f"{remote} waits to be deleted in AWS; have it back first: `{restore}`"
        raise RefusedError(Refusal.GUARD, told)
    version, new = found.version if found else "", str(uuid4())
    where = f"property {part} of {remote}" if part else remote
    operation = "PutSecretValue" if version else "CreateSecret"
    calls = ("DescribeSecret", *(("GetSecretValue",) if version else ()), operation)
    return Step(
        id="store-aws",
        title=f"Store it in {where} in AWS Secrets Manager" + ("" if version else ", a new secret"),
        action=PutAwsSecret(remote, part, token.id, version, new),
        shell=tokenshell.put_aws(remote, part, version),
        limit_s=STEP_S,
        diff=unified(f"version {version or 'none'}", f"version {new} (token {token.id})", remote),
        risk_words=f"{_ALONE}; other properties stay as they are",
        guard=f"{remote} is at version {version}" if version else f"there is no secret {remote}",
        permissions=tuple(Permission("aws", f"secretsmanager:{one}", remote) for one in calls),
        undo=RestoreAwsSecret(remote, version, new),
        undo_words=tokenshell.restore_aws(remote, version, new),
        revert_on_failure=True,
        look=shlex.join(("aws", "secretsmanager", "describe-secret", "--secret-id", remote)),
    )


def _line(key: str, what: str) -> str:
    """The value's fingerprint or the token's id, in the place of the value."""
    return f"{key}: {what} (itself not shown)" if what else ""


def _guard(place: Place) -> str:
    if place.found is None:
        return f"there is no Secret {place.ref.name}"
    return (
        f"{place.key} of Secret {place.ref.name} is {'as it was seen' if place.before else 'unset'}"
    )

"""Performing the storing of a token in a Kubernetes Secret, and taking it out again.

A token is told apart by the id in its claims, never by its value; while a change is under way the
Secret's resourceVersion is tested, so that nobody's other change is overwritten.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from probes.rawjson import Obj, mapping, text
from probes.token import claims_of, token_seen
from remedies.model import ObjectRef, StoreInSecret, TakeFromSecret
from remedies.performing.base import Seen, Standing, StepError, Tell
from remedies.performing.objects import JSON_PATCH, read, refusal
from remedies.world import World

MANAGED_BY = {"app.kubernetes.io/managed-by": "opsportal-tui"}
"""The label of a Secret that we made."""

_DRY_RUN = {"dryRun": "All"}
_PLACEHOLDER = SecretStr("a token will stand here")


def value_in(secret: Obj | None, key: str) -> str:
    """The value under a key, decoded; empty where there is none."""
    try:
        return base64.b64decode(str(mapping(secret, "data").get(key) or "")).decode().strip()
    except (binascii.Error, ValueError):
        return ""


def fingerprint(secret: Obj | None, key: str) -> str:
    """A short one-way print of the value under a key; empty where there is none."""
    value = value_in(secret, key)
    return token_seen(SecretStr(value)).fingerprint if value else ""


def token_id_in(secret: Obj | None, key: str) -> str:
    """The id of the token under a key; empty where there is none."""
    return str((claims_of(value_in(secret, key)) or {}).get("jti") or "")


class StorePerformer:
    """Performs `StoreInSecret`."""

    async def look(self, world: World, action: StoreInSecret) -> Seen:
        """Done where that token stands there, fresh where what was seen does."""
        found = await read(world, action.secret)
        if token_id_in(found, action.key) == action.id:
            return Seen(Standing.DONE)
        if text(mapping(found, "metadata"), "uid") != action.uid:
            there = "is not there any more" if found is None else "is another one than was seen"
            return Seen(Standing.STALE, f"{action.secret} {there}")
        if fingerprint(found, action.key) != action.before:
            return Seen(Standing.STALE, f"{action.key} of {action.secret} has changed")
        return Seen(Standing.FRESH)

    async def rehearse(self, world: World, action: StoreInSecret) -> str:
        """The server's dry run, with a placeholder for the token."""
        found = await read(world, action.secret)
        return await refusal(_stored(world, action, found, _PLACEHOLDER, _DRY_RUN))

    async def perform(self, world: World, action: StoreInSecret, tell: Tell) -> str:
        """One patch or one create; what stood there before waits in the vault."""
        token = world.vault.get(action.id)
        if token is None:
            raise StepError("the new token is not in hand", certain=True)
        found = await read(world, action.secret)
        before = str(mapping(found, "data").get(action.key) or "")
        if before:
            world.vault[_before(action.id)] = SecretStr(before)
        await _stored(world, action, found, token, None)
        return f"stored the token in {action.secret}"


class TakePerformer:
    """Performs `TakeFromSecret`."""

    async def look(self, world: World, action: TakeFromSecret) -> Seen:
        """Done where that token does not stand there."""
        found = await read(world, action.secret)
        gone = token_id_in(found, action.key) != action.id
        return Seen(Standing.DONE if gone else Standing.FRESH)

    async def rehearse(self, world: World, action: TakeFromSecret) -> str:
        """The server's dry run."""
        found = await read(world, action.secret)
        return await refusal(_taken(world, action, found, None, _DRY_RUN)) if found else ""

    async def perform(self, world: World, action: TakeFromSecret, tell: Tell) -> str:
        """One patch or one delete."""
        found = await read(world, action.secret)
        if found is None:
            return "the Secret is gone"
        before = world.vault.pop(_before(action.id), None)
        return await _taken(world, action, found, before, None)


def _before(id: str) -> str:
    return f"before {id}"


async def _stored(
    world: World,
    action: StoreInSecret,
    found: Obj | None,
    token: SecretStr,
    params: Mapping[str, str] | None,
) -> None:
    encoded, secrets = _encoded(token), _spellings(token)
    cluster = world.reach.cluster
    if found is None:
        body = _new_secret(action.secret, {action.key: encoded})
        await cluster.send("POST", action.secret.collection, body, params, secrets=secrets)
        return
    there = bool(mapping(found, "data"))
    pointer = f"/data/{_pointer(action.key)}"
    added: dict[str, Any] = {"op": "add", "path": pointer, "value": encoded}
    if not there:
        added = {"op": "add", "path": "/data", "value": {action.key: encoded}}
    patch, path = [_unchanged(found), added], action.secret.path
    await cluster.send("PATCH", path, patch, params, content_type=JSON_PATCH, secrets=secrets)


async def _taken(
    world: World,
    action: TakeFromSecret,
    found: Obj,
    before: SecretStr | None,
    params: Mapping[str, str] | None,
) -> str:
    cluster, path = world.reach.cluster, action.secret.path
    if before is None and _is_ours_alone(found, action.key):
        metadata = mapping(found, "metadata")
        known = {name: metadata.get(name) for name in ("uid", "resourceVersion")}
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": known}
        await cluster.send("DELETE", path, body, params)
        return f"deleted {action.secret}, which held nothing else"
    pointer = f"/data/{_pointer(action.key)}"
    change: dict[str, Any] = {"op": "remove", "path": pointer}
    if before is not None:
        change = {"op": "replace", "path": pointer, "value": before.get_secret_value()}
    patch, secrets = [_unchanged(found), change], _spellings(before)
    await cluster.send("PATCH", path, patch, params, content_type=JSON_PATCH, secrets=secrets)
    return f"{'put back' if before else 'took away'} {action.key} in {action.secret}"


def _is_ours_alone(secret: Obj, key: str) -> bool:
    labels = mapping(mapping(secret, "metadata"), "labels")
    return MANAGED_BY.items() <= labels.items() and set(mapping(secret, "data")) == {key}


def _unchanged(found: Obj) -> dict[str, Any]:
    version = mapping(found, "metadata").get("resourceVersion")
    return {"op": "test", "path": "/metadata/resourceVersion", "value": version}


def _new_secret(ref: ObjectRef, data: Mapping[str, str]) -> dict[str, Any]:
    metadata = {"name": ref.name, "namespace": ref.namespace, "labels": dict(MANAGED_BY)}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "Opaque",
        "data": dict(data),
    }


def _pointer(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _spellings(token: SecretStr | None) -> tuple[SecretStr, ...]:
    """The token as it is and as it is sent: who refuses it may quote it."""
    if token is None:
        return ()
    return token, SecretStr(_encoded(token))


def _encoded(token: SecretStr) -> str:
    return base64.b64encode(token.get_secret_value().encode()).decode()

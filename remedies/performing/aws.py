"""Performing the storing of a token in AWS Secrets Manager, and going back to what was before.

The id of the new version is chosen in the plan: it tells whether it was done, and AWS itself makes
nothing twice of the same id.
"""

from __future__ import annotations

import json

from pydantic import SecretStr

from probes.model import Failure, FailureKind, ProbeError
from remedies.aws import RECOVERY_DAYS, AwsSecret, SecretsManager
from remedies.model import PutAwsSecret, RestoreAwsSecret
from remedies.performing.base import Seen, Standing, StepError, Tell, may_pass
from remedies.world import World


class PutAwsPerformer:
    """Performs `PutAwsSecret`."""

    async def look(self, world: World, action: PutAwsSecret) -> Seen:
        """Done where our version is the current one, fresh where the one that was seen is."""
        found = await SecretsManager().find(action.name)
        version = found.version if found and not found.deleted else ""
        if version == action.new_version:
            return Seen(Standing.DONE)
        if version == action.version and not (found and found.deleted):
            return Seen(Standing.FRESH)
        return Seen(Standing.STALE, f"{action.name} in AWS {_what(found)}")

    async def rehearse(self, world: World, action: PutAwsSecret) -> str:
        """AWS has no dry run. That the value can take a property is looked at."""
        if not action.version:
            return ""
        try:
            _with(await SecretsManager().value(action.name, action.version), action, SecretStr(""))
        except ProbeError as error:
            if may_pass(error.failure):
                raise
            return error.failure.sentence
        return ""

    async def perform(self, world: World, action: PutAwsSecret, tell: Tell) -> str:
        """One write of the whole value; its other properties are those of the version seen."""
        token = world.vault.get(action.id)
        if token is None:
            raise StepError("the new token is not in hand", certain=True)
        manager = SecretsManager()
        old = await manager.value(action.name, action.version) if action.version else ""
        write = manager.put if action.version else manager.create
        await write(action.name, _with(old, action, token), action.new_version)
        return f"stored the token in {action.name} of AWS Secrets Manager"


class RestoreAwsPerformer:
    """Performs `RestoreAwsSecret`."""

    async def look(self, world: World, action: RestoreAwsSecret) -> Seen:
        """Done where our version is not the current one, or the secret is on its way out."""
        found = await SecretsManager().find(action.name)
        ours = found is not None and not found.deleted and found.version == action.new_version
        return Seen(Standing.FRESH if ours else Standing.DONE)

    async def rehearse(self, world: World, action: RestoreAwsSecret) -> str:
        """AWS has no dry run."""
        return ""

    async def perform(self, world: World, action: RestoreAwsSecret, tell: Tell) -> str:
        """One move of the label AWSCURRENT, or one delete."""
        if action.version:
            await SecretsManager().make_current(action.name, action.version, action.new_version)
            return f"the version before is the current one of {action.name} again"
        await SecretsManager().delete(action.name)
        return f"deleted {action.name}; for {RECOVERY_DAYS} days it can be restored"


def _what(found: AwsSecret | None) -> str:
    if found is None:
        return "is not there any more"
    return "waits to be deleted" if found.deleted else "has another version than was seen"


def _with(old: str, action: PutAwsSecret, token: SecretStr) -> str:
    """The value with the token in it. Raises ProbeError where it is no object to put it into."""
    if not action.property:
        return token.get_secret_value()
    try:
        known = json.loads(old or "{}")
    except ValueError:
        known = None
    if not isinstance(known, dict):
        sentence = f"{action.name} in AWS is no JSON object: it takes no property {action.property}"
        raise ProbeError(Failure(FailureKind.MALFORMED, sentence))
    return json.dumps(known | {action.property: token.get_secret_value()}, ensure_ascii=False)

"""Actions on where a token is kept: a Secret, AWS Secrets Manager, an ExternalSecret between them.

The token itself is in none of them: it waits in `World.vault` by its `id`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from remedies.model.objects import ObjectRef


@dataclass(frozen=True, slots=True)
class StoreInSecret:
    """Put the token into a key of a Secret, which is made where it is not there.

    `before` is the fingerprint of the value that was seen under the key (empty: none), `uid` the
    Secret's (empty: there was none).
    """

    secret: ObjectRef
    key: str
    id: str
    uid: str
    before: str
    kind: Literal["store-in-secret"] = "store-in-secret"


@dataclass(frozen=True, slots=True)
class TakeFromSecret:
    """Take that very token out of the Secret; the Secret goes too where we made it for it.

    While this run still holds what stood under the key before, that is put back.
    """

    secret: ObjectRef
    key: str
    id: str
    kind: Literal["take-from-secret"] = "take-from-secret"


@dataclass(frozen=True, slots=True)
class PutAwsSecret:
    """Write the token to AWS Secrets Manager; other properties of the JSON object stay.

    `property` empty: the token is the whole value. `version` is the id of the current version as
    it was seen (empty: there is no such secret), `new_version` the id that ours will have.
    """

    name: str
    property: str
    id: str
    version: str
    new_version: str
    kind: Literal["put-aws-secret"] = "put-aws-secret"


@dataclass(frozen=True, slots=True)
class RestoreAwsSecret:
    """Make the version before ours the current one again; with none before, delete the secret."""

    name: str
    version: str
    new_version: str
    kind: Literal["restore-aws-secret"] = "restore-aws-secret"


@dataclass(frozen=True, slots=True)
class AwaitExternalSecret:
    """Wait until the ExternalSecret was refreshed after `since`, its refreshTime that was seen.

    Within the same second its syncedResourceVersion tells: it was `synced` when it was seen.
    With `secret`, also until the token of that id stands under its `key`.
    """

    external: ObjectRef
    since: str
    synced: str
    secret: ObjectRef | None = None
    key: str = ""
    id: str = ""
    kind: Literal["await-external-secret"] = "await-external-secret"

"""Actions: what a step does, as plain data bound to what was seen. No action holds a secret.

Because an action is data it can be shown, journaled, compared with the world again before it is
performed, and undone by another action. `remedies.performing` has the code for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from remedies.model.curl import RunCurl
from remedies.model.database import RunSql
from remedies.model.gitops import (
    AwaitOperation,
    AwaitRefresh,
    CommitToClone,
    DeleteBranch,
    RemoveFile,
    RequestSync,
    WriteFile,
)
from remedies.model.objects import Field, ObjectRef
from remedies.model.storing import (
    AwaitExternalSecret,
    PutAwsSecret,
    RestoreAwsSecret,
    StoreInSecret,
    TakeFromSecret,
)
from remedies.model.tokens import MintToken, RevokeToken, TryToken


@dataclass(frozen=True, slots=True)
class PatchObject:
    """Change fields of an object, only while those in `expected` are as they were seen."""

    ref: ObjectRef
    expected: tuple[Field, ...]
    wanted: tuple[Field, ...]
    kind: Literal["patch-object"] = "patch-object"


@dataclass(frozen=True, slots=True)
class CreateObject:
    """Create an object that was not there; `wanted` are the fields that tell it apart as ours."""

    ref: ObjectRef
    body: dict[str, Any]
    wanted: tuple[Field, ...] = ()
    kind: Literal["create-object"] = "create-object"


@dataclass(frozen=True, slots=True)
class DeleteObject:
    """Delete an object, and no other that has got its name since.

    `uid` tells them apart; `holding` does where the uid is not known yet, by what we wrote into it.
    """

    ref: ObjectRef
    uid: str = ""
    holding: tuple[Field, ...] = ()
    kind: Literal["delete-object"] = "delete-object"


@dataclass(frozen=True, slots=True)
class AwaitSync:
    """Wait until Argo CD has synced the Application and its ConfigMap has the value.

    `edit` are fields of the Application that must stay as they are meanwhile: somebody else may
    take them back. An operation that failed counts where it is another than `since`, by which the
    newest one that was seen is told apart.
    """

    application: ObjectRef
    config_map: ObjectRef
    key: str
    value: str | None
    edit: tuple[Field, ...] = ()
    since: str = ""
    kind: Literal["await-sync"] = "await-sync"


@dataclass(frozen=True, slots=True)
class AwaitRollout:
    """Wait until every pod of the workload is of its newest template, and ready."""

    workload: ObjectRef
    kind: Literal["await-rollout"] = "await-rollout"


Waiting = AwaitSync | AwaitRollout | AwaitOperation | AwaitRefresh | AwaitExternalSecret | TryToken
"""Those that only look, until something has come to be: there is nothing to take back."""

Action = (
    PatchObject
    | CreateObject
    | DeleteObject
    | MintToken
    | RevokeToken
    | StoreInSecret
    | TakeFromSecret
    | PutAwsSecret
    | RestoreAwsSecret
    | RunSql
    | RunCurl
    | RequestSync
    | CommitToClone
    | DeleteBranch
    | WriteFile
    | RemoveFile
    | Waiting
)

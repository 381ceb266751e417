"""Performing: the code behind each kind of action, found by the action's type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remedies.model import (
    Action,
    AwaitExternalSecret,
    AwaitOperation,
    AwaitRefresh,
    AwaitRollout,
    AwaitSync,
    CommitToClone,
    CreateObject,
    DeleteBranch,
    DeleteObject,
    MintToken,
    PatchObject,
    PutAwsSecret,
    RemoveFile,
    RequestSync,
    RestoreAwsSecret,
    RevokeToken,
    RunCurl,
    RunSql,
    StoreInSecret,
    TakeFromSecret,
    TryToken,
    WriteFile,
)
from remedies.performing.applications import (
    OperationPerformer,
    RefreshPerformer,
    SyncRequestPerformer,
)
from remedies.performing.aws import PutAwsPerformer, RestoreAwsPerformer
from remedies.performing.base import Performer, Seen, Standing, StepError, Tell
from remedies.performing.clone import CommitPerformer, DeleteBranchPerformer
from remedies.performing.curl import CurlPerformer
from remedies.performing.external import ExternalSecretPerformer
from remedies.performing.files import RemoveFilePerformer, WriteFilePerformer
from remedies.performing.objects import CreatePerformer, DeletePerformer, PatchPerformer
from remedies.performing.rollout import RolloutPerformer
from remedies.performing.secrets import StorePerformer, TakePerformer
from remedies.performing.sql import SqlPerformer
from remedies.performing.sync import SyncPerformer
from remedies.performing.tokens import MintPerformer, RevokePerformer, TryPerformer

__all__ = ["Performer", "Seen", "Standing", "StepError", "Tell", "performer_of"]

_PERFORMERS: Mapping[type, Performer[Any]] = {
    PatchObject: PatchPerformer(),
    CreateObject: CreatePerformer(),
    DeleteObject: DeletePerformer(),
    MintToken: MintPerformer(),
    RevokeToken: RevokePerformer(),
    TryToken: TryPerformer(),
    StoreInSecret: StorePerformer(),
    TakeFromSecret: TakePerformer(),
    PutAwsSecret: PutAwsPerformer(),
    RestoreAwsSecret: RestoreAwsPerformer(),
    AwaitExternalSecret: ExternalSecretPerformer(),
    RunSql: SqlPerformer(),
    RunCurl: CurlPerformer(),
    AwaitRollout: RolloutPerformer(),
    AwaitSync: SyncPerformer(),
    RequestSync: SyncRequestPerformer(),
    AwaitOperation: OperationPerformer(),
    AwaitRefresh: RefreshPerformer(),
    CommitToClone: CommitPerformer(),
    DeleteBranch: DeleteBranchPerformer(),
    WriteFile: WriteFilePerformer(),
    RemoveFile: RemoveFilePerformer(),
}


def performer_of(action: Action) -> Performer[Any]:
    """The code that performs an action of that kind."""
    return _PERFORMERS[type(action)]

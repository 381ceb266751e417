"""The vocabulary of acting: plans, steps, what they do, and how they went. Pure values, no I/O."""

from remedies.model.actions import (
    Action,
    AwaitRollout,
    AwaitSync,
    CreateObject,
    DeleteObject,
    PatchObject,
    Waiting,
)
from remedies.model.curl import RunCurl
from remedies.model.database import RunSql
from remedies.model.gitops import (
    AwaitOperation,
    AwaitRefresh,
    CommitToClone,
    DeleteBranch,
    LiveEdit,
    RemoveFile,
    RequestSync,
    WriteFile,
)
from remedies.model.ids import RemedyId
from remedies.model.objects import Absent, Field, ObjectRef
from remedies.model.outcome import Outcome, OutcomeKind, Preflight, Progress, StepOutcome, StepState
from remedies.model.plan import Permission, Plan, Refusal, RefusedError, Risk, Step
from remedies.model.site import Site
from remedies.model.storing import (
    AwaitExternalSecret,
    PutAwsSecret,
    RestoreAwsSecret,
    StoreInSecret,
    TakeFromSecret,
)
from remedies.model.tokens import ArgoServer, Bearer, MintToken, RevokeToken, TryToken

__all__ = [
    "Absent",
    "Action",
    "ArgoServer",
    "AwaitExternalSecret",
    "AwaitOperation",
    "AwaitRefresh",
    "AwaitRollout",
    "AwaitSync",
    "Bearer",
    "CommitToClone",
    "CreateObject",
    "DeleteBranch",
    "DeleteObject",
    "Field",
    "LiveEdit",
    "MintToken",
    "ObjectRef",
    "Outcome",
    "OutcomeKind",
    "PatchObject",
    "Permission",
    "Plan",
    "Preflight",
    "Progress",
    "PutAwsSecret",
    "Refusal",
    "RefusedError",
    "RemedyId",
    "RemoveFile",
    "RequestSync",
    "RestoreAwsSecret",
    "RevokeToken",
    "Risk",
    "RunCurl",
    "RunSql",
    "Site",
    "Step",
    "StepOutcome",
    "StepState",
    "StoreInSecret",
    "TakeFromSecret",
    "TryToken",
    "Waiting",
    "WriteFile",
]

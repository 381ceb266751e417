"""The vocabulary of acting: plans, steps, what they do, and how they went. Pure values, no I/O."""

from remedies.model.actions import (
    Absent,
    Action,
    AwaitRollout,
    AwaitSync,
    CreateObject,
    DeleteObject,
    Field,
    ObjectRef,
    PatchObject,
)
from remedies.model.ids import RemedyId
from remedies.model.outcome import Outcome, OutcomeKind, Preflight, Progress, StepOutcome, StepState
from remedies.model.plan import Permission, Plan, Refusal, RefusedError, Risk, Step

__all__ = [
    "Absent",
    "Action",
    "AwaitRollout",
    "AwaitSync",
    "CreateObject",
    "DeleteObject",
    "Field",
    "ObjectRef",
    "Outcome",
    "OutcomeKind",
    "PatchObject",
    "Permission",
    "Plan",
    "Preflight",
    "Progress",
    "Refusal",
    "RefusedError",
    "RemedyId",
    "Risk",
    "Step",
    "StepOutcome",
    "StepState",
]

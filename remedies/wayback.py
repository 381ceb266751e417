"""The way back of a step, as a step of its own: what it needs, guards, interrupts and shows. Pure.

Seldom what the step itself does: a Secret that was created is deleted, an index that was made
without stopping a reader stops them when it goes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import singledispatch

from remedies.model import (
    CreateObject,
    DeleteBranch,
    DeleteObject,
    Permission,
    RemedyId,
    RemoveFile,
    RestoreAwsSecret,
    RevokeToken,
    RunSql,
    Step,
    StoreInSecret,
    TakeFromSecret,
)
from remedies.restart.steps import restarted_again

_QUIET = "nothing is interrupted"
_KEPT = "running pods keep the values they started with"


def taken_back(step: Step, remedy: RemedyId, now: datetime) -> Step:
    """The step that takes this one back; it has no undo of its own: do the remedy again."""
    if step.undo is None:
        raise ValueError(f"step {step.id} has no undo")
    back = replace(
        step,
        id=f"undo-{step.id}",
        title=_title(step),
        action=restarted_again(step.undo, now),
        shell=step.undo_words,
        diff="" if step.follows else reverse(step.diff),
        guard=step.guard if step.follows or step.waits else "what it changed is as it left it",
        undo=None,
        undo_words="" if step.waits else f"`opsportal-tui fix {remedy}`",
        revert_on_failure=False,
    )
    return _told(step.undo, step, back)


def reverse(diff: str) -> str:
    """A unified diff, read backwards; each run of changes begins with what goes, as always."""
    before, _, hunks = diff.partition("\n@@ ")
    lines, gone, come = [before], list[str](), list[str]()
    for line in f"@@ {hunks}".splitlines() if hunks else ():
        if line.startswith("+"):
            gone.append(f"-{line[1:]}")
        elif line.startswith("-"):
            come.append(f"+{line[1:]}")
        else:
            lines += [*gone, *come, _head(line)]
            gone, come = [], []
    return "\n".join([*lines, *gone, *come])


def _head(line: str) -> str:
    """The place of a hunk, its two sides exchanged; any other line as it is."""
    if not line.startswith("@@ "):
        return line
    _, old, new, *rest = line.split(" ")
    return " ".join(("@@", f"-{new[1:]}", f"+{old[1:]}", *rest))


def _title(step: Step) -> str:
    if step.waits:
        return step.title
    if step.follows:
        return f"{step.title.partition(', ')[0]} once more"
    return f"Take back: {step.title}"


@singledispatch
def _told(action: object, step: Step, back: Step) -> Step:
    """With what that kind of change needs and interrupts, where it is not what the step did."""
    return back


@_told.register
def _deleted(action: DeleteObject, step: Step, back: Step) -> Step:
    return replace(
        back,
        title=f"Delete {action.ref}",
        guard=f"it is the very {action.ref} that was made",
        risk_words=_deletion(step),
        permissions=(Permission.on(action.ref, "delete"),),
    )


@_told.register
def _revoked(action: RevokeToken, step: Step, back: Step) -> Step:
    return replace(
        back,
        title=f"Revoke token {action.id} of {action.bearer}",
        guard=f"Argo CD knows the token {action.id}",
        risk_words="whoever still uses that token is refused from then on",
    )


@_told.register
def _taken(action: TakeFromSecret, step: Step, back: Step) -> Step:
    made = isinstance(step.action, StoreInSecret) and not step.action.uid
    ends = ", and delete the Secret where it holds nothing else" if made else ""
    verbs = ("get", "delete" if made else "patch")
    return replace(
        back,
        title=f"Take the token out of key {action.key} of Secret {action.secret.name}{ends}",
        guard=f"it is the token {action.id} that stands there",
        permissions=tuple(Permission.on(action.secret, one) for one in verbs),
    )


@_told.register
def _restored(action: RestoreAwsSecret, step: Step, back: Step) -> Step:
    name, version = action.name, action.version
    goes = f"Make version {version} of {name} the current one again"
    calls = ("DescribeSecret", "UpdateSecretVersionStage" if version else "DeleteSecret")
    return replace(
        back,
        title=goes if version else f"Delete {name} in AWS Secrets Manager",
        guard=f"{name} is at version {action.new_version}",
        risk_words=f"{_QUIET}: {_KEPT}",
        permissions=tuple(Permission("aws", f"secretsmanager:{one}", name) for one in calls),
    )


@_told.register
def _renamed(action: RunSql, step: Step, back: Step) -> Step:
    who = "reads and writes" if action.mode == "access exclusive" else "new writes"
    return replace(
        back,
        guard="the renamed constraint is there: the migration drops it, and then nothing is left "
        "to take back",
        risk_words=f"no pod restarts; {who} of the table wait meanwhile, at most "
        f"{action.lock_timeout_s:g} s for the lock, and then for milliseconds",
    )


@_told.register
def _branch(action: DeleteBranch, step: Step, back: Step) -> Step:
    return replace(
        back,
        title=f"Delete branch {action.branch} of {action.clone}",
        guard=f"it is at {action.base[:12]} with our commit alone on top",
        risk_words=f"{_QUIET}; what was pushed or merged stays",
    )


@_told.register
def _file(action: RemoveFile, step: Step, back: Step) -> Step:
    title = f"Remove {action.path}"
    return replace(back, title=title, guard="it holds that very diff", risk_words=_QUIET)


def _deletion(step: Step) -> str:
    """What goes with an object that was made: External Secrets' Owner takes its Secret along."""
    action = step.action
    if not isinstance(action, CreateObject) or action.ref.resource != "externalsecrets":
        return _QUIET
    policy = action.body["spec"]["target"]["creationPolicy"]
    secret = f"Secret {action.ref.name}"
    if policy == "Owner":
        return f"{secret} is deleted with it: {_KEPT}, and a new pod has none of them"
    return f"{_QUIET}: {secret} stays, with what it holds"

"""Actions on Argo CD's Applications and on a local clone of what they are declared in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from remedies.model.objects import Field, ObjectRef


@dataclass(frozen=True, slots=True)
class RequestSync:
    """Have Argo CD sync the Application now; `id` tells the operation apart as ours.

    `options` are the syncOptions of its policy: an operation takes none over by itself.
    """

    application: ObjectRef
    id: str
    prune: bool = False
    options: tuple[str, ...] = ()
    kind: Literal["request-sync"] = "request-sync"


@dataclass(frozen=True, slots=True)
class AwaitOperation:
    """Wait until no operation runs, and take the failure of a new one for ours.

    New is another one than `since`, by which the newest one that was seen is told apart. With `id`
    there has to be a new one: ours, or one that followed it.
    """

    application: ObjectRef
    id: str = ""
    since: str = ""
    kind: Literal["await-operation"] = "await-operation"


@dataclass(frozen=True, slots=True)
class AwaitRefresh:
    """Wait until Argo CD has compared the Application anew, and taken the request away."""

    application: ObjectRef
    kind: Literal["await-refresh"] = "await-refresh"


@dataclass(frozen=True, slots=True)
class CommitToClone:
    """Commit one change of one file to a new branch of a local clone; nothing is pushed.

    `clone` is the clone's top folder and `base` the commit that `tracked` (a full ref) pointed to;
    `blob` is the id of the file at `path` there, of which the lines from `line` on (the first is 1)
    are `old` and become `new`, line ends included. `id` marks the commit as ours.
    """

    clone: str
    tracked: str
    base: str
    branch: str
    path: str
    blob: str
    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    message: str
    id: str
    kind: Literal["commit-to-clone"] = "commit-to-clone"


@dataclass(frozen=True, slots=True)
class DeleteBranch:
    """Delete a branch of a local clone, only while it is `base` and our commit on top."""

    clone: str
    base: str
    branch: str
    id: str
    kind: Literal["delete-branch"] = "delete-branch"


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Write a new file of this machine; nothing that is there is overwritten."""

    path: str
    text: str
    kind: Literal["write-file"] = "write-file"


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """Remove a file of this machine, only while it holds that text."""

    path: str
    text: str
    kind: Literal["remove-file"] = "remove-file"


@dataclass(frozen=True, slots=True)
class LiveEdit:
    """A change of an Application that may be taken back, for whoever watches over it.

    `fields` are as the plan leaves them; `owner` is who may revert it (`Application x`), empty
    where nobody is known to. `owner_ref` leads to an owner that is an Application itself; it is
    watched for at most `limit_s` seconds.
    """

    application: ObjectRef
    fields: tuple[Field, ...]
    owner: str = ""
    owner_ref: ObjectRef | None = None
    limit_s: float = 30.0

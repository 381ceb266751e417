"""Plan: the frozen list of steps that a remedy would take, bound to what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from probes.model import CauseId, CheckId
from remedies.model.actions import Action, Waiting
from remedies.model.gitops import LiveEdit
from remedies.model.ids import RemedyId
from remedies.model.objects import ObjectRef
from remedies.model.site import Site
from remedies.model.tokens import ArgoServer


class Risk(StrEnum):
    """What a step interrupts, mildest first."""

    NONE = "nothing is interrupted"
    RESTART = "pods restart one after another; requests go on"
    DOWNTIME = "the only pod restarts; the portal is down meanwhile"


@dataclass(frozen=True, slots=True)
class Permission:
    """What somebody must be allowed to do. `system` is `kubernetes`, `argocd`, `postgresql`, …

    For Kubernetes the fields are those of a SelfSubjectAccessReview; `server` is Argo CD's.
    """

    system: str
    verb: str
    resource: str
    group: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    server: ArgoServer | None = None

    @classmethod
    def on(cls, ref: ObjectRef, verb: str) -> Permission:
        """On one object. A right to create is of no name: no Role can tell it by one."""
        name = "" if verb == "create" else ref.name
        return cls("kubernetes", verb, ref.resource, ref.group, ref.namespace, name)

    def __str__(self) -> str:
        """As a sentence tells it: `patch applications.argoproj.io/x in namespace argocd`."""
        resource = f"{self.resource}.{self.group}" if self.group else self.resource
        resource += f"/{self.subresource}" if self.subresource else ""
        where = f" in namespace {self.namespace}" if self.namespace else ""
        where += f" at Argo CD {self.server.url}" if self.server else ""
        return f"{self.verb} {resource}{f' {self.name}' if self.name else ''}{where}"


@dataclass(frozen=True, slots=True)
class Step:
    """One change with everything a person wants to know before it is made.

    `shell` is what a person could paste instead; `diff` before and after, unified; `guard` what
    must still be so; `undo` what takes it back (None: nothing does, and `undo_words` says why);
    `limit_s` seconds. `revert_on_failure`: it is taken back where a later step fails.
    `follows`: it makes running things read what earlier steps changed (a restart), so that an undo
    takes those back first. `look` is a command that shows whether it was done, for after a crash.
    """

    id: str
    title: str
    action: Action
    shell: str
    limit_s: float
    diff: str = ""
    risk: Risk = Risk.NONE
    risk_words: str = ""
    guard: str = ""
    permissions: tuple[Permission, ...] = ()
    undo: Action | None = None
    undo_words: str = ""
    revert_on_failure: bool = False
    follows: bool = False
    look: str = ""

    @property
    def waits(self) -> bool:
        """Whether it only waits for something: there is nothing to take back then."""
        return isinstance(self.action, Waiting)


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done, in this order, and nothing else.

    `warnings` are said before anything else (who will revert it); `checks` are judged again
    afterwards, and `cause` must be gone then.
    """

    id: str
    remedy: RemedyId
    profile: str
    namespace: str
    made_at: datetime
    sentence: str
    steps: tuple[Step, ...]
    checks: tuple[CheckId, ...] = ()
    causes: tuple[CauseId, ...] = ()
    warnings: tuple[str, ...] = ()
    durable: str = ""
    """What is to change in Git, where a live edit does not last: a unified diff of the file, or
    the YAML of the entry where no clone of it was at hand."""

    cluster: str = ""
    """The API server that it was made for: it is applied to no other."""

    namespace_uid: str = ""
    """The uid of its namespace, where that may be read."""

    attended: str = ""
    """Why it wants a person who has read it, and how to insist on it without one; empty where a
    `--yes` said beforehand is enough."""

    waits_for: str = ""
    """What others have to do before it takes effect (a branch that is to be merged)."""

    again: str = ""
    """The command that plans it anew on the same target."""

    undoes: str = ""
    """The id of the plan that it takes back; then `causes` and `checks` are what that mended."""

    watch: LiveEdit | None = None
    """What may be taken back afterwards, and by whom."""

    @property
    def site(self) -> Site:
        """The target that it was made for."""
        return Site(self.profile, self.namespace, self.cluster, self.namespace_uid)


class Refusal(StrEnum):
    """Why nothing was done."""

    READ_ONLY = "read-only"
    NOTHING_TO_DO = "nothing-to-do"
    NOT_APPLICABLE = "not-applicable"
    STALE = "stale"
    DENIED = "denied"
    GUARD = "guard"
    BUSY = "busy"


class RefusedError(Exception):
    """Nothing was changed; the message is the sentence that says why and what to do."""

    def __init__(self, refusal: Refusal, sentence: str) -> None:
        super().__init__(sentence)
        self.refusal = refusal

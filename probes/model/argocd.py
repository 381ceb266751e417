"""What was seen of Argo CD: the server, the token, and ops-service's Application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from probes.model.failure import Failure
from probes.model.observation import Answer
from probes.model.workload import ConditionSeen


@dataclass(frozen=True, slots=True)
class TokenSeen:
    """A token's own claims, decoded locally and never checked against the signature.

    `kind` is `account`, `session`, `project role` or `unknown`; `fingerprint` is short and
    one-way. The token itself is not here.
    """

    well_formed: bool
    subject: str = ""
    kind: str = "unknown"
    account: str = ""
    project: str = ""
    issued_at: datetime | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class SecretHolder:
    """A Secret that holds what looks like an Argo CD token.

    `referenced`: the pod's envFrom or env refers to it, so that a new container would get it.
    """

    secret: str
    key: str
    referenced: bool


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One Application as the list shows it."""

    name: str
    namespace: str
    project: str
    sync: str
    health: str


@dataclass(frozen=True, slots=True)
class ArgoCDSeen:
    """One look at the Argo CD API, with ops-service's address and token."""

    url: str
    url_source: str
    insecure: bool
    token: TokenSeen | None
    version_answer: Answer | None = None
    version: str = ""
    userinfo: Answer | None = None
    logged_in: bool | None = None
    username: str = ""
    can_i: Answer | None = None
    may_list: bool | None = None
    list_answer: Answer | None = None
    applications: tuple[ApplicationRow, ...] | None = None
    holders: tuple[SecretHolder, ...] | Failure | None = None
    """Secrets with a token in them; looked for only when the container has none."""


@dataclass(frozen=True, slots=True)
class ApplicationSeen:
    """ops-service's Application as the cluster stores it.

    `parameters` are the helm parameters of the workload's source, over `config.…` of its inline
    values; `owner` is who else manages this Application (`Application/x`, `ApplicationSet/x`)
    and `owner_self_heals` whether it reverts a live edit of it (None: could not be read).
    """

    name: str
    namespace: str
    project: str
    sync: str
    health: str
    health_message: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    repo_url: str = ""
    target_revision: str = ""
    path: str = ""
    revision: str = ""
    automated: bool = False
    self_heal: bool = False
    prune: bool = False
    operation_phase: str = ""
    operation_message: str = ""
    finished_at: datetime | None = None
    conditions: tuple[ConditionSeen, ...] = ()
    out_of_sync: tuple[str, ...] = ()
    """`Kind/name` of resources that are out of sync."""
    owner: str = ""
    owner_self_heals: bool | None = None
    source: str = ""
    """How it was found and read, for the evidence."""

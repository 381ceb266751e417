"""Details that are looked at on demand: one pod, one Application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from probes.model.argocd import ApplicationSeen
from probes.model.failure import Failure
from probes.model.workload import ContainerSeen, EventSeen, PodSeen


@dataclass(frozen=True, slots=True)
class ContainerDetail:
    """A container with its resources (`cpu` → `500m`); `init`: it runs before the others."""

    seen: ContainerSeen
    init: bool = False
    requests: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VariableShown:
    """A variable as it may be shown: of a secret only that it is there, its length and a print.

    The fingerprint is the start of an HMAC-SHA256 under a key made at the program's start: equal
    values have equal ones, and nobody can look a value up by it. `overrides` names what it beats.
    """

    name: str
    origin: str
    text: str
    secret: bool
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PodDetail:
    """One pod whole. The environment is that of the profile's container."""

    pod: PodSeen
    node: str
    containers: tuple[ContainerDetail, ...]
    variables: tuple[VariableShown, ...] | Failure
    unreadable: tuple[Failure, ...] = ()
    """ConfigMaps and Secrets that could not be read: their variables are missing above."""
    absent: tuple[str, ...] = ()
    """`Kind name` of what the pod refers to and is not there."""
    events: tuple[EventSeen, ...] | Failure = ()


@dataclass(frozen=True, slots=True)
class ResourceSeen:
    """One resource of an Application."""

    kind: str
    namespace: str
    name: str
    sync: str
    health: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class RevisionSeen:
    """One deployment of an Application's history."""

    id: str
    revision: str
    deployed_at: datetime | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationDetail:
    """One Application whole; `history` is newest first."""

    seen: ApplicationSeen
    destination: str = ""
    resources: tuple[ResourceSeen, ...] = ()
    history: tuple[RevisionSeen, ...] = ()
    images: tuple[str, ...] = ()

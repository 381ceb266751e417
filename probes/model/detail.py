"""Details that are looked at on demand: one pod, one Application, one setting in every place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from probes.model.argocd import ApplicationSeen
from probes.model.failure import Failure
from probes.model.verdict import Evidence
from probes.model.workload import ContainerSeen, EventSeen, PodSeen


@dataclass(frozen=True, slots=True)
class ContainerDetail:
    """A container with its resources (`cpu` → `500m`) and its probes (`liveness` → in words).

    `init`: it runs before the others.
    """

    seen: ContainerSeen
    init: bool = False
    requests: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    probes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ValueShown:
    """A setting as it may be shown: of a secret only that it is there, its length and a print.

    The fingerprint is the start of an HMAC-SHA256 under a key made at the program's start: equal
    values have equal ones, and nobody can look a value up by it.
    """

    name: str
    text: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class VariableShown:
    """A variable of a container: `origin` is where it comes from, `overrides` what it beats."""

    value: ValueShown
    origin: str
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PodDetail:
    """One pod whole. `variables` are those of `container`, the profile's."""

    pod: PodSeen
    node: str
    containers: tuple[ContainerDetail, ...]
    container: str
    variables: tuple[VariableShown, ...] | Failure
    unreadable: tuple[Failure, ...] = ()
    """ConfigMaps and Secrets that could not be read: their variables are missing above."""
    absent: tuple[str, ...] = ()
    """`Kind name` of what the pod refers to and is not there."""
    events: tuple[EventSeen, ...] | Failure = ()

    def updated(self, pod: PodSeen) -> PodDetail:
        """The same with what a later sweep saw of the pod: its state and its containers'."""
        return replace(
            self, pod=pod, containers=tuple(_updated(one, pod) for one in self.containers)
        )


def _updated(one: ContainerDetail, pod: PodSeen) -> ContainerDetail:
    """The arguments stay: secrets were taken out of them."""
    later = None if one.init else pod.container(one.seen.name)
    return replace(one, seen=replace(later, args=one.seen.args)) if later else one


@dataclass(frozen=True, slots=True)
class SettingShown:
    """One setting by every place that tells it, and what differs between them, a phrase each."""

    name: str
    places: tuple[Evidence, ...]
    differs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ResourceSeen:
    """One resource of an Application. `prunes`: it is in no source any more."""

    kind: str
    namespace: str
    name: str
    sync: str
    health: str
    message: str = ""
    prunes: bool = False


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """One source of an Application. `path` may be a chart's name; `revision` is the synced one."""

    repo_url: str
    path: str = ""
    target_revision: str = ""
    revision: str = ""
    value_files: tuple[str, ...] = ()
    parameters: tuple[ValueShown, ...] = ()


@dataclass(frozen=True, slots=True)
class RevisionSeen:
    """One deployment of an Application's history. `source` is repository and path."""

    id: str
    revision: str
    deployed_at: datetime | None
    by: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationDetail:
    """One Application whole; `history` is newest first.

    `asked` and `route` tell how it was seen; `denied` why the cluster itself did not give it.
    """

    seen: ApplicationSeen
    destination: str = ""
    sync_options: tuple[str, ...] = ()
    operation_by: str = ""
    operation_started_at: datetime | None = None
    sources: tuple[SourceSeen, ...] = ()
    resources: tuple[ResourceSeen, ...] = ()
    history: tuple[RevisionSeen, ...] = ()
    images: tuple[str, ...] = ()
    asked: str = ""
    route: str = ""
    denied: Failure | None = None

    def updated(self, seen: ApplicationSeen) -> ApplicationDetail:
        """The same with what a later sweep saw of the Application."""
        return replace(self, seen=seen)

"""What Kubernetes shows of ops-service: controller, pods, environment, startup lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from probes.model.failure import Failure


@dataclass(frozen=True, slots=True)
class ContainerSeen:
    """One container's status. Reasons are Kubernetes' words (`CrashLoopBackOff`, `OOMKilled`)."""

    name: str
    image: str = ""
    args: tuple[str, ...] = ()
    probe_paths: tuple[str, ...] = ()
    ready: bool = False
    state: str = ""
    reason: str = ""
    message: str = ""
    restarts: int = 0
    started_at: datetime | None = None
    last_reason: str = ""
    last_exit_code: int | None = None
    last_finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PodSeen:
    """One pod. `owner` is `Kind/name` of its controller; `deleting` says it is on its way out."""

    name: str
    namespace: str
    phase: str
    ready: bool
    created_at: datetime | None
    owner: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    containers: tuple[ContainerSeen, ...] = ()
    reason: str = ""
    message: str = ""
    deleting: bool = False

    def container(self, name: str) -> ContainerSeen | None:
        """The container of that name, or None."""
        return next((one for one in self.containers if one.name == name), None)


@dataclass(frozen=True, slots=True)
class ConditionSeen:
    """One `status.conditions[]` entry."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ControllerSeen:
    """The Deployment or Argo Rollout behind the pods; the counts are its status'."""

    kind: str
    name: str
    desired: int
    updated: int
    ready: int
    available: int
    observed: bool
    """Whether status.observedGeneration has caught up with metadata.generation."""
    revision: str = ""
    template_annotations: Mapping[str, str] = field(default_factory=dict)
    template_env: Mapping[str, str] = field(default_factory=dict)
    """Literal `env` values of the workload's container in the template."""
    conditions: tuple[ConditionSeen, ...] = ()
    paused: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    """The controller's own: Argo CD's tracking id stands there."""


@dataclass(frozen=True, slots=True)
class EventSeen:
    """One Kubernetes event about the workload's objects."""

    type: str
    reason: str
    message: str
    object: str
    count: int = 1
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class EnvOrigin:
    """Where a variable comes from: `kind` is `ConfigMap`, `Secret`, `literal` or `field`."""

    kind: str
    name: str = ""
    key: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class EnvVar:
    """One variable of the container's environment; later origins win over earlier ones."""

    name: str
    value: SecretStr
    origin: EnvOrigin
    overrides: tuple[EnvOrigin, ...] = ()


@dataclass(frozen=True, slots=True)
class EnvReference:
    """One ConfigMap or Secret the pod refers to, and how reading it went.

    `state` is `read`, `absent` (it does not exist) or a `Failure`;
    `changed_at` is the newest change its metadata tells of.
    """

    kind: str
    name: str
    optional: bool
    state: str | Failure
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentSeen:
    """The environment of `container` in `pod`, resolved as the kubelet would resolve it now.

    A variable whose ConfigMap or Secret could not be read is in `unreadable`, by name where the
    pod's spec tells it; with an unreadable `envFrom` any name may be missing (`complete` is False).
    """

    pod: str
    container: str
    variables: Mapping[str, EnvVar]
    references: tuple[EnvReference, ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything the pod refers to could be read."""
        return not self.unreadable and not any(
            isinstance(one.state, Failure) for one in self.references
        )

    def failures(self) -> tuple[Failure, ...]:
        """Why references could not be read."""
        return tuple(one.state for one in self.references if isinstance(one.state, Failure))

    def get(self, name: str) -> str | None:
        """The value, or None where it is unset or empty: ops-service treats both alike."""
        variable = self.variables.get(name)
        value = variable.value.get_secret_value() if variable else ""
        return value or None


@dataclass(frozen=True, slots=True)
class StartupSeen:
    """What the running container logged while it started; None where the line is not there.

    The lines are those of facts on ops-service's `main.go`: the values in them are the ones
    the process really holds, whatever ConfigMap and Secret say by now.
    """

    pod: str
    prometheus_url: str | None = None
    prometheus_namespace: str | None = None
    loki_url: str | None = None
    argocd_url: str | None = None
    prometheus_configured: bool | None = None
    loki_configured: bool | None = None
    argocd_configured: bool | None = None
    migration: str | None = None
    """`completed`, `failed` or `disabled`."""
    migration_error: str = ""
    kube_client: bool | None = None


@dataclass(frozen=True, slots=True)
class WorkloadSeen:
    """ops-service as Kubernetes shows it. `pods` are newest first."""

    namespace: str
    name: str
    controller: ControllerSeen | Failure
    pods: tuple[PodSeen, ...]
    environment: EnvironmentSeen | Failure
    startup: StartupSeen | None = None
    events: tuple[EventSeen, ...] = ()
    denied: tuple[Failure, ...] = ()
    """Looks that were refused and are not told by a field above."""

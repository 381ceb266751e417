"""Where running containers, ConfigMap and Application disagree about a setting. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from probes import catalogue
from probes.checks.rollout import is_moving
from probes.logline import startup
from probes.model import (
    ApplicationSeen,
    EnvironmentSeen,
    EnvReference,
    EnvVar,
    Failure,
    LogsSeen,
    PodSeen,
    StartupSeen,
    WorkloadSeen,
)

PARAMETER = "config."
_CHECKSUM = "checksum/config"
LOGGED = {
    "PROMETHEUS_URL": "prometheus_url",
    "PROMETHEUS_NAMESPACE": "prometheus_namespace",
    "LOKI_URL": "loki_url",
    "ARGOCD_SERVER_URL": "argocd_url",
}
"""Settings that the container logs at its start, and where the startup lines keep them."""

_SWITCHES = {
    "PROMETHEUS_URL": "prometheus_configured",
    "LOKI_URL": "loki_configured",
    "ARGOCD_TOKEN": "argocd_configured",
}
"""Settings of which the container logs at its start whether it had them."""

_MATTERS = (*LOGGED, "ARGOCD_TOKEN", "DB_AUTO_MIGRATE", "K8S_IN_CLUSTER", "DATABASE_URL")
_MATTERS_BEGINNING = "DB_"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One setting on which two places differ.

    `kind`: `stale` (a newer value waits in `where`), `overridden` (a literal or a Secret beats
    the Application's value), `drifted` (the ConfigMap was changed after the Application's last
    sync), `maybe` (`where`, the source of `name`, changed after the container started, at
    `since`). `stage` is `application` where the ConfigMap lags, `container` where only the
    container does. `waiting` is the newer value, where it is no secret.
    """

    kind: str
    name: str
    where: str
    stage: str = "container"
    waiting: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Everything that tells a setting."""

    workload: WorkloadSeen
    environment: EnvironmentSeen
    application: ApplicationSeen | None
    logs: LogsSeen | None

    @property
    def pod(self) -> PodSeen | None:
        """The pod whose environment it is."""
        name = self.environment.pod
        return next((one for one in self.workload.pods if one.name == name), None)

    @property
    def started_at(self) -> datetime | None:
        """When its container started."""
        container = self.pod.container(self.environment.container) if self.pod else None
        return container.started_at if container else None

    def source_of(self, variable: EnvVar) -> EnvReference | None:
        """The ConfigMap or Secret that a variable comes from."""
        origin = variable.origin
        return next(
            (
                one
                for one in self.environment.references
                if (one.kind, one.name) == (origin.kind, origin.name)
            ),
            None,
        )

    def changed_since_start(self, name: str) -> datetime | None:
        """When the source of a variable changed, if that was after the container's start."""
        variable = self.environment.variables.get(name)
        source = self.source_of(variable) if variable else None
        changed, started = (source.changed_at if source else None), self.started_at
        return changed if changed and started and changed > started else None


def disagreements(places: Places) -> list[Disagreement]:
    """All of them; those of the Application first, since they lie furthest up."""
    found = list(_with_application(places))
    if places.workload.startup:
        found.extend(_with_startup(places, places.workload.startup))
    found.extend(_with_template(places))
    if not is_moving(places.workload):
        found.extend(_of_other_pods(places))
    found.extend(_changed_since(places, {one.name for one in found}))
    return found


def _with_application(places: Places) -> Iterator[Disagreement]:
    application, environment = places.application, places.environment
    for parameter, wanted in application.parameters.items() if application else ():
        name = parameter.removeprefix(PARAMETER)
        if name == parameter or (environment.get(name) or "") == wanted:
            continue
        variable = environment.variables.get(name)
        if variable and variable.origin.kind != "ConfigMap":
            yield Disagreement("overridden", name, str(variable.origin))
        elif variable and application and _edited_live(places, variable, application):
            yield Disagreement("drifted", name, str(variable.origin))
        elif application and (variable or environment.complete):
            where = catalogue.phrase("workload.application", name=application.name)
            yield Disagreement("stale", name, where, "application", wanted)


def _edited_live(places: Places, variable: EnvVar, application: ApplicationSeen) -> bool:
    """Whether the ConfigMap was changed after the Application was last synced to it."""
    source = places.source_of(variable)
    changed, synced = (source.changed_at if source else None), application.finished_at
    return bool(changed and synced and changed > synced)


def _with_startup(places: Places, started: StartupSeen) -> Iterator[Disagreement]:
    """What waits for a restart: the values that the process logged are those it really holds."""
    environment = places.environment
    for name, logged in LOGGED.items():
        value: str | None = getattr(started, logged)
        now = environment.get(name)
        if value and name == "ARGOCD_SERVER_URL":
            # It has a default, and loses one trailing slash before it is logged.
            value, now = value.removesuffix("/"), (now or value).removesuffix("/")
        if value is not None and value != (now or "") and _is_sure(places, name):
            yield _newer(places, name)
    for name, switch in _SWITCHES.items():
        if getattr(started, switch) is False and environment.get(name):
            yield _newer(places, name)
    migrates = (environment.get("DB_AUTO_MIGRATE") or "true") == "true"
    differs = started.migration and migrates != (started.migration != "disabled")
    if differs and _is_sure(places, "DB_AUTO_MIGRATE"):
        yield _newer(places, "DB_AUTO_MIGRATE")
    # A client that could not start has other reasons, too: only a later change is told as one.
    in_cluster = environment.get("K8S_IN_CLUSTER") == "true"
    if started.kube_client is False and in_cluster and places.changed_since_start("K8S_IN_CLUSTER"):
        yield _newer(places, "K8S_IN_CLUSTER")


def _is_sure(places: Places, name: str) -> bool:
    """Whether today's value is what a new container gets: nothing hidden could set another."""
    return places.environment.complete or places.changed_since_start(name) is not None


def _newer(places: Places, name: str, where: str = "") -> Disagreement:
    variable = places.environment.variables.get(name)
    found = where or (str(variable.origin) if variable else catalogue.phrase("workload.unset"))
    return Disagreement("stale", name, found, waiting=_shown(places.environment, name))


def _shown(environment: EnvironmentSeen, name: str) -> str | None:
    return None if name == "ARGOCD_TOKEN" else environment.get(name)


def _with_template(places: Places) -> Iterator[Disagreement]:
    controller, pod = places.workload.controller, places.pod
    if isinstance(controller, Failure) or pod is None:
        return
    where = catalogue.phrase("workload.template", kind=controller.kind, name=controller.name)
    environment = places.environment
    for name, value in controller.template_env.items():
        if (environment.get(name) or "") != value:
            yield Disagreement("stale", name, where, waiting=value)
    for name in LOGGED:
        variable = environment.variables.get(name)
        is_literal = variable is not None and variable.origin.kind == "literal"
        if is_literal and name not in controller.template_env:
            yield Disagreement("stale", name, where)
    pods = (pod,) if is_moving(places.workload) else _staying(places)
    wanted = controller.template_annotations.get(_CHECKSUM)
    if wanted and any(one.annotations.get(_CHECKSUM, wanted) != wanted for one in pods):
        yield Disagreement("stale", _CHECKSUM, where)


def _staying(places: Places) -> tuple[PodSeen, ...]:
    return tuple(pod for pod in places.workload.pods if pod.ready and not pod.deleting)


def _of_other_pods(places: Places) -> Iterator[Disagreement]:
    """Pods that started with other values than the chosen one has, by their own startup lines."""
    others = {pod.name for pod in _staying(places)} - {places.environment.pod}
    for log in places.logs.pods if places.logs else ():
        if log.pod not in others or log.previous or isinstance(log.head, Failure):
            continue
        started = startup(log.pod, log.head)
        if started:
            yield from _with_startup(places, started)


def _changed_since(places: Places, told: Iterable[str]) -> Iterator[Disagreement]:
    """Sources newer than the container, for settings that its startup lines do not settle."""
    started = places.workload.startup
    settled = started is not None and started.prometheus_configured is not None
    for name in sorted(places.environment.variables):
        if name in told or not _matters(name):
            continue
        source = places.source_of(places.environment.variables[name])
        if source is None or (settled and source.kind == "ConfigMap"):
            continue
        since = places.changed_since_start(name)
        if since:
            where = str(places.environment.variables[name].origin)
            yield Disagreement("maybe", name, where, since=since)


def _matters(name: str) -> bool:
    return name in _MATTERS or name.startswith(_MATTERS_BEGINNING)

"""Where the running container, the ConfigMap and the Application disagree about a setting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from probes.model import (
    ApplicationSeen,
    EnvironmentSeen,
    Evidence,
    Failure,
    PodSeen,
    StartupSeen,
    WorkloadSeen,
)

_PARAMETER = "config."
_CHECKSUM = "checksum/config"
_LOGGED = {
    "PROMETHEUS_URL": "prometheus_url",
    "PROMETHEUS_NAMESPACE": "prometheus_namespace",
    "LOKI_URL": "loki_url",
}
"""Settings that the container logs at its start, and where the startup lines keep them."""

_SWITCHES = {
    "PROMETHEUS_URL": "prometheus_configured",
    "LOKI_URL": "loki_configured",
    "ARGOCD_TOKEN": "argocd_configured",
}
"""Settings of which the container logs at its start whether it had them."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One setting on which two places differ.

    `kind`: `stale` (a newer value waits in `where`), `overridden` (a literal or a Secret beats
    the Application's value), `maybe` (`where` changed after the container started). `stage` is
    `application` where the ConfigMap lags, `container` where only the container does.
    """

    kind: str
    name: str
    where: str
    stage: str = "container"


def disagreements(
    seen: WorkloadSeen, environment: EnvironmentSeen, application: ApplicationSeen | None
) -> list[Disagreement]:
    """All of them; those of the Application first, since they lie furthest up."""
    found = list(_with_application(environment, application)) if application else []
    if seen.startup:
        found.extend(_with_startup(environment, seen.startup))
    pod = _pod(seen, environment)
    if pod:
        found.extend(_with_template(seen, environment, pod))
        if not found:
            found.extend(_changed_since(seen, environment, pod))
    return found


def _pod(seen: WorkloadSeen, environment: EnvironmentSeen) -> PodSeen | None:
    return next((one for one in seen.pods if one.name == environment.pod), None)


def _with_application(
    environment: EnvironmentSeen, application: ApplicationSeen
) -> Iterator[Disagreement]:
    for parameter, wanted in application.parameters.items():
        name = parameter.removeprefix(_PARAMETER)
        if name == parameter or (environment.get(name) or "") == wanted:
            continue
        variable = environment.variables.get(name)
        if variable and variable.origin.kind != "ConfigMap":
            yield Disagreement("overridden", name, str(variable.origin))
        elif environment.complete:
            where = f"Application {application.name}"
            yield Disagreement("stale", name, where, "application")


def _with_startup(environment: EnvironmentSeen, started: StartupSeen) -> Iterator[Disagreement]:
    for name, logged in _LOGGED.items():
        value: str | None = getattr(started, logged)
        if value is not None and environment.complete and value != (environment.get(name) or ""):
            yield _newer(environment, name)
    for name, switch in _SWITCHES.items():
        if getattr(started, switch) is False and environment.get(name):
            yield _newer(environment, name)
    if started.migration and "DB_AUTO_MIGRATE" in environment.variables:
        migrates_now = environment.get("DB_AUTO_MIGRATE") == "true"
        if migrates_now != (started.migration != "disabled"):
            yield _newer(environment, "DB_AUTO_MIGRATE")
    if started.kube_client is False and environment.get("K8S_IN_CLUSTER") == "true":
        yield _newer(environment, "K8S_IN_CLUSTER")


def _newer(environment: EnvironmentSeen, name: str) -> Disagreement:
    variable = environment.variables.get(name)
    return Disagreement("stale", name, str(variable.origin) if variable else "its source")


def _with_template(
    seen: WorkloadSeen, environment: EnvironmentSeen, pod: PodSeen
) -> Iterator[Disagreement]:
    if isinstance(seen.controller, Failure):
        return
    where = f"the template of {seen.controller.kind} {seen.controller.name}"
    for name, value in seen.controller.template_env.items():
        if (environment.get(name) or "") != value:
            yield Disagreement("stale", name, where)
    wanted = seen.controller.template_annotations.get(_CHECKSUM)
    if wanted and pod.annotations.get(_CHECKSUM, wanted) != wanted:
        yield Disagreement("stale", _CHECKSUM, where)


def _changed_since(
    seen: WorkloadSeen, environment: EnvironmentSeen, pod: PodSeen
) -> Iterator[Disagreement]:
    """A source newer than the container, where its startup lines do not settle the matter."""
    container = pod.container(environment.container)
    if container is None or container.started_at is None or _settled(seen.startup):
        return
    for reference in environment.references:
        if reference.changed_at and reference.changed_at > container.started_at:
            yield Disagreement("maybe", reference.name, f"{reference.kind} {reference.name}")


def _settled(started: StartupSeen | None) -> bool:
    return started is not None and started.prometheus_configured is not None


def settings_evidence(
    seen: WorkloadSeen, environment: EnvironmentSeen, application: ApplicationSeen | None
) -> tuple[Evidence, ...]:
    """Each setting that the diagnosis cares about, by every place that tells it."""
    rows: list[Evidence] = []
    for name in ("PROMETHEUS_URL", "PROMETHEUS_NAMESPACE", "LOKI_URL"):
        rows.extend(_places(name, seen, environment, application))
    for name in ("DB_AUTO_MIGRATE", "K8S_IN_CLUSTER"):
        rows.extend(_places(name, seen, environment, application))
    for reference in environment.references:
        state = (
            reference.state.sentence if isinstance(reference.state, Failure) else reference.state
        )
        rows.append(Evidence(f"{reference.kind} {reference.name}", state, "pod's envFrom and env"))
    return tuple(rows)


def _places(
    name: str,
    seen: WorkloadSeen,
    environment: EnvironmentSeen,
    application: ApplicationSeen | None,
) -> Iterator[Evidence]:
    logged = getattr(seen.startup, _LOGGED[name]) if seen.startup and name in _LOGGED else None
    if logged is not None:
        yield Evidence(f"{name}, running", logged, f"startup log of pod {environment.pod}")
    variable = environment.variables.get(name)
    if variable:
        yield Evidence(name, variable.value.get_secret_value() or "(empty)", str(variable.origin))
    wanted = application.parameters.get(f"{_PARAMETER}{name}") if application else None
    if application and wanted is not None:
        yield Evidence(f"{name}, wanted", wanted, f"Application {application.name}")

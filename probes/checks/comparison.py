"""Each setting of one pod in every place that tells it, and what differs between them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from probes import catalogue
from probes.checks.settings import LOGGED, PARAMETER, Disagreement, Places, disagreements
from probes.logline import startup
from probes.model import (
    Evidence,
    Failure,
    LogsSeen,
    SettingShown,
    Snapshot,
    StartupSeen,
    WorkloadSeen,
    seen_in,
)
from probes.secrecy import hides, shown

_EMPTY = "(empty)"
_ALWAYS = (
    "PROMETHEUS_URL",
    "PROMETHEUS_NAMESPACE",
    "LOKI_URL",
    "ARGOCD_SERVER_URL",
    "ARGOCD_TOKEN",
    "DB_AUTO_MIGRATE",
    "K8S_IN_CLUSTER",
)


def compared(snapshot: Snapshot, pod: str) -> tuple[SettingShown, ...]:
    """The settings that the pod logged, that its environment has and that the Application wants.

    Empty where the workload or its environment could not be seen.
    """
    places = _places(snapshot, pod)
    if places is None:
        return ()
    found = disagreements(places)
    names = dict.fromkeys((*_ALWAYS, *_wanted(places), *(one.name for one in found)))
    told = (
        SettingShown(
            name,
            tuple(evidence_of(name, places)),
            tuple(_told(one) for one in found if one.name == name),
        )
        for name in names
    )
    return tuple(one for one in told if one.places or one.differs)


def evidence_of(name: str, places: Places) -> Iterator[Evidence]:
    """The setting's value in every place that tells it; of a secret only what may be shown."""
    environment, started = places.environment, places.workload.startup
    logged = getattr(started, LOGGED[name]) if started and name in LOGGED else None
    if logged is not None:
        source = f"startup log of pod {environment.pod}"
        yield Evidence(f"{name}, running", _value(name, logged), source)
    variable = environment.variables.get(name)
    if variable:
        hidden = hides(variable)
        value = shown(name, variable.value.get_secret_value(), hidden=hidden).text
        yield Evidence(name, value or _EMPTY, str(variable.origin))
    application = places.application
    wanted = application.parameters.get(f"{PARAMETER}{name}") if application else None
    if application and wanted is not None:
        yield Evidence(f"{name}, wanted", _value(name, wanted), f"Application {application.name}")


def _value(name: str, value: str) -> str:
    return shown(name, value).text or _EMPTY


def _places(snapshot: Snapshot, pod: str) -> Places | None:
    workload: WorkloadSeen | None = seen_in(snapshot.workload)
    if workload is None or isinstance(workload.environment, Failure):
        return None
    logs: LogsSeen | None = seen_in(snapshot.logs)
    return Places(
        replace(workload, startup=_started(workload, logs, pod)),
        replace(workload.environment, pod=pod),
        seen_in(snapshot.application),
        logs=None,  # they would tell of the other pods
    )


def _started(workload: WorkloadSeen, logs: LogsSeen | None, pod: str) -> StartupSeen | None:
    """The startup lines of that very pod."""
    if workload.startup and workload.startup.pod == pod:
        return workload.startup
    for log in logs.pods if logs else ():
        if log.pod == pod and not log.previous and not isinstance(log.head, Failure):
            return startup(pod, log.head)
    return None


def _wanted(places: Places) -> Iterator[str]:
    for parameter in places.application.parameters if places.application else ():
        if parameter.startswith(PARAMETER):
            yield parameter.removeprefix(PARAMETER)


def _told(one: Disagreement) -> str:
    kind = "lagging" if one.kind == "stale" and one.stage == "application" else one.kind
    since = f"{one.since:%Y-%m-%d %H:%M} UTC" if one.since else ""
    return catalogue.phrase(f"differs.{kind}", where=one.where, since=since)

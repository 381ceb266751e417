"""Judging the settings: do the containers run with what ConfigMap and Application say today?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from probes import catalogue
from probes.checks.base import Check, Verdict, named, of_failure, place_of
from probes.checks.comparison import evidence_of
from probes.checks.contradiction import contradicts
from probes.checks.prometheus import known_prefix
from probes.checks.prometheus_url import path_of
from probes.checks.settings import PARAMETER, Disagreement, Places, disagreements
from probes.model import (
    CauseId,
    CheckId,
    EnvironmentSeen,
    Evidence,
    Failure,
    NamedCause,
    PrometheusSeen,
    Snapshot,
    Source,
    Status,
    WorkloadSeen,
    seen_in,
)
from probes.opsservice import ops_config

_SHOWN = ("PROMETHEUS_URL", "PROMETHEUS_NAMESPACE", "LOKI_URL", "DB_AUTO_MIGRATE", "K8S_IN_CLUSTER")
"""Settings shown as evidence, none of them a secret."""


def _settings(seen: WorkloadSeen, snapshot: Snapshot) -> Verdict:
    if isinstance(seen.environment, Failure):
        values = {"failure": seen.environment.sentence}
        hidden = (of_failure("environment", seen.environment),)
        return Verdict(Status.UNKNOWN, "unreadable", values, hidden)
    application, logs = seen_in(snapshot.application), seen_in(snapshot.logs)
    places = Places(seen, seen.environment, application, logs)
    evidence = tuple(_evidence(places))
    found = [_settled(one, snapshot) for one in disagreements(places)]
    no_client = _no_kube_client(seen, seen.environment, snapshot, evidence)
    stale = [one for one in found if one.kind == "stale"]
    if stale:
        verdict = _stale(stale, snapshot, evidence)
        more = no_client.causes if no_client else ()
        return replace(verdict, causes=(*verdict.causes, *more))
    return no_client or _agreeing(places, found, evidence)


def _settled(one: Disagreement, snapshot: Snapshot) -> Disagreement:
    """A `maybe` that the container's own behaviour turns into a certainty."""
    if one.kind == "maybe" and one.since and contradicts(one.name, one.since, snapshot):
        return replace(one, kind="stale")
    return one


def _stale(
    stale: list[Disagreement], snapshot: Snapshot, evidence: tuple[Evidence, ...]
) -> Verdict:
    values = {
        "names": ", ".join(dict.fromkeys(one.name for one in stale)),
        "where": " and ".join(dict.fromkeys(one.where for one in stale)),
    }
    mended = frozenset(one.name for one in stale if _would_mend(one, snapshot))
    # Where the ConfigMap itself lags no pod can help, only a sync.
    lags = stale[0].stage == "application"
    only_after = CauseId.ARGOCD_APP_OUT_OF_SYNC if lags else None
    cause = NamedCause(CauseId.WORKLOAD_STALE_CONFIG, values, mended, only_after)
    return Verdict(Status.FAIL, "stale", values, evidence, (cause,))


def _would_mend(one: Disagreement, snapshot: Snapshot) -> bool:
    """Whether the newer value is a good one: a restart with another bad one mends nothing."""
    if one.name == "PROMETHEUS_URL":
        prometheus: PrometheusSeen | None = seen_in(snapshot.prometheus)
        known = known_prefix(prometheus) if prometheus else None
        return bool(one.waiting) and (known is None or known.prefix == path_of(one.waiting or ""))
    if one.name == "LOKI_URL":
        return bool(one.waiting) and not path_of(one.waiting or "")
    if one.name in ("DB_AUTO_MIGRATE", "K8S_IN_CLUSTER"):
        return one.waiting == "true"
    return True


def _no_kube_client(
    seen: WorkloadSeen,
    environment: EnvironmentSeen,
    snapshot: Snapshot,
    evidence: tuple[Evidence, ...],
) -> Verdict | None:
    setting = ops_config(environment, seen.startup).kube_in_cluster
    started = seen.startup.kube_client if seen.startup else None
    is_on = setting.value == "true"
    if started is None:
        # Outside of a cluster's own account a kubeconfig will do, which was not looked at.
        hidden = setting.is_default and not environment.complete
        if is_on or hidden or environment.get("KUBECONFIG"):
            return None
    elif started:
        return None
    key = "workload.kube-client-failed" if is_on else "workload.no-kube-client"
    values = {
        "state": catalogue.phrase(key, value=setting.value),
        "setting": place_of("K8S_IN_CLUSTER", snapshot),
    }
    cause = named(CauseId.WORKLOAD_KUBE_CLIENT_MISSING, **values)
    return Verdict(Status.FAIL, "no-kube-client", values, evidence, cause)


def _agreeing(places: Places, found: list[Disagreement], evidence: tuple[Evidence, ...]) -> Verdict:
    hidden = next(iter(places.environment.failures()), None)
    if hidden:
        return Verdict(Status.UNKNOWN, "unreadable", {"failure": hidden.sentence}, evidence)
    for kind in ("overridden", "drifted", "maybe"):
        alike = [one for one in found if one.kind == kind]
        if alike:
            where = " and ".join(dict.fromkeys(one.where for one in alike))
            values = {"names": ", ".join(one.name for one in alike), "where": where}
            return Verdict(Status.WARN, kind, values, evidence)
    if places.application is None:
        return Verdict(Status.PASS, "agree-two", {}, evidence)
    count = sum(name.startswith(PARAMETER) for name in places.application.parameters)
    return Verdict(Status.PASS, "agree", {"count": str(count)}, evidence)


def _evidence(places: Places) -> Iterator[Evidence]:
    """Each setting that the diagnosis cares about, by every place that tells it."""
    for name in _SHOWN:
        yield from evidence_of(name, places)
    for one in places.environment.references:
        state = one.state.sentence if isinstance(one.state, Failure) else one.state
        if one.changed_at:
            state += f", changed {one.changed_at:%Y-%m-%d %H:%M} UTC"
        yield Evidence(f"{one.kind} {one.name}", state, "pod's envFrom and env")
    if places.started_at:
        started = f"{places.started_at:%Y-%m-%d %H:%M} UTC"
        yield Evidence("container started", started, f"status of pod {places.environment.pod}")


CONFIG = Check(
    CheckId.WORKLOAD_CONFIG,
    (
        Source.WORKLOAD,
        Source.APPLICATION,
        Source.PROMETHEUS,
        Source.ARGOCD,
        Source.LOGS,
        Source.PORTAL,
    ),
    _settings,
)

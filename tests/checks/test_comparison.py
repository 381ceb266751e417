"""Given places that tell a setting, when they are compared for a pod, what differs is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from probes.checks.comparison import compared
from probes.model import (
    EnvReference,
    FailureKind,
    Level,
    LogsSeen,
    PodLog,
    SettingShown,
    Snapshot,
)
from tests.checks import worlds

POD = "ops-service-1"


def setting(snapshot: Snapshot, name: str, pod: str = POD) -> SettingShown:
    return next(one for one in compared(snapshot, pod) if one.name == name)


def values(one: SettingShown) -> dict[str, str]:
    return {place.source: place.value for place in one.places}


def test_where_all_agree_nothing_differs() -> None:
    found = compared(worlds.world(), POD)
    assert [one.name for one in found if one.differs] == []
    assert values(setting(worlds.world(), "PROMETHEUS_URL")) == {
        "startup log of pod ops-service-1": worlds.ORIGIN + worlds.PREFIX,
        "ConfigMap ops-service-config": worlds.ORIGIN + worlds.PREFIX,
        "Application ops-service-prod": worlds.ORIGIN + worlds.PREFIX,
    }


def test_what_waits_for_a_restart() -> None:
    workload = worlds.workload(startup=worlds.startup(prometheus_url=worlds.ORIGIN))
    one = setting(worlds.world(workload=workload), "PROMETHEUS_URL")
    assert one.differs == ("ConfigMap ops-service-config has a newer value",)
    assert values(one)["startup log of pod ops-service-1"] == worlds.ORIGIN


def test_what_the_application_wants_and_the_config_map_has_not() -> None:
    application = worlds.application(parameters={"config.LOKI_URL": "http://other:3100"})
    one = setting(worlds.world(application=application), "LOKI_URL")
    assert one.differs == ("Application ops-service-prod wants another value",)


def test_a_source_that_changed_after_the_start_says_when() -> None:
    reference = EnvReference(
        "Secret", "wealist-shared-secret", False, "read", worlds.NOW + timedelta(hours=1)
    )
    environment = replace(worlds.environment(), references=(reference,))
    world = worlds.world(workload=worlds.workload(environment=environment))
    assert setting(world, "ARGOCD_TOKEN").differs == (
        "Secret wealist-shared-secret was changed after the container started, "
        "2026-01-06 04:00 UTC",
    )


def test_no_secret_is_told() -> None:
    parameters = {"config.ARGOCD_TOKEN": "hunter22", "config.URL": "http://u:hunter22@h"}
    world = worlds.world(application=worlds.application(parameters=parameters))
    settings = dict(worlds.SETTINGS) | {"ARGOCD_TOKEN": "aaaa.bbbb.cccc"}
    workload = worlds.workload(environment=worlds.environment(settings))
    found = repr(compared(replace(world, workload=worlds.observed(workload)), POD))
    assert "hunter22" not in found
    assert "aaaa" not in found


def test_another_pod_is_told_by_its_own_startup_lines() -> None:
    line = worlds.line(
        Level.INFO, "Prometheus client initialized", baseURL=worlds.ORIGIN, namespace="x"
    )
    logs = LogsSeen((PodLog("ops-service-2", "ops-service", (line,), ()),))
    one = setting(worlds.world(logs=logs), "PROMETHEUS_URL", "ops-service-2")
    assert values(one)["startup log of pod ops-service-2"] == worlds.ORIGIN
    assert one.differs == ("ConfigMap ops-service-config has a newer value",)


def test_nothing_seen_tells_nothing() -> None:
    failure = worlds.failure(FailureKind.FORBIDDEN)
    assert compared(worlds.world(workload=failure), POD) == ()
    assert compared(worlds.world(workload=worlds.workload(environment=failure)), POD) == ()

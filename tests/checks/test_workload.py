"""Given the workload, its settings and its logs, then this is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.diagnosis import diagnose
from probes.model import (
    CauseId,
    CheckId,
    ConditionSeen,
    ContainerSeen,
    EnvOrigin,
    EnvVar,
    EventSeen,
    FailureKind,
    Level,
    Status,
)
from tests.checks import worlds as w
from tests.checks.judging import causes, result, settings


def test_a_namespace_without_the_workload_is_one_root_cause() -> None:
    gone = w.failure(FailureKind.NOT_FOUND, 'deployments "ops-service" not found')
    down = w.failure(FailureKind.UNAVAILABLE, "not asked")
    snapshot = w.world(
        workload=gone,
        application=down,
        prometheus=down,
        argocd=down,
        database=down,
        logs=down,
        portal=down,
    )
    assert causes(snapshot) == {"workload.not-found"}
    statuses = {one.status for one in diagnose(snapshot).results}
    assert statuses == {Status.FAIL, Status.UNKNOWN}


def test_scaled_to_zero() -> None:
    seen = w.workload(controller=w.controller(desired=0, updated=0, ready=0), pods=())
    assert "workload.scaled-to-zero" in causes(w.world(workload=seen))


def test_a_refused_rollout_explains_the_stale_container() -> None:
    refused = w.controller(
        desired=1,
        updated=0,
        template_annotations={"checksum/config": "new"},
        conditions=(ConditionSeen("ReplicaFailure", "True", "FailedCreate", "denied by policy"),),
    )
    seen = w.workload(
        controller=refused,
        pods=(w.pod(annotations={"checksum/config": "old"}),),
        startup=w.startup(prometheus_url=w.ORIGIN),
    )
    snapshot = w.world(workload=seen, prometheus=w.without_prefix())
    by_id = {cause.id: cause for cause in diagnose(snapshot).causes}
    assert by_id[CauseId.WORKLOAD_ROLLOUT_BLOCKED].consequence_of is None
    assert by_id[CauseId.WORKLOAD_STALE_CONFIG].consequence_of is CauseId.WORKLOAD_ROLLOUT_BLOCKED
    missing = by_id[CauseId.PROMETHEUS_URL_MISSING_PREFIX]
    assert missing.consequence_of is CauseId.WORKLOAD_STALE_CONFIG
    assert "denied by policy" in by_id[CauseId.WORKLOAD_ROLLOUT_BLOCKED].explanation


def test_an_old_failed_create_event_is_no_refusal_once_the_rollout_is_through() -> None:
    event = EventSeen("Warning", "FailedCreate", "denied", "ReplicaSet/ops-service-old")
    assert causes(w.world(workload=w.workload(events=(event,)))) == set()


def test_crash_looping_follows_from_a_database_that_is_gone() -> None:
    container = ContainerSeen(
        "ops-service", reason="CrashLoopBackOff", restarts=5, last_reason="Error", last_exit_code=2
    )
    seen = w.workload(
        controller=w.controller(ready=0, available=0),
        pods=(w.pod(ready=False, containers=(container,)),),
    )
    snapshot = w.world(
        workload=seen,
        database=w.database(connection=w.failure(FailureKind.REFUSED)),
        portal=w.portal(health=w.failure(FailureKind.REFUSED)),
    )
    by_id = {cause.id: cause for cause in diagnose(snapshot).causes}
    assert by_id[CauseId.WORKLOAD_CRASH_LOOPING].consequence_of is CauseId.DB_UNREACHABLE


def test_the_fix_is_in_the_application_and_the_container_still_old() -> None:
    fixed = {"config.PROMETHEUS_URL": w.ORIGIN + w.PREFIX}
    snapshot = w.world(
        workload=w.workload(
            environment=w.environment(settings(PROMETHEUS_URL=w.ORIGIN)),
            startup=w.startup(prometheus_url=w.ORIGIN),
        ),
        application=w.application(parameters=fixed, sync="OutOfSync"),
        prometheus=w.without_prefix(),
    )
    by_id = {cause.id: cause for cause in diagnose(snapshot).causes}
    assert by_id[CauseId.ARGOCD_APP_OUT_OF_SYNC].consequence_of is None
    assert by_id[CauseId.WORKLOAD_STALE_CONFIG].consequence_of is CauseId.ARGOCD_APP_OUT_OF_SYNC


def test_a_literal_that_beats_the_parameter_is_told() -> None:
    environment = w.environment(settings(PROMETHEUS_URL=w.ORIGIN))
    variable = environment.variables["PROMETHEUS_URL"]
    literal = EnvVar(variable.name, variable.value, EnvOrigin("literal"))
    seen = replace(environment, variables={**environment.variables, "PROMETHEUS_URL": literal})
    template = w.controller(template_env={"PROMETHEUS_URL": w.ORIGIN})
    snapshot = w.world(workload=w.workload(controller=template, environment=seen, startup=None))
    verdict = result(snapshot, CheckId.WORKLOAD_CONFIG)
    assert (verdict.status, verdict.causes) == (Status.WARN, ())


def test_a_missing_kubernetes_client_is_named() -> None:
    seen = w.workload(
        environment=w.environment(settings(K8S_IN_CLUSTER=None)),
        startup=w.startup(kube_client=False),
    )
    assert causes(w.world(workload=seen)) == {"workload.kube-client-missing"}


@pytest.mark.parametrize(
    ("url", "cause", "status"),
    [
        (None, "loki.url-unset", Status.WARN),
        ("http://loki:3100/loki", "loki.url-prefixed", Status.FAIL),
    ],
)
def test_loki(url: str | None, cause: str, status: Status) -> None:
    seen = w.workload(environment=w.environment(settings(LOKI_URL=url)), startup=None)
    snapshot = w.world(workload=seen)
    assert causes(snapshot) == {cause}
    assert result(snapshot, CheckId.LOKI_URL).status is status


def test_unknown_errors_are_counted_and_named() -> None:
    seen = w.logs(*[w.line(Level.ERROR, "disk on fire", error="smoke")] * 3)
    diagnosis = diagnose(w.world(logs=seen))
    assert [one.id.value for one in diagnosis.causes] == ["logs.errors-present"]
    assert "3 errors" in diagnosis.causes[0].explanation


def test_known_messages_point_to_their_check_and_name_no_cause() -> None:
    seen = w.logs(w.line(Level.WARN, "ArgoCD client not configured"))
    snapshot = w.world(logs=seen)
    verdict = result(snapshot, CheckId.LOGS_ERRORS)
    assert (verdict.status, verdict.causes) == (Status.WARN, ())
    assert verdict.evidence[0].source.endswith("see argocd.token")


def test_noise_and_info_lines_of_errors_routes_pass() -> None:
    seen = w.logs(w.line(Level.WARN, "Redis connection failed"))
    assert result(w.world(logs=seen), CheckId.LOGS_ERRORS).status is Status.PASS

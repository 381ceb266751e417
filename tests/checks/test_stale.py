"""Containers that run with other settings than ConfigMap, Secret and Application have by now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from probes.model import (
    CheckId,
    ConditionSeen,
    EnvOrigin,
    EnvVar,
    EventSeen,
    Level,
    LogLine,
    LogsSeen,
    PodLog,
    Status,
    WorkloadSeen,
)
from tests.checks import worlds as w
from tests.checks.judging import causes, changed, explanation, follows, result, roots, settings

RIGHT = w.ORIGIN + w.PREFIX
SECRET = ("Secret", "wealist-shared-secret")
CONFIG_MAP = ("ConfigMap", "ops-service-config")


def old_url(**changes: object) -> WorkloadSeen:
    """A container that started without the prefix, which the ConfigMap has by now."""
    return w.workload(startup=w.startup(prometheus_url=w.ORIGIN), **changes)


def test_a_fixed_configmap_makes_the_missing_prefix_a_consequence() -> None:
    snapshot = w.world(workload=old_url(), prometheus=w.without_prefix())
    assert follows(snapshot) == {
        "workload.stale-config": None,
        "prometheus.url-missing-prefix": "workload.stale-config",
    }


def test_a_newer_value_that_is_wrong_too_mends_nothing() -> None:
    waiting = w.workload(
        environment=w.environment(settings(PROMETHEUS_URL=w.ORIGIN + "/prometheus")),
        startup=w.startup(prometheus_url=w.ORIGIN),
    )
    wanted = w.application(parameters={"config.PROMETHEUS_URL": w.ORIGIN + "/prometheus"})
    snapshot = w.world(workload=waiting, application=wanted, prometheus=w.without_prefix())
    assert roots(snapshot) == ["workload.stale-config", "prometheus.url-missing-prefix"]


def test_an_out_of_sync_application_does_not_explain_a_container_behind_its_configmap() -> None:
    drift = w.application(sync="OutOfSync", out_of_sync=("HorizontalPodAutoscaler/ops-service",))
    snapshot = w.world(workload=old_url(), application=drift, prometheus=w.without_prefix())
    assert follows(snapshot)["workload.stale-config"] is None


def test_migration_switched_on_since_the_start_waits_for_a_restart() -> None:
    seen = w.workload(startup=w.startup(migration="disabled"))
    snapshot = w.world(workload=seen, database=w.database(tables=()))
    assert follows(snapshot) == {
        "workload.stale-config": None,
        "db.migration-disabled": "workload.stale-config",
    }


def test_a_url_set_since_the_start_waits_for_a_restart() -> None:
    started = w.startup(prometheus_configured=False, prometheus_url="")
    seen = w.prometheus(url=None, url_source="startup log", url_query=None)
    snapshot = w.world(workload=w.workload(startup=started), prometheus=seen)
    assert follows(snapshot)["prometheus.url-unset"] == "workload.stale-config"


def test_a_token_that_waits_but_has_expired_is_a_second_root() -> None:
    started = w.workload(startup=w.startup(argocd_configured=False))
    expired = w.argocd(
        token=w.token(expires_at=w.NOW - timedelta(days=1)),
        list_answer=w.reply(401, excerpt="invalid session: Token is expired"),
        applications=None,
    )
    snapshot = w.world(workload=started, argocd=expired)
    assert roots(snapshot) == ["workload.stale-config", "argocd.token-expired"]
    assert follows(snapshot)["argocd.token-missing"] == "workload.stale-config"


def test_a_secret_changed_since_the_start_is_told_although_the_startup_lines_are_there() -> None:
    seen = w.workload(environment=changed(*SECRET, minutes=5))
    verdict = result(w.world(workload=seen), CheckId.WORKLOAD_CONFIG)
    assert (verdict.status, verdict.causes) == (Status.WARN, ())
    assert "Secret wealist-shared-secret changed" in verdict.summary


def refused(minutes: float) -> LogsSeen:
    line = w.line(
        Level.ERROR, "Failed to get ArgoCD applications", error='{"error":"invalid session'
    )
    return w.logs(replace(line, time=w.NOW + timedelta(minutes=minutes)))


def test_a_renewed_token_that_the_container_does_not_have_yet() -> None:
    """Ours, the new one, is accepted; the container's is refused after the Secret was changed."""
    seen = w.workload(environment=changed(*SECRET, minutes=5))
    assert roots(w.world(workload=seen, logs=refused(6))) == ["workload.stale-config"]
    assert causes(w.world(workload=seen, logs=refused(4))) == set()
    shown = w.portal(by_api=True, applications_answer=w.reply(500), queries=())
    assert roots(w.world(workload=seen, portal=shown)) == ["workload.stale-config"]


def test_rotated_startup_lines_and_a_fixed_configmap() -> None:
    """Nothing tells the running value but its own behaviour: the portal's API still fails."""
    seen = w.workload(environment=changed(*CONFIG_MAP, minutes=5), startup=None)
    shown = w.portal(by_api=True, overview=w.ZERO, queries=(), recent_errors=w.reply(500))
    snapshot = w.world(workload=seen, portal=shown)
    assert roots(snapshot) == ["workload.stale-config"]
    assert "PROMETHEUS_URL" in explanation(snapshot, "workload.stale-config")
    summary = result(snapshot, CheckId.PORTAL_METRICS).summary
    assert summary == "shows 0, while Prometheus counted 5,000 requests in the last hour"


def of_pod(name: str, url: str) -> PodLog:
    line = LogLine(name, w.NOW, Level.INFO, "Prometheus client initialized", "", {"baseURL": url})
    return PodLog(name, "ops-service", (line,), ())


def two_pods(**changes: object) -> WorkloadSeen:
    return w.workload(pods=(w.pod(), w.pod(name="ops-service-2")), **changes)


def test_two_pods_of_which_one_has_the_old_url() -> None:
    logs = LogsSeen((of_pod("ops-service-1", RIGHT), of_pod("ops-service-2", w.ORIGIN)))
    assert roots(w.world(workload=two_pods(), logs=logs)) == ["workload.stale-config"]
    alike = LogsSeen((of_pod("ops-service-1", RIGHT), of_pod("ops-service-2", RIGHT)))
    assert causes(w.world(workload=two_pods(), logs=alike)) == set()


def test_pods_that_differ_while_a_rollout_is_under_way_are_no_cause() -> None:
    logs = LogsSeen((of_pod("ops-service-1", RIGHT), of_pod("ops-service-2", w.ORIGIN)))
    moving = two_pods(controller=w.controller(desired=2, updated=1, ready=2))
    snapshot = w.world(workload=moving, logs=logs)
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.WORKLOAD_ROLLOUT).status is Status.WARN


def test_an_aborted_rollout_leaves_old_containers() -> None:
    aborted = w.controller(
        kind="Rollout",
        updated=0,
        template_annotations={"checksum/config": "new"},
        conditions=(
            ConditionSeen("Progressing", "False", "RolloutAborted", "aborted update to 2"),
        ),
    )
    seen = old_url(controller=aborted, pods=(w.pod(annotations={"checksum/config": "old"}),))
    snapshot = w.world(workload=seen, prometheus=w.without_prefix())
    assert roots(snapshot) == ["workload.rollout-blocked"]
    assert follows(snapshot)["workload.stale-config"] == "workload.rollout-blocked"
    assert "aborted update to 2" in explanation(snapshot, "workload.rollout-blocked")


def test_a_rolled_back_deployment_whose_pods_are_as_its_template_is_not_stale() -> None:
    back = w.controller(revision="3", template_annotations={"checksum/config": "old"})
    seen = w.workload(controller=back, pods=(w.pod(annotations={"checksum/config": "old"}),))
    assert causes(w.world(workload=seen)) == set()


def test_a_healthy_rollout_is_as_good_as_a_deployment() -> None:
    assert causes(w.world(workload=w.workload(controller=w.controller(kind="Rollout")))) == set()


def test_a_refusal_older_than_the_newest_pod_is_none() -> None:
    event = EventSeen(
        "Warning", "FailedCreate", "denied", "ReplicaSet/a", last_seen=w.NOW - timedelta(hours=2)
    )
    moving = w.controller(desired=2, updated=1, ready=1)
    assert causes(w.world(workload=w.workload(controller=moving, events=(event,)))) == set()
    fresh = replace(event, last_seen=w.NOW + timedelta(seconds=1))
    seen = w.workload(controller=moving, events=(fresh,))
    assert causes(w.world(workload=seen)) == {"workload.rollout-blocked"}


def test_a_literal_that_beats_the_configmap_is_where_the_advice_points() -> None:
    environment = w.environment(settings(PROMETHEUS_URL=w.ORIGIN))
    variable = environment.variables["PROMETHEUS_URL"]
    literal = EnvVar(
        variable.name, variable.value, EnvOrigin("literal"), (EnvOrigin("ConfigMap", "x"),)
    )
    seen = w.workload(
        environment=replace(
            environment, variables={**environment.variables, "PROMETHEUS_URL": literal}
        ),
        controller=w.controller(template_env={"PROMETHEUS_URL": w.ORIGIN}),
        startup=w.startup(prometheus_url=w.ORIGIN),
    )
    snapshot = w.world(workload=seen, prometheus=w.without_prefix())
    assert roots(snapshot) == ["prometheus.url-missing-prefix"]
    assert "the literal PROMETHEUS_URL" in explanation(snapshot, "prometheus.url-missing-prefix")


def test_a_configmap_edited_live_is_drift_and_no_stale_container() -> None:
    """The Application lacks the prefix still; somebody mended the ConfigMap by hand."""
    edited = w.workload(environment=changed(*CONFIG_MAP, minutes=-1))
    wanted = w.application(
        parameters={"config.PROMETHEUS_URL": w.ORIGIN},
        sync="OutOfSync",
        finished_at=w.NOW - timedelta(hours=3),
    )
    snapshot = w.world(workload=edited, application=wanted)
    assert roots(snapshot) == ["argocd.app-out-of-sync"]
    assert "edited live" in result(snapshot, CheckId.WORKLOAD_CONFIG).summary


def test_a_kubernetes_client_that_cannot_start_in_spite_of_the_switch() -> None:
    seen = w.workload(startup=w.startup(kube_client=False))
    snapshot = w.world(workload=seen)
    assert follows(snapshot) == {"workload.kube-client-missing": None}
    assert "could not start" in explanation(snapshot, "workload.kube-client-missing")

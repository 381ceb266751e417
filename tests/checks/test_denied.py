"""What we may not see is unknown: it is never a cause, and never passes for health."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probes.diagnosis import diagnose
from probes.model import CheckId, FailureKind, PodLog, Snapshot, Status
from probes.model.logs import LogsSeen
from tests.checks import worlds as w
from tests.checks.judging import DENIED, causes, hiding, result, roots

CONFIG_MAP = ("ConfigMap", "ops-service-config")
SECRET = ("Secret", "wealist-shared-secret")


def test_a_configmap_that_may_not_be_read_names_nothing() -> None:
    """Its settings look unset, and the database that would be asked is a guess."""
    seen = w.workload(environment=hiding(*CONFIG_MAP), startup=None)
    blind = w.prometheus(url=None, url_query=None)
    missing = w.database(tables=(w.table("portal_users"),))
    snapshot = w.world(workload=seen, prometheus=blind, database=missing)
    assert causes(snapshot) == set()
    for check in (CheckId.PROMETHEUS_URL, CheckId.DB_MIGRATION, CheckId.LOKI_URL):
        assert result(snapshot, check).status is Status.UNKNOWN
    assert diagnose(snapshot).path[1].label == "not seen"


def test_what_the_container_logged_is_known_whatever_we_may_not_read() -> None:
    started = w.startup(
        prometheus_configured=False,
        prometheus_url=None,
        loki_configured=False,
        loki_url=None,
        argocd_configured=False,
    )
    seen = w.workload(environment=hiding(*CONFIG_MAP), startup=started)
    snapshot = w.world(
        workload=seen,
        prometheus=w.prometheus(url=None, url_query=None),
        argocd=w.argocd(token=None, holders=DENIED),
    )
    assert {"prometheus.url-unset", "loki.url-unset"} <= causes(snapshot)


def test_without_the_secrets_the_rest_of_the_incident_is_still_named() -> None:
    """EKS' view policy reads ConfigMaps and no Secrets: half of the incident can be seen."""
    hidden = w.failure(FailureKind.UNAVAILABLE, "not asked: DB_HOST is not known")
    seen = w.workload(environment=hiding(*SECRET, PROMETHEUS_URL=w.ORIGIN), startup=None)
    snapshot = w.world(
        workload=seen,
        prometheus=w.without_prefix(),
        argocd=w.argocd(token=None, holders=DENIED),
        database=hidden,
        portal=w.portal(overview=w.ZERO, queries=()),
        application=w.application(parameters={"config.PROMETHEUS_URL": w.ORIGIN}),
    )
    assert causes(snapshot) == {"prometheus.url-missing-prefix"}
    assert diagnose(snapshot).path[2].label == "not seen"


def test_logs_that_may_not_be_read_are_unknown_also_where_some_may() -> None:
    denied = w.failure(FailureKind.FORBIDDEN, "may not get pods/log")
    nothing = LogsSeen((PodLog("a", "ops-service", denied, denied),))
    assert result(w.world(logs=nothing), CheckId.LOGS_ERRORS).status is Status.UNKNOWN
    half = LogsSeen((*w.logs().pods, *nothing.pods))
    verdict = result(w.world(logs=half), CheckId.LOGS_ERRORS)
    assert (verdict.status, verdict.summary) == (Status.UNKNOWN, "may not get pods/log")


def test_applications_that_may_not_be_read_stop_nothing_else() -> None:
    snapshot = w.world(application=DENIED)
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.WORKLOAD_CONFIG).status is Status.PASS
    assert result(snapshot, CheckId.ARGOCD_APPLICATION).status is Status.UNKNOWN


def test_a_default_argocd_address_is_not_blamed_while_the_real_one_may_be_hidden() -> None:
    seen = w.workload(environment=hiding(*CONFIG_MAP), startup=None)
    down = w.argocd(version_answer=w.failure(FailureKind.DNS), version="", list_answer=None)
    assert "argocd.server-unreachable" not in causes(w.world(workload=seen, argocd=down))
    page = w.argocd(version_answer=w.reply(200, "text/html"), version="", list_answer=None)
    assert "argocd.server-not-api" not in causes(w.world(workload=seen, argocd=page))


def test_a_namespace_that_may_be_hidden_is_no_mismatch() -> None:
    snapshot = w.world(
        workload=w.workload(environment=hiding(*CONFIG_MAP), startup=None),
        portal=w.portal(by_api=True, overview=w.ZERO, queries=()),
    )
    assert "prometheus.namespace-mismatch" not in causes(snapshot)


@pytest.mark.parametrize("kind", [FailureKind.DNS, FailureKind.TIMEOUT, FailureKind.RESET])
def test_ready_pods_outweigh_our_own_closed_way_to_the_portal(kind: FailureKind) -> None:
    closed = w.failure(kind, "no way")
    snapshot = w.world(portal=w.portal(by_api=True, overview=None, overview_answer=closed))
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.PORTAL_METRICS).status is Status.UNKNOWN
    worked_out = w.world(portal=w.portal(health=closed))
    assert result(worked_out, CheckId.PORTAL_METRICS).status is Status.PASS


def test_what_the_portal_itself_shows_outweighs_our_own_closed_way_to_its_parts() -> None:
    shown = w.portal(by_api=True, applications=4, queries=())
    gone = w.failure(FailureKind.TIMEOUT, "nothing answers")
    away = w.prometheus(url_query=gone, ready=gone, root=gone, candidates=(), traffic=None)
    server = w.argocd(version_answer=gone, version="", list_answer=gone, applications=None)
    snapshot = w.world(portal=shown, prometheus=away, argocd=server)
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.PROMETHEUS_URL).status is Status.UNKNOWN
    assert result(snapshot, CheckId.ARGOCD_SERVER).status is Status.UNKNOWN


def everything(failed: object) -> Snapshot:
    names = ("workload", "application", "prometheus", "argocd", "database", "logs", "portal")
    return w.world(**dict.fromkeys(names, failed))


def test_no_cluster_at_all_is_said_in_one_sentence() -> None:
    broken = w.failure(FailureKind.UNAVAILABLE, "there is no kubeconfig at /x")
    snapshot = everything(broken)
    assert roots(snapshot) == []
    assert diagnose(snapshot).sentence == "Nothing could be seen: there is no kubeconfig at /x"
    assert {one.status for one in diagnose(snapshot).results} == {Status.UNKNOWN}


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        (FailureKind.FORBIDDEN, "Ask for the Role that `opsportal-tui rbac` prints: it failed"),
        (FailureKind.REFUSED, "Check the VPN and the kubeconfig's context: it failed"),
        (FailureKind.TIMEOUT, "Check the VPN and the kubeconfig's context: it failed"),
    ],
)
def test_where_nothing_is_seen_the_sentence_says_what_to_do(kind: FailureKind, advice: str) -> None:
    assert diagnose(everything(w.failure(kind))).sentence == f"Nothing could be seen. {advice}"


def test_a_database_that_still_serves_ops_service_only_warns_of_the_next_start() -> None:
    rejected = w.failure(FailureKind.UNAUTHORIZED, "password authentication failed", "28P01")
    snapshot = w.world(database=w.database(connection=rejected))
    verdict = result(snapshot, CheckId.DB_CONNECTION)
    assert (verdict.status, causes(snapshot)) == (Status.WARN, {"db.auth-failed"})
    untrusted = w.failure(FailureKind.TLS, "its certificate is not trusted: self-signed")
    assert causes(w.world(database=w.database(connection=untrusted))) == set()


def test_a_partly_hidden_environment_does_not_hide_a_known_database_address() -> None:
    known = hiding(
        "Secret", "wealist-argocd-secret", DB_USER="u", DB_NAME="ops_db", DB_SSLMODE="require"
    )
    refused = w.database(connection=w.failure(FailureKind.REFUSED))
    down = w.portal(health=w.failure(FailureKind.REFUSED))
    seen = w.workload(environment=known, pods=(w.pod(ready=False),))
    assert "db.unreachable" in causes(w.world(workload=seen, database=refused, portal=down))


def test_failed_duplicates_and_tables_are_unknown() -> None:
    late = w.failure(FailureKind.TIMEOUT, "took too long")
    users = replace(w.table("portal_users"), indexes=(), duplicates=late)
    seen = w.database(tables=(users, w.table("audit_logs"), w.table("app_configs")))
    assert result(w.world(database=seen), CheckId.DB_CONSTRAINTS).status is Status.UNKNOWN
    none = w.database(tables=late)
    assert result(w.world(database=none), CheckId.DB_MIGRATION).status is Status.UNKNOWN
    assert causes(w.world(database=none)) == set()

"""Given this world, when it is judged, then these causes are named, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from probes.checks.schema import WANTED
from probes.diagnosis import diagnose
from probes.model import (
    CauseId,
    CheckId,
    CheckResult,
    ConditionSeen,
    ConnectionSeen,
    ConstraintSeen,
    ContainerSeen,
    EnvOrigin,
    EnvReference,
    EnvVar,
    EventSeen,
    Failure,
    FailureKind,
    Level,
    QuerySeen,
    SecretHolder,
    Snapshot,
    Status,
)
from tests.checks import worlds as w

Causes = set[str]


def causes(snapshot: Snapshot) -> Causes:
    return {cause.id.value for cause in diagnose(snapshot).causes}


def result(snapshot: Snapshot, check: CheckId) -> CheckResult:
    return next(one for one in diagnose(snapshot).results if one.id is check)


def settings(**changes: str | None) -> dict[str, str]:
    merged = {**w.SETTINGS, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def test_healthy_world_passes_everything_and_says_so() -> None:
    diagnosis = diagnose(w.world())
    assert [one.status for one in diagnosis.results] == [Status.PASS] * 14
    assert diagnosis.causes == ()
    assert diagnosis.sentence == "Nothing is wrong: all 14 checks pass."
    assert [edge.label for edge in diagnosis.path] == [
        "200, 5000 requests",
        "200",
        "200, 1 applications",
        "3 of 3 tables",
    ]


def test_the_incident_names_its_four_causes_in_the_order_to_mend_them() -> None:
    snapshot = w.world(
        workload=w.workload(
            environment=w.environment(
                settings(PROMETHEUS_URL=w.ORIGIN, ARGOCD_TOKEN=None, DB_AUTO_MIGRATE="false")
            ),
            startup=w.startup(
                prometheus_url=w.ORIGIN, argocd_configured=False, migration="disabled"
            ),
        ),
        application=w.application(parameters={"config.PROMETHEUS_URL": w.ORIGIN}),
        prometheus=w.without_prefix(),
        argocd=w.argocd(token=None, holders=()),
        database=w.database(tables=(w.hand_made_users(),)),
        portal=w.portal(overview=w.ZERO, queries=(QuerySeen("q", w.NOT_FOUND),)),
    )
    diagnosis = diagnose(snapshot)
    assert [cause.id.value for cause in diagnosis.roots] == [
        "prometheus.url-missing-prefix",
        "argocd.token-missing",
        "db.constraint-mismatch",
        "db.migration-disabled",
    ]
    assert diagnosis.causes == diagnosis.roots
    assert diagnosis.status is Status.FAIL
    assert w.ORIGIN + w.PREFIX in diagnosis.sentence
    assert [edge.label for edge in diagnosis.path] == [
        "200, all 0",
        "404",
        "no token",
        "1 of 3 tables",
    ]
    for cause in diagnosis.causes:
        named_by = [one for one in diagnosis.results if one.id in cause.checks]
        assert all(row.source for one in named_by for row in one.evidence)


# --- Prometheus -----------------------------------------------------------------------------

CASES_PROMETHEUS = [
    (w.without_prefix(), {"prometheus.url-missing-prefix"}),
    (
        w.prometheus(url=w.ORIGIN + "/prometheus", url_query=w.NOT_FOUND),
        {"prometheus.url-wrong-prefix"},
    ),
    (
        w.prometheus(url_query=w.NOT_FOUND, candidates=(w.candidate(""),)),
        {"prometheus.url-wrong-prefix"},
    ),
    (
        w.prometheus(url="http://h/p:9090/", malformed="no host", url_query=None),
        {"prometheus.url-malformed"},
    ),
    (
        w.prometheus(
            url_query=w.failure(FailureKind.REFUSED),
            ready=w.failure(FailureKind.REFUSED),
            root=w.failure(FailureKind.REFUSED),
            candidates=(),
            traffic=None,
        ),
        {"prometheus.unreachable"},
    ),
    (
        w.prometheus(
            url_query=w.failure(FailureKind.HUNG),
            ready=w.failure(FailureKind.HUNG),
            candidates=(),
            traffic=None,
        ),
        {"prometheus.hanging"},
    ),
    (
        w.prometheus(
            url_query=w.reply(503, "text/plain"),
            ready=w.reply(503, "text/plain"),
            candidates=(w.candidate(status=503),),
            traffic=None,
        ),
        {"prometheus.not-ready"},
    ),
    (
        w.prometheus(
            url=w.ORIGIN,
            url_query=w.NOT_FOUND,
            ready=w.reply(503, "text/plain"),
            candidates=(w.candidate(status=503),),
            traffic=None,
        ),
        {"prometheus.not-ready", "prometheus.url-missing-prefix"},
    ),
]


@pytest.mark.parametrize(("seen", "expected"), CASES_PROMETHEUS)
def test_prometheus_causes(seen: object, expected: Causes) -> None:
    assert causes(w.world(prometheus=seen)) == expected


def test_a_url_with_a_trailing_slash_that_answers_is_good() -> None:
    seen = w.prometheus(url=w.ORIGIN + w.PREFIX + "/")
    assert causes(w.world(prometheus=seen)) == set()


def test_an_oom_killed_prometheus_explains_that_it_is_not_ready() -> None:
    killed = w.pod(containers=(ContainerSeen("prometheus", last_reason="OOMKilled"),))
    seen = w.prometheus(
        ready=w.failure(FailureKind.REFUSED),
        url_query=w.failure(FailureKind.REFUSED),
        candidates=(),
        traffic=None,
        pods=(killed,),
    )
    diagnosis = diagnose(w.world(prometheus=seen))
    assert [one.id.value for one in diagnosis.roots] == ["prometheus.oom-killed"]
    assert diagnosis.causes[1].consequence_of is CauseId.PROMETHEUS_OOM_KILLED


def test_what_we_may_not_ask_is_unknown_and_no_cause() -> None:
    denied = w.failure(FailureKind.FORBIDDEN, "may not create pods/portforward")
    seen = w.prometheus(url_query=denied, ready=denied, root=denied, candidates=(), traffic=None)
    snapshot = w.world(prometheus=seen)
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.PROMETHEUS_URL).status is Status.UNKNOWN
    assert "portforward" in result(snapshot, CheckId.PROMETHEUS_URL).summary


def test_an_unset_url_suggests_the_address_that_serves() -> None:
    seen = w.prometheus(url=None, url_query=None)
    cause = diagnose(w.world(prometheus=seen)).causes[0]
    assert cause.id is CauseId.PROMETHEUS_URL_UNSET
    assert w.ORIGIN + w.PREFIX in cause.advice


# --- the portal's zeros ---------------------------------------------------------------------


def test_a_healthy_zero_is_called_the_truth_and_fails_nothing() -> None:
    snapshot = w.world(
        portal=w.portal(overview=w.ZERO, queries=(w.query(None),)),
        prometheus=w.prometheus(traffic=w.traffic(0)),
    )
    diagnosis = diagnose(snapshot)
    assert causes(snapshot) == {"prometheus.no-traffic"}
    assert diagnosis.status is Status.WARN
    assert "truth" in diagnosis.sentence
    assert diagnosis.path[0].label == "200, 0 is true"


def test_zero_without_any_series_is_not_a_healthy_zero() -> None:
    snapshot = w.world(
        portal=w.portal(overview=w.ZERO, queries=(w.query(None),)),
        prometheus=w.prometheus(traffic=w.traffic(None, by={})),
    )
    assert causes(snapshot) == {"prometheus.no-destination-series"}


def test_zero_of_another_namespace_names_the_namespace() -> None:
    snapshot = w.world(
        portal=w.portal(overview=w.ZERO, queries=(w.query(None),)),
        prometheus=w.prometheus(traffic=w.traffic(by={"wealist-dev": 10})),
    )
    assert causes(snapshot) == {"prometheus.namespace-mismatch"}


@pytest.mark.parametrize(
    ("status", "cause"),
    [(401, "portal.unauthorized"), (403, "portal.not-a-portal-user"), (429, "portal.rate-limited")],
)
def test_a_refused_token_is_not_taken_for_zeros(status: int, cause: str) -> None:
    seen = w.portal(by_api=True, overview=None, overview_answer=w.reply(status, excerpt="no"))
    assert causes(w.world(portal=seen)) == {cause}


# --- Argo CD --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("invalid session: Token is expired", "argocd.token-expired"),
        ("invalid session: account x does not have token with id 1", "argocd.token-rejected"),
        ("invalid session: account x is disabled", "argocd.token-rejected"),
        ("invalid session: account 'x' does not have 'apiKey' capability", "argocd.token-rejected"),
        ("invalid session: token is revoked, please re-login", "argocd.token-rejected"),
        ("invalid session: signature is invalid", "argocd.token-rejected"),
        ("no session information", "argocd.token-rejected"),
    ],
)
def test_each_401_has_its_own_explanation(text: str, cause: str) -> None:
    seen = w.argocd(list_answer=w.reply(401, excerpt=text), applications=None, logged_in=False)
    diagnosis = diagnose(w.world(argocd=seen))
    assert [one.id.value for one in diagnosis.causes] == [cause]


def test_the_401_explanations_differ() -> None:
    told = set()
    for text in ("does not have token with id 1", "is disabled", "capability", "revoked"):
        seen = w.argocd(list_answer=w.reply(401, excerpt=text), applications=None)
        told.add(diagnose(w.world(argocd=seen)).causes[0].explanation)
    assert len(told) == 4


CASES_ARGOCD = [
    (w.argocd(token=None, holders=()), {"argocd.token-missing"}),
    (
        w.argocd(
            token=None, holders=(SecretHolder("ops-service-argocd-token", "ARGOCD_TOKEN", False),)
        ),
        {"argocd.token-not-wired"},
    ),
    (w.argocd(token=w.token(expires_at=w.NOW - timedelta(hours=1))), {"argocd.token-expired"}),
    (w.argocd(token=w.token(well_formed=False)), {"argocd.token-rejected"}),
    (w.argocd(applications=(), may_list=False), {"argocd.token-no-permission"}),
    (w.argocd(applications=(), may_list=True), {"argocd.no-applications"}),
    (
        w.argocd(version_answer=w.reply(200, "text/html"), version="", list_answer=None),
        {"argocd.server-not-api"},
    ),
    (
        w.argocd(version_answer=w.failure(FailureKind.TLS), version="", list_answer=None),
        {"argocd.tls-untrusted"},
    ),
    (
        w.argocd(version_answer=w.failure(FailureKind.REFUSED), version="", list_answer=None),
        {"argocd.server-unreachable"},
    ),
]


@pytest.mark.parametrize(("seen", "expected"), CASES_ARGOCD)
def test_argocd_causes(seen: object, expected: Causes) -> None:
    started = w.workload(startup=None)
    assert causes(w.world(argocd=seen, workload=started)) == expected


def test_a_200_userinfo_without_logged_in_is_no_login() -> None:
    seen = w.argocd(logged_in=False, applications=())
    assert causes(w.world(argocd=seen)) == {"argocd.token-rejected"}


def test_an_unreadable_secret_makes_the_token_unknown_not_missing() -> None:
    denied = w.failure(FailureKind.FORBIDDEN, "may not get secrets in wealist-prod")
    environment = replace(
        w.environment(settings(ARGOCD_TOKEN=None)),
        references=(EnvReference("Secret", "wealist-argocd-secret", True, denied),),
    )
    snapshot = w.world(
        workload=w.workload(environment=environment, startup=None),
        argocd=w.argocd(token=None, holders=denied),
    )
    verdict = result(snapshot, CheckId.ARGOCD_TOKEN)
    assert verdict.status is Status.UNKNOWN
    assert "may not get secrets" in verdict.summary
    assert causes(snapshot) == set()


def test_an_application_out_of_sync_and_one_degraded() -> None:
    out = w.application(sync="OutOfSync", out_of_sync=("ConfigMap/ops-service-config",))
    assert causes(w.world(application=out)) == {"argocd.app-out-of-sync"}
    sick = w.application(health="Degraded", health_message="no pods")
    assert causes(w.world(application=sick)) == {"argocd.app-degraded"}


# --- the database ---------------------------------------------------------------------------


def off(value: str = "false") -> object:
    return w.workload(
        environment=w.environment(settings(DB_AUTO_MIGRATE=value)),
        startup=w.startup(migration="disabled"),
    )


def tables(*names: str) -> tuple[object, ...]:
    return tuple(w.table(name) for name in names)


CASES_DATABASE = [
    (off(), w.database(tables=()), {"db.migration-disabled"}),
    (off("TRUE"), w.database(tables=tables("portal_users")), {"db.migration-disabled"}),
    (off(), w.database(), set()),
    (w.workload(), w.database(tables=(w.hand_made_users(),)), {"db.constraint-mismatch"}),
    (w.workload(), w.database(tables=tables("portal_users")), {"db.schema-incomplete"}),
    (
        w.workload(),
        w.database(tables=(replace(w.table("portal_users"), indexes=(), duplicates=2),)),
        {"db.duplicate-rows"},
    ),
    (
        w.workload(),
        w.database(tables=(), connection=ConnectionSeen("17", "u", "ops_db", "", False)),
        {"db.permission-denied"},
    ),
    (w.workload(), w.database(connection=w.failure(FailureKind.UNAUTHORIZED)), {"db.auth-failed"}),
    (
        w.workload(),
        w.database(connection=w.failure(FailureKind.NOT_FOUND, code="3D000")),
        {"db.database-missing"},
    ),
    (w.workload(), w.database(connection=w.failure(FailureKind.TLS)), {"db.tls-mismatch"}),
]


@pytest.mark.parametrize(("workload", "seen", "expected"), CASES_DATABASE)
def test_database_causes(workload: object, seen: object, expected: Causes) -> None:
    assert causes(w.world(workload=workload, database=seen)) == expected


def test_a_database_that_only_we_cannot_reach_is_unknown() -> None:
    seen = w.database(connection=w.failure(FailureKind.TIMEOUT))
    snapshot = w.world(database=seen)
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.DB_CONNECTION).status is Status.UNKNOWN
    both = w.world(database=seen, portal=w.portal(health=w.reply(503)))
    assert "db.unreachable" in causes(both)


def test_the_renamed_constraint_waits_for_the_next_start() -> None:
    users = w.hand_made_users()
    renamed = replace(
        users, constraints=(ConstraintSeen("uni_portal_users_email", "u", ("email",)),)
    )
    snapshot = w.world(database=w.database(tables=(renamed,)))
    assert causes(snapshot) == {"db.schema-incomplete"}
    assert "renamed" in result(snapshot, CheckId.DB_MIGRATION).summary
    assert result(snapshot, CheckId.DB_CONSTRAINTS).status is Status.WARN


def test_a_hand_made_app_configs_is_a_mismatch_too() -> None:
    configs = replace(
        w.table("app_configs"), constraints=(ConstraintSeen("app_configs_key_key", "u", ("key",)),)
    )
    seen = w.database(tables=(w.table("portal_users"), w.table("audit_logs"), configs))
    assert causes(w.world(database=seen)) == {"db.constraint-mismatch"}


def test_every_wanted_index_belongs_to_its_table() -> None:
    for name, wanted in WANTED.items():
        assert all(index.startswith(f"idx_{name}_") for index in wanted.indexes)


# --- the workload ---------------------------------------------------------------------------


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
    snapshot = w.world(workload=w.workload(environment=seen, startup=None))
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


# --- logs -----------------------------------------------------------------------------------


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


# --- the whole ------------------------------------------------------------------------------


def test_nothing_answered_yet_is_pending() -> None:
    snapshot = Snapshot("default", w.NAMESPACE, "ops-service", w.NOW)
    diagnosis = diagnose(snapshot)
    assert diagnosis.status is Status.PENDING
    assert diagnosis.sentence == "Looking: 0 of 14 checks have answered."


def test_a_check_waits_for_its_other_sources_only_while_the_sweep_runs() -> None:
    running = replace(w.world(), prometheus=None, finished_at=None)
    assert result(running, CheckId.PORTAL_METRICS).status is Status.PENDING
    assert result(running, CheckId.LOKI_URL).status is Status.PASS


def test_only_some_checks() -> None:
    only = frozenset({CheckId.DB_MIGRATION})
    diagnosis = diagnose(w.world(prometheus=w.without_prefix()), only)
    assert [one.id for one in diagnosis.results] == [CheckId.DB_MIGRATION]
    assert (diagnosis.status, diagnosis.causes) == (Status.PASS, ())


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_failure_of_every_source_gives_a_sentence(kind: FailureKind) -> None:
    failed: Failure = w.failure(kind, "the sentence")
    names = ("workload", "application", "prometheus", "argocd", "database", "logs", "portal")
    for name in names:
        diagnosis = diagnose(w.world(**{name: failed}))
        assert all(one.summary and "{" not in one.summary for one in diagnosis.results)

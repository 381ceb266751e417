"""Given this world, when it is judged, then these causes are named, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from probes.diagnosis import diagnose
from probes.model import (
    CauseId,
    CheckId,
    ContainerSeen,
    EnvReference,
    Failure,
    FailureKind,
    QuerySeen,
    SecretHolder,
    Snapshot,
    Status,
)
from tests.checks import worlds as w
from tests.checks.judging import Causes, causes, result, settings


def test_healthy_world_passes_everything_and_says_so() -> None:
    diagnosis = diagnose(w.world())
    assert [one.status for one in diagnosis.results] == [Status.PASS] * 14
    assert diagnosis.causes == ()
    assert diagnosis.sentence == "Nothing is wrong: all 14 checks pass."
    assert [edge.label for edge in diagnosis.path] == [
        "200, 5,000 requests",
        "200",
        "200, 1 application",
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
    (
        w.argocd(
            token=w.token(expires_at=w.NOW - timedelta(hours=1)),
            list_answer=w.reply(401, excerpt="invalid session"),
            applications=None,
        ),
        {"argocd.token-expired"},
    ),
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


def test_pods_that_were_not_read_are_told() -> None:
    seen = replace(w.logs(), unread=("ops-service-11",))
    rows = result(w.world(logs=seen), CheckId.LOGS_ERRORS).evidence
    assert [row.value for row in rows if row.label == "not read"] == ["ops-service-11"]


def test_the_path_leaves_out_what_a_finished_sweep_was_not_to_ask() -> None:
    seen = replace(w.world(), portal=None, prometheus=None, argocd=None)
    assert [edge.target for edge in diagnose(seen).path] == ["PostgreSQL"]
    running = replace(seen, finished_at=None)
    assert [edge.label for edge in diagnose(running).path[:3]] == ["…", "…", "…"]

"""Several things at once, and oddities of a healthy world: exactly the causes, in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from probes.diagnosis import diagnose
from probes.model import (
    CauseId,
    CheckId,
    ConnectionSeen,
    ConstraintSeen,
    ContainerSeen,
    FailureKind,
    IndexSeen,
    Level,
    PrefixCandidate,
    PrometheusSeen,
    SecretHolder,
    Status,
    TableSeen,
)
from tests.checks import worlds as w
from tests.checks.judging import causes, explanation, follows, result, roots, settings

REFUSED = w.failure(FailureKind.REFUSED, "it refuses the connection")
HUNG = w.failure(FailureKind.HUNG, "it gave no answer in 5 s")


# --- Prometheus -----------------------------------------------------------------------------


def silent(url: str, failure: object, found_in: str) -> PrometheusSeen:
    """A Prometheus that does not answer, and a pod that still tells its prefix."""
    told = PrefixCandidate(w.PREFIX, (found_in,), failure, failure)  # type: ignore[arg-type]
    return w.prometheus(
        url=url, url_query=failure, ready=failure, root=failure, candidates=(told,), traffic=None
    )


@pytest.mark.parametrize(
    ("failure", "cause"), [(REFUSED, "prometheus.unreachable"), (HUNG, "prometheus.hanging")]
)
def test_a_missing_prefix_is_known_from_the_pods_arguments_alone(
    failure: object, cause: str
) -> None:
    told = silent(w.ORIGIN, failure, "argument --web.route-prefix")
    assert roots(w.world(prometheus=told)) == [cause, "prometheus.url-missing-prefix"]
    right = silent(w.ORIGIN + w.PREFIX, failure, "argument --web.route-prefix")
    assert roots(w.world(prometheus=right)) == [cause]
    guessed = silent(w.ORIGIN, failure, "path of PROMETHEUS_URL")
    assert roots(w.world(prometheus=guessed)) == [cause]


@pytest.mark.parametrize(
    ("path", "served", "cause"),
    [
        ("/", w.PREFIX, "prometheus.url-missing-prefix"),
        ("/prometheus", w.PREFIX, "prometheus.url-wrong-prefix"),
        (w.PREFIX, "/prometheus", "prometheus.url-wrong-prefix"),
        (w.PREFIX + "/api/v1", w.PREFIX, "prometheus.url-wrong-prefix"),
        (w.PREFIX, "", "prometheus.url-wrong-prefix"),
    ],
)
def test_paths_of_the_url_and_of_prometheus(path: str, served: str, cause: str) -> None:
    seen = w.prometheus(
        url=w.ORIGIN + path, url_query=w.NOT_FOUND, candidates=(w.candidate(served),)
    )
    snapshot = w.world(prometheus=seen)
    assert roots(snapshot) == [cause]
    assert f"to {w.ORIGIN}{served}." in explanation(snapshot, cause)


def killed(hours: float, *, ready: bool) -> ContainerSeen:
    when = w.NOW - timedelta(hours=hours)
    return ContainerSeen(
        "prometheus", ready=ready, state="running", last_reason="OOMKilled", last_finished_at=when
    )


def test_an_old_kill_explains_neither_todays_silence_nor_a_warning_for_ever() -> None:
    old = (w.pod(containers=(killed(120, ready=False),)),)
    told = replace(silent(w.ORIGIN + w.PREFIX, HUNG, "probe path of its pod"), pods=old)
    assert roots(w.world(prometheus=told)) == ["prometheus.hanging"]
    fine = w.prometheus(pods=(w.pod(containers=(killed(120, ready=True),)),))
    assert result(w.world(prometheus=fine), CheckId.PROMETHEUS_READY).status is Status.PASS
    new = w.prometheus(pods=(w.pod(containers=(killed(0.2, ready=True),)),))
    assert result(w.world(prometheus=new), CheckId.PROMETHEUS_READY).status is Status.WARN


def test_another_servers_page_is_neither_ready_nor_a_prefix() -> None:
    page = w.reply(200, "text/html")
    other = w.prometheus(
        url=w.ORIGIN,
        url_query=page,
        ready=page,
        root=page,
        candidates=(PrefixCandidate("", ("no prefix",), page, page),),
        traffic=None,
    )
    snapshot = w.world(prometheus=other)
    assert roots(snapshot) == ["prometheus.unreachable"]
    assert result(snapshot, CheckId.PROMETHEUS_READY).status is Status.UNKNOWN


# --- the portal's zeros ---------------------------------------------------------------------


def test_zero_while_the_api_fails_and_nothing_was_counted_tells_the_failure() -> None:
    shown = w.portal(by_api=True, overview=w.ZERO, queries=())
    seen = replace(w.without_prefix(), traffic=w.traffic(0))
    summary = result(w.world(portal=shown, prometheus=seen), CheckId.PORTAL_METRICS).summary
    assert summary == "shows 0, because its queries to Prometheus fail (404)"


def test_a_zero_of_its_own_namespace_beside_traffic_of_others_is_true() -> None:
    busy = w.prometheus(traffic=w.traffic(5000, by={w.NAMESPACE: 1, "wealist-dev": 9}))
    zero = w.portal(overview=w.ZERO, queries=(w.query(None),))
    assert causes(w.world(prometheus=busy, portal=zero)) == {"prometheus.no-traffic"}
    other = w.workload(
        environment=w.environment(settings(PROMETHEUS_NAMESPACE="wealist-dev")),
        startup=w.startup(prometheus_namespace="wealist-dev"),
    )
    snapshot = w.world(prometheus=busy, portal=zero, workload=other)
    assert "prometheus.namespace-mismatch" in causes(snapshot)


def test_zeros_of_the_api_beside_traffic_of_this_namespace_alone_are_a_lie() -> None:
    """Our own question is answered with numbers: the container must be asking something else."""
    shown = w.portal(by_api=True, overview=w.ZERO, queries=(), recent_errors=w.reply(200))
    snapshot = w.world(portal=shown)
    assert causes(snapshot) == set()
    assert "while Prometheus counted 5,000 requests" in diagnose(snapshot).sentence


def test_a_healthy_zero_does_not_hide_or_count_beside_a_fault() -> None:
    snapshot = w.world(
        portal=w.portal(overview=w.ZERO, queries=(w.query(None),)),
        prometheus=w.prometheus(traffic=w.traffic(0)),
        argocd=w.argocd(token=None, holders=()),
        workload=w.workload(
            environment=w.environment(settings(ARGOCD_TOKEN=None)),
            startup=w.startup(argocd_configured=False),
        ),
    )
    assert "argocd.token-missing" in causes(snapshot)
    assert diagnose(snapshot).sentence.startswith("ops-service has no Argo CD token. ")


def test_a_service_that_is_down_shows_no_numbers_whatever_prometheus_holds() -> None:
    down = w.portal(health=REFUSED)
    gone = w.workload(controller=w.controller(desired=0, updated=0, ready=0), pods=())
    snapshot = w.world(portal=down, workload=gone)
    assert follows(snapshot)["portal.unreachable"] == "workload.scaled-to-zero"
    assert roots(snapshot) == ["workload.scaled-to-zero"]
    assert diagnose(snapshot).path[0].label == "refused"
    sick = w.world(portal=w.portal(health=w.reply(503)))
    assert result(sick, CheckId.PORTAL_METRICS).status is Status.FAIL


def test_applications_that_the_portal_itself_cannot_get_are_no_success() -> None:
    shown = w.portal(by_api=True, applications_answer=w.reply(500), queries=())
    assert result(w.world(portal=shown), CheckId.PORTAL_METRICS).status is Status.FAIL


# --- Argo CD --------------------------------------------------------------------------------


def test_another_servers_token_is_rejected_and_not_called_expired() -> None:
    seen = w.argocd(
        token=w.token(expires_at=w.NOW - timedelta(days=9)),
        list_answer=w.reply(401, excerpt="invalid session: signature is invalid"),
        applications=None,
    )
    snapshot = w.world(argocd=seen)
    assert roots(snapshot) == ["argocd.token-rejected"]
    assert "another server's" in explanation(snapshot, "argocd.token-rejected")


def test_a_server_that_takes_the_token_outweighs_our_clock() -> None:
    assert causes(w.world(argocd=w.argocd(token=w.token(expires_at=w.NOW)))) == set()


def test_a_token_under_another_key_of_a_used_secret_is_told_so() -> None:
    holder = SecretHolder("wealist-argocd-secret", "token", False)
    other = SecretHolder("ci", "jwt", False)
    seen = w.argocd(token=None, holders=(other, holder))
    started = w.workload(startup=w.startup(argocd_configured=False))
    text = explanation(w.world(argocd=seen, workload=started), "argocd.token-not-wired")
    assert "takes ARGOCD_TOKEN from" in text


def test_an_argocd_that_lets_anybody_look_is_a_warning() -> None:
    snapshot = w.world(argocd=w.argocd(logged_in=False))
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.ARGOCD_TOKEN).status is Status.WARN


def test_a_redirect_is_not_called_a_wrong_root_path() -> None:
    moved = replace(w.reply(307), location="https://argocd/api/version")
    snapshot = w.world(argocd=w.argocd(version_answer=moved, version=""))
    assert causes(snapshot) == set()


def test_plain_http_where_tls_is_due_is_no_matter_of_trust() -> None:
    plain = w.failure(FailureKind.TLS, "argocd:443 does not speak TLS: is it http://?")
    seen = w.argocd(version_answer=plain, version="", list_answer=plain, applications=None)
    assert causes(w.world(argocd=seen)) == {"argocd.server-unreachable"}


def test_an_application_that_is_both_degraded_and_out_of_sync() -> None:
    both = w.application(health="Degraded", sync="OutOfSync", out_of_sync=("Deployment/x",))
    assert causes(w.world(application=both)) == {"argocd.app-degraded", "argocd.app-out-of-sync"}


@pytest.mark.parametrize(
    "seen",
    [
        w.application(sync="OutOfSync", operation_phase="Running"),
        w.application(sync="Unknown"),
        w.application(health="Progressing"),
    ],
)
def test_an_application_in_between_warns_and_names_nothing(seen: object) -> None:
    snapshot = w.world(application=seen)
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.ARGOCD_APPLICATION).status is Status.WARN


# --- the database ---------------------------------------------------------------------------


def hand_made(name: str, column: str) -> TableSeen:
    key = f"{name}_{column}_key"
    return replace(
        w.table(name),
        indexes=(IndexSeen(key, (column,), unique=True),),
        constraints=(ConstraintSeen(key, "u", (column,)),),
    )


def test_constraints_of_both_tables_are_one_cause_that_tells_both() -> None:
    tables = (
        hand_made("portal_users", "email"),
        w.table("audit_logs"),
        hand_made("app_configs", "key"),
    )
    snapshot = w.world(database=w.database(tables=tables))
    assert roots(snapshot) == ["db.constraint-mismatch"]
    told = explanation(snapshot, "db.constraint-mismatch")
    assert all(name in told for name in ("uni_portal_users_email", "uni_app_configs_key"))


def test_everything_wrong_with_the_database_at_once() -> None:
    doubled = replace(w.table("app_configs"), indexes=(), duplicates=2)
    seen = w.database(
        tables=(hand_made("portal_users", "email"), doubled),
        connection=ConnectionSeen("17", "ann", "ops_db", "", False),
    )
    off = w.workload(
        environment=w.environment(settings(DB_AUTO_MIGRATE="TRUE")),
        startup=w.startup(migration="disabled"),
    )
    assert set(roots(w.world(database=seen, workload=off))) == {
        "db.permission-denied",
        "db.duplicate-rows",
        "db.constraint-mismatch",
        "db.migration-disabled",
    }


def test_a_user_who_is_none_follows_only_from_an_absent_table() -> None:
    stranger = w.portal(by_api=True, overview=None, overview_answer=w.reply(403, excerpt="no"))
    mismatch = w.database(tables=(hand_made("portal_users", "email"),))
    there = follows(w.world(portal=stranger, database=mismatch))
    assert there["portal.not-a-portal-user"] is None
    absent = follows(w.world(portal=stranger, database=w.database(tables=())))
    assert absent["portal.not-a-portal-user"] == "db.schema-incomplete"


def test_crash_looping_because_of_the_database_has_one_root() -> None:
    container = ContainerSeen(
        "ops-service", reason="CrashLoopBackOff", restarts=9, last_reason="Error", last_exit_code=2
    )
    seen = w.workload(
        controller=w.controller(ready=0, available=0),
        pods=(w.pod(ready=False, containers=(container,)),),
        startup=None,
    )
    snapshot = w.world(
        workload=seen,
        database=w.database(connection=w.failure(FailureKind.NOT_FOUND, "no ops_db", "3D000")),
        portal=w.portal(health=REFUSED),
        application=w.application(health="Degraded"),
        logs=w.logs(w.line(Level.WARN, "Database connection attempt 3 failed: no ops_db")),
    )
    assert roots(snapshot) == ["db.database-missing"]
    assert causes(snapshot) == {
        "db.database-missing",
        "workload.crash-looping",
        "portal.unreachable",
        "argocd.app-degraded",
    }


def test_restarts_of_last_month_are_no_crash_loop() -> None:
    container = ContainerSeen(
        "ops-service", state="running", restarts=7, last_finished_at=w.NOW - timedelta(days=30)
    )
    seen = w.workload(
        controller=w.controller(ready=0), pods=(w.pod(ready=False, containers=(container,)),)
    )
    assert "workload.crash-looping" not in causes(w.world(workload=seen))


# --- logs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message", ["panic: runtime error: index out of range [3]", "disk on fire", "Panic recovered"]
)
def test_unknown_errors_and_panics_are_a_cause_only_while_they_are_fresh(message: str) -> None:
    fresh = w.line(Level.ERROR, message)
    assert causes(w.world(logs=w.logs(fresh))) == {"logs.errors-present"}
    old = replace(fresh, time=w.NOW - timedelta(hours=5))
    snapshot = w.world(logs=w.logs(old))
    assert causes(snapshot) == set()
    assert result(snapshot, CheckId.LOGS_ERRORS).status is Status.PASS


def test_a_warning_of_the_start_stands_for_as_long_as_the_container_runs() -> None:
    line = w.line(Level.WARN, "ArgoCD configuration incomplete, ArgoCD features disabled")
    seen = w.logs(replace(line, time=w.NOW - timedelta(days=3)))
    assert result(w.world(logs=seen), CheckId.LOGS_ERRORS).status is Status.WARN


# --- the sentence ---------------------------------------------------------------------------


def test_a_mere_warning_does_not_take_the_place_of_a_failure() -> None:
    quiet = w.workload(
        environment=w.environment(settings(LOKI_URL=None)),
        startup=w.startup(loki_configured=False, loki_url=None),
        controller=w.controller(ready=0),
        pods=(w.pod(ready=False),),
    )
    diagnosis = diagnose(w.world(workload=quiet))
    assert [one.id for one in diagnosis.causes] == [CauseId.LOKI_URL_UNSET]
    assert diagnosis.sentence.startswith("A check failed without a known cause: 0 of 1 pods")


def test_failing_causes_come_before_those_only_warned_of() -> None:
    drift = w.application(sync="OutOfSync", out_of_sync=("HorizontalPodAutoscaler/x",))
    loki = w.workload(
        environment=w.environment(settings(LOKI_URL="http://loki:3100/loki")), startup=None
    )
    snapshot = w.world(application=drift, workload=loki)
    assert roots(snapshot) == ["loki.url-prefixed", "argocd.app-out-of-sync"]

"""The words of each check: its question, why it matters, and its possible verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probes.model.ids import CheckId


@dataclass(frozen=True, slots=True)
class CheckWords:
    """`verdicts` maps an outcome to the template of the one-line summary."""

    question: str
    explanation: str
    verdicts: Mapping[str, str]


_COMMON = {"pending": "not answered yet", "unseen": "{failure}"}


def _words(question: str, explanation: str, **verdicts: str) -> CheckWords:
    named = {key.replace("_", "-"): text for key, text in verdicts.items()}
    return CheckWords(question, explanation, _COMMON | named)


CHECKS: Mapping[CheckId, CheckWords] = {
    CheckId.PORTAL_METRICS: _words(
        "Does the portal's API show non-zero metrics, and applications?",
        "The portal shows 0 for every value it could not get: a failed query, an empty answer and "
        "a true zero look alike on its pages. This check tells them apart.",
        numbers="shows {requests} in the last hour and {applications}",
        numbers_only="shows {requests} in the last hour",
        no_applications="shows {requests} in the last hour, but 0 applications",
        applications_refused="shows {requests} in the last hour, but {status} for applications",
        zero_lie="shows 0, while Prometheus counted {requests} in the last hour",
        zero_true="shows 0, and 0 is the truth: Prometheus counted no request to {namespace} in "
        "the last hour",
        zero_no_series="shows 0: Prometheus has no request metrics of the mesh at all",
        zero_namespace="shows 0: no metrics carry the namespace {namespace}",
        zero="shows 0, because its queries to Prometheus fail ({reason})",
        zero_unset="shows 0: ops-service has no PROMETHEUS_URL and answers 500",
        zero_unexplained="shows 0; what Prometheus holds could not be seen",
        unauthorized="the portal's API refused the access token (401)",
        not_a_user="the portal's API says that the token's user is no portal user (403)",
        rate_limited="the portal's API limits the rate (429)",
        unreachable="the portal's API cannot be reached: {failure}",
        not_from_here="its pods are ready, but their API cannot be reached from here: {failure}",
        server_error="the portal's API answered {status}",
        not_ready="ops-service answers {status} on its readiness route",
    ),
    CheckId.PROMETHEUS_ROUTE_PREFIX: _words(
        "Does Prometheus serve under a route prefix, and which?",
        "With --web.route-prefix, or the path of --web.external-url where that flag is not given, "
        "every path outside the prefix answers 404.",
        prefix="serves under {prefix}",
        none="serves at the root, without a prefix",
        hinted="{prefix} is set ({found_in}), but nothing answers under it: {failure}",
        not_found="answers, but no prefix was found under which its API does",
        nobody="no address to ask: PROMETHEUS_URL is unusable and no Service was found",
    ),
    CheckId.PROMETHEUS_URL: _words(
        "Does the running container's PROMETHEUS_URL include the prefix, and answer a query?",
        "ops-service appends /api/v1/query to PROMETHEUS_URL as it stands and turns every failure "
        "into 0 without a log line.",
        good="{url} answers queries",
        unset="PROMETHEUS_URL is not set",
        malformed="PROMETHEUS_URL is no usable address: {reason}",
        missing_prefix="{url} lacks the prefix {prefix}: queries answer {status}",
        wrong_prefix="{url} has the path {path}, Prometheus serves under {prefix}: {status}",
        no_prefix_wanted="{url} has the path {path}, Prometheus serves at the root: {status}",
        unreachable="{url} cannot be reached: {failure}",
        hanging="{url} accepts connections, but does not answer",
        not_from_here="not reachable from here ({failure}), but the portal's API shows numbers",
        not_ready="{url} is the right address, but Prometheus answers {status}",
        not_api="{url} answers {status} ({content_type}), which is no Prometheus API",
    ),
    CheckId.ARGOCD_TOKEN: _words(
        "Does ops-service have a token, and does Argo CD accept it and list applications?",
        "Without a token ops-service switches its Argo CD client off and answers 200 with null; "
        "with a bad one it answers 500. The portal shows 0 applications either way.",
        good="accepted as {subject}; lists {applications}",
        expiring="accepted as {subject}, but it expires in {left}",
        missing="the container has no ARGOCD_TOKEN",
        not_wired="the container has no ARGOCD_TOKEN, though Secret {secret} holds one",
        started_without="the container started without a token, though one is set by now",
        gone="the container started with a token that is no longer set",
        unreadable="cannot tell whether there is a token: {failure}",
        expired="the token of {subject} expired {when}",
        malformed="ARGOCD_TOKEN is no usable token: {reason}",
        anonymous="not accepted, but the server lets anybody list {applications}",
        list_failed="the token could not be tried: {failure}",
        rejected="Argo CD rejects the token: {reason}",
        no_permission="the token is accepted, but may not get applications",
        no_applications="the token is accepted and may list, but there are no applications",
        empty="the token is accepted, and the list of applications is empty",
        unasked="the token could not be tried: {failure}",
    ),
    CheckId.DB_MIGRATION: _words(
        "Are the three tables there, and is DB_AUTO_MIGRATE exactly `true`?",
        "ops-service creates portal_users, audit_logs and app_configs at its start, in this order, "
        "and stops at the first error with a warning. Only the exact word `true` makes it migrate.",
        complete="all three tables are complete; DB_AUTO_MIGRATE is {value}",
        complete_unknown="all three tables are complete; DB_AUTO_MIGRATE could not be read",
        switch_unknown="{missing}; whether a migration is due is not known: {failure}",
        complete_disabled="all three tables are complete; DB_AUTO_MIGRATE is {value}, so that "
        "the next change of the schema will not be made",
        disabled="{missing}; DB_AUTO_MIGRATE is {value}, so that nothing creates what is missing",
        blocked="{missing}; the migration is on, but cannot pass",
        disabled_blocked="{missing}; DB_AUTO_MIGRATE is {value}, and a migration could not pass",
        incomplete="{missing}, although DB_AUTO_MIGRATE is true",
        renamed="{missing}; the constraint is renamed, the next start will finish the migration",
        unseen_tables="the catalog could not be read: {failure}",
    ),
    CheckId.LOGS_ERRORS: _words(
        "What errors and warnings does ops-service log, across all its pods?",
        "The lines that matter are warnings of the start, long gone from the last hundred lines; "
        "a grep for `error` also hits harmless access lines of /errors/ routes.",
        quiet="no errors or warnings in {lines} of {pods}",
        noise="only known noise in {lines} of {pods}",
        past="nothing of the last hour; older warnings or errors in {lines} of {pods}",
        known="{count} of known warnings or errors, first: {message}",
        unknown="{count} of a kind not known, first: {message}",
        warned="{count} of a kind not known, first: {message}",
        no_pods="no pod, no logs",
        no_lines="the pods have logged nothing that is still kept",
    ),
    CheckId.PROMETHEUS_READY: _words(
        "Is Prometheus up and ready?",
        "While it replays its write-ahead log, or is killed for its memory and starts again, "
        "Prometheus answers 503, which the portal shows as 0.",
        ready="ready{version}",
        restarted="ready{version}, but was killed for its memory {when}",
        not_ready="answers {status} on /-/ready",
        oom_killed="not ready: its container was killed for its memory",
        unreachable="cannot be reached: {failure}",
        hanging="accepts connections, but does not answer",
        not_from_here="not reachable from here ({failure}), but the portal's API shows numbers",
        nobody="no address to ask: PROMETHEUS_URL is unusable and no Service was found",
        no_prefix="its readiness route was not found (no known prefix answers)",
    ),
    CheckId.ARGOCD_SERVER: _words(
        "Does the Argo CD server answer as an API, over a trusted TLS?",
        "A wrong root path answers with the web page (HTML) and status 200; ops-service then fails "
        "to decode it and the portal shows 0 applications.",
        good="{url} answers as Argo CD {version}",
        not_api="{url} answers {status} ({content_type}), which is not the API",
        tls="{url}: its certificate is not trusted ({failure})",
        unreachable="{url} cannot be reached: {failure}",
        broken="{url} answers {status}",
        redirected="{url} redirects to {location}; what lies behind was not tried",
        not_from_here="not reachable from here ({failure}), but the portal lists applications",
    ),
    CheckId.ARGOCD_APPLICATION: _words(
        "Is the ops-service Application synced and healthy, and who owns it?",
        "ops-service's settings are helm parameters of this Application; a live edit of an "
        "Application that another one heals is taken back.",
        good="{name} is {sync} and {health}{owner}",
        progressing="{name} is {sync}, its health is {health}{owner}",
        out_of_sync="{name} is OutOfSync: {what}",
        syncing="{name} is being synced",
        not_compared="{name} could not be compared with its source: {message}",
        sync_failed="{name}: the last sync ended {phase}: {message}",
        degraded="{name} is {health}: {message}",
        not_found="no Application manages ops-service: {failure}",
    ),
    CheckId.DB_CONNECTION: _words(
        "Can ops-service's own address, user and password connect to its database?",
        "Without its database ops-service never starts to listen; it tries 30 times and is "
        "restarted meanwhile.",
        good="{user}@{database} on {host}, PostgreSQL {version}, {tls}",
        unreachable="{host} cannot be reached: {failure}",
        not_from_here="not reachable from here ({failure}), but ops-service reports that its "
        "database is connected",
        still_connected="a new connection fails ({failure}), but ops-service is still connected",
        auth_failed="{host} rejects user {user}",
        database_missing="database {database} does not exist on {host}",
        tls_mismatch="TLS does not fit (DB_SSLMODE={sslmode}): {failure}",
        denied="{user} may not connect to {database}",
        unreadable="the address could not be worked out: {failure}",
    ),
    CheckId.DB_CONSTRAINTS: _words(
        "Would the next migration pass (names, duplicates, privileges)?",
        "The migration drops a unique constraint by the name it would have given it; with another "
        "name it fails (42704) and leaves every later table out. The healthy end is a unique index "
        "idx_<table>_<column> and no unique constraint.",
        good="yes: names, rows and privileges are as the migration expects",
        fresh="yes: there is nothing yet that could stand in its way",
        mismatch="no: {table} has {constraint} where the migration drops {expected}",
        duplicates="no: {table}.{column} has {count} more than once",
        denied="no: {user} {reason}",
        renamed="yes: it drops {constraint} and keeps or builds {index}",
        uncounted="the duplicates of {table}.{column} could not be counted: {failure}",
        unseen_tables="the catalog could not be read: {failure}",
    ),
    CheckId.WORKLOAD_ROLLOUT: _words(
        "Are the pods ready and new?",
        "When new pods cannot come up, old ones go on with the old configuration, and a fix that "
        "is in place everywhere has no effect.",
        good="{ready} of {desired} pods ready",
        rolling="{ready} of {desired} pods ready, {updated} of the newest template",
        not_found="{kind} {name} does not exist in namespace {namespace}",
        scaled_to_zero="{kind} {name} is scaled to 0",
        blocked="new pods cannot be created: {reason}",
        stuck="pod {pod} cannot start: {reason}",
        crash_looping="pod {pod} restarts again and again ({restarts} times): {reason}",
        not_ready="{ready} of {desired} pods ready: {reason}",
        unreadable="{ready} pods ready; the controller could not be read: {failure}",
    ),
    CheckId.WORKLOAD_CONFIG: _words(
        "Do container, ConfigMap and Application agree?",
        "A container keeps the environment it started with. A value that is right in the "
        "Application or the ConfigMap helps only once a new pod runs with it.",
        agree="container, ConfigMap and Application agree on {count} settings",
        agree_two="container and ConfigMap agree; the Application could not be compared",
        stale="{names}: newer in {where} than in the running container",
        overridden="{names}: {where} in the pod's env overrides the Application's value",
        drifted="{names}: {where} was edited live, and differs from the Application's value",
        no_kube_client="{state}: every request for applications panics",
        maybe="{where} changed after the container started, which may run older values",
        unreadable="cannot compare: {failure}",
    ),
    CheckId.LOKI_URL: _words(
        "Is LOKI_URL set, and without a prefix?",
        "Loki, unlike Prometheus, serves at the root: a prefix in its address breaks it.",
        good="{url}",
        unset="LOKI_URL is not set: the portal's log pages stay empty",
        prefixed="{url} has the path {path}; Loki serves at the root",
        unreadable="cannot tell: {failure}",
    ),
}

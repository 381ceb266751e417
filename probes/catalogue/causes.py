"""The words of each cause: its name, why it is so, and what a person should do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probes.model.ids import CauseId


@dataclass(frozen=True, slots=True)
class CauseWords:
    """`title` is a few words; `explanation` and `advice` are templates of whole sentences."""

    title: str
    explanation: str
    advice: str


_RESTART = "Restart the workload, so that new pods read it."

CAUSES: Mapping[CauseId, CauseWords] = {
    CauseId.WORKLOAD_NOT_FOUND: CauseWords(
        "ops-service is not deployed here",
        "{kind} {name} does not exist in namespace {namespace}, so that nothing answers the "
        "portal.",
        "Check the namespace and the context; then the Argo CD Application that should create it.",
    ),
    CauseId.WORKLOAD_SCALED_TO_ZERO: CauseWords(
        "ops-service is scaled to zero",
        "{kind} {name} wants 0 replicas, so that nothing answers the portal.",
        "Scale it to at least 1, or wait for the scheduled morning start.",
    ),
    CauseId.WORKLOAD_ROLLOUT_BLOCKED: CauseWords(
        "New pods cannot come up",
        "The rollout cannot go on: {reason}. Pods that still run keep their old configuration.",
        "Mend what the message names (an admission policy, a quota, an image), then restart.",
    ),
    CauseId.DB_UNREACHABLE: CauseWords(
        "The database cannot be reached",
        "{host} does not give a connection: {failure}. ops-service does not start to listen "
        "without its database.",
        "Check DB_HOST and DB_PORT, the server, and the network between.",
    ),
    CauseId.DB_TLS_MISMATCH: CauseWords(
        "TLS to the database does not fit",
        "DB_SSLMODE is {sslmode}, and the server says: {failure}.",
        "Set DB_SSLMODE to what the server wants (`require` where it demands TLS).",
    ),
    CauseId.DB_AUTH_FAILED: CauseWords(
        "The database rejects the login",
        "{host} does not accept user {user} with the password that the container has.",
        "Compare DB_USER and DB_PASSWORD with the Secret's source, then restart the workload.",
    ),
    CauseId.DB_DATABASE_MISSING: CauseWords(
        "The database does not exist",
        "Database {database} is not on {host}; no job creates it.",
        "Create it, owned by {user}, then restart the workload.",
    ),
    CauseId.WORKLOAD_CRASH_LOOPING: CauseWords(
        "ops-service keeps crashing",
        "Pod {pod} has restarted {restarts} times: {reason}.",
        "Read the last lines of the previous container; they name the failure.",
    ),
    CauseId.GITOPS_LIVE_EDIT_REVERTED: CauseWords(
        "A live edit was taken back",
        "{owner} heals the Application and reverts what is changed live.",
        "Make the change in Git, on the branch the Application tracks.",
    ),
    CauseId.WORKLOAD_STALE_CONFIG: CauseWords(
        "The container runs older settings",
        "The running container started with older values of {names} than those in {where}.",
        _RESTART,
    ),
    CauseId.PROMETHEUS_OOM_KILLED: CauseWords(
        "Prometheus is killed for its memory",
        "Pod {pod} was killed for using more than its memory limit; it replays its log after "
        "each start.",
        "Raise its memory limit in the monitoring chart.",
    ),
    CauseId.PROMETHEUS_UNREACHABLE: CauseWords(
        "Prometheus cannot be reached",
        "{url}: {failure}. ops-service turns that into zeros without a log line.",
        "Check the address in PROMETHEUS_URL, then the Prometheus pod and its Service.",
    ),
    CauseId.PROMETHEUS_HANGING: CauseWords(
        "Prometheus accepts and never answers",
        "{url} takes the connection and stays silent ({failure}); ops-service gives up after its "
        "own write time limit, and the portal gets no answer at all.",
        "Look at the Prometheus pod's CPU, disk and queries; restart it if it is stuck.",
    ),
    CauseId.PROMETHEUS_NOT_READY: CauseWords(
        "Prometheus is not ready",
        "It answers {status}: it is starting or replaying its write-ahead log.",
        "Wait for the replay to end; watch the pod's restarts.",
    ),
    CauseId.PROMETHEUS_URL_UNSET: CauseWords(
        "PROMETHEUS_URL is not set",
        "ops-service has no Prometheus client and answers 500 on every metrics route; the portal "
        "shows that as 0.",
        "Set {setting}{suggestion}.",
    ),
    CauseId.PROMETHEUS_URL_MALFORMED: CauseWords(
        "PROMETHEUS_URL is no usable address",
        "`{url}`: {reason}.",
        "Set {setting}{suggestion}.",
    ),
    CauseId.PROMETHEUS_URL_MISSING_PREFIX: CauseWords(
        "PROMETHEUS_URL lacks the route prefix",
        "The container asks {url}, but Prometheus serves under {prefix} and answers {status} to "
        "everything else; ops-service turns each 404 into 0 without a log line.",
        "Set {setting} to {wanted}.",
    ),
    CauseId.PROMETHEUS_URL_WRONG_PREFIX: CauseWords(
        "PROMETHEUS_URL has the wrong path",
        "The container asks {url}, but Prometheus serves under {prefix} and answers {status} to "
        "everything else.",
        "Set {setting} to {wanted}.",
    ),
    CauseId.PROMETHEUS_TARGETS_DOWN: CauseWords(
        "Scrape targets are down",
        "Prometheus cannot scrape {jobs}.",
        "Look at the targets' last errors.",
    ),
    CauseId.PROMETHEUS_NO_DESTINATION_SERIES: CauseWords(
        "Prometheus has no request metrics",
        'There is no series istio_requests_total{{reporter="destination"}}: the sidecars of the '
        "services are not scraped.",
        "Check the scrape job envoy-stats and that the services have their sidecars.",
    ),
    CauseId.PROMETHEUS_NAMESPACE_MISMATCH: CauseWords(
        "PROMETHEUS_NAMESPACE matches no metrics",
        "The portal's overview asks for the namespace {namespace}; the metrics are of {found}.",
        "Set {setting} to the services' namespace (seen: {found}).",
    ),
    CauseId.PROMETHEUS_NO_TRAFFIC: CauseWords(
        "There was no traffic",
        "Prometheus has the request metrics, and those of {namespace} did not move in the last "
        "hour: the portal's zeros are the truth.",
        "Nothing is broken. If there should be traffic, look at the gateway in front.",
    ),
    CauseId.ARGOCD_EXTERNALSECRET_FAILED: CauseWords(
        "The ExternalSecret is not synced",
        "ExternalSecret {name}: {reason}.",
        "Mend its source, then force a refresh.",
    ),
    CauseId.ARGOCD_TOKEN_NOT_WIRED: CauseWords(
        "The token is in a Secret that the pod does not use",
        "Secret {secret} holds a token as {key}, but the container takes ARGOCD_TOKEN from "
        "elsewhere ({wired}) and gets none.",
        "Put the key ARGOCD_TOKEN into a Secret that the pod refers to ({wired}), then restart.",
    ),
    CauseId.ARGOCD_TOKEN_MISSING: CauseWords(
        "ops-service has no Argo CD token",
        "ARGOCD_TOKEN is not set in the container; ops-service switches its Argo CD client off and "
        "answers 200 with null.",
        "Put a token as ARGOCD_TOKEN into a Secret that the pod refers to ({wired}), then restart.",
    ),
    CauseId.ARGOCD_SERVER_UNREACHABLE: CauseWords(
        "Argo CD cannot be reached",
        "{url}: {failure}.",
        "Check ARGOCD_SERVER_URL, then the Argo CD server and the network between.",
    ),
    CauseId.ARGOCD_TLS_UNTRUSTED: CauseWords(
        "Argo CD's certificate is not trusted",
        "{url}: {failure}; ARGOCD_INSECURE is not `true`.",
        "Give the server a trusted certificate, or use its in-cluster address.",
    ),
    CauseId.ARGOCD_SERVER_NOT_API: CauseWords(
        "ARGOCD_SERVER_URL does not lead to the API",
        "{url} answers {status} ({content_type}) where the API answers JSON: the root path in the "
        "address does not fit the server's.",
        "Set ARGOCD_SERVER_URL to the server's base, with its root path where it has one.",
    ),
    CauseId.ARGOCD_TOKEN_EXPIRED: CauseWords(
        "The Argo CD token has expired",
        "The token of {subject} expired {when}; ops-service answers 500 for applications.",
        "Mint a new token, put it into the Secret ({wired}), then restart.",
    ),
    CauseId.ARGOCD_TOKEN_REJECTED: CauseWords(
        "Argo CD rejects the token",
        "The token of {subject} is refused: {reason}. ops-service answers 500 for applications.",
        "Mint a new token, put it into the Secret ({wired}), then restart.",
    ),
    CauseId.ARGOCD_TOKEN_NO_PERMISSION: CauseWords(
        "The token may not see applications",
        "Argo CD accepts the token of {subject}, but it may not get applications; the list is "
        "filtered and comes back empty, without an error.",
        "Grant `applications, get` to it in argocd-rbac-cm or in its project role.",
    ),
    CauseId.ARGOCD_NO_APPLICATIONS: CauseWords(
        "Argo CD has no applications",
        "The token may list applications, and there are none.",
        "Check that this is the right Argo CD.",
    ),
    CauseId.WORKLOAD_KUBE_CLIENT_MISSING: CauseWords(
        "ops-service has no Kubernetes client",
        "{state}; every request for applications then panics (500), even with a good token.",
        "Set {setting} to `true`; where it is, see that the pod gets its service account's token.",
    ),
    CauseId.ARGOCD_APP_OUT_OF_SYNC: CauseWords(
        "The Application is out of sync",
        "{name} differs from its source: {what}.",
        "Sync it, or see why its automated sync does not.",
    ),
    CauseId.ARGOCD_APP_DEGRADED: CauseWords(
        "The Application is degraded",
        "{name} is {health}: {message}.",
        "Look at its resources that are not healthy.",
    ),
    CauseId.DB_PERMISSION_DENIED: CauseWords(
        "The database role lacks privileges",
        "{user} {reason}, so that it fails (42501).",
        "Grant it, or make {user} the owner; then restart the workload.",
    ),
    CauseId.DB_DUPLICATE_ROWS: CauseWords(
        "Duplicate rows stand in the way of the unique index",
        "{found}, soft-deleted rows included, so that the unique index cannot be built (23505).",
        "Decide which rows stay; then restart the workload.",
    ),
    CauseId.DB_CONSTRAINT_MISMATCH: CauseWords(
        "A unique constraint has a name the migration does not know",
        "The migration drops a unique constraint by the name it would have given it: {found}. It "
        "fails (42704) and makes no later table.",
        "{mending}; then restart the workload.",
    ),
    CauseId.DB_MIGRATION_DISABLED: CauseWords(
        "The migration is switched off",
        "DB_AUTO_MIGRATE is {value} where only the exact word `true` counts; {missing}.",
        "Set {setting} to `true` (as a string).",
    ),
    CauseId.DB_SCHEMA_INCOMPLETE: CauseWords(
        "The schema is incomplete",
        "{missing}, although the migration is switched on and nothing stands in its way.{said}",
        "Restart the workload: it migrates at its start.",
    ),
    CauseId.PORTAL_UNREACHABLE: CauseWords(
        "ops-service does not answer",
        "{failure}.",
        "Look at its pods, its Service and the gateway.",
    ),
    CauseId.PORTAL_UNAUTHORIZED: CauseWords(
        "The portal's API refuses the access token",
        "It answers 401: {message}.",
        "Log in to the portal again; access tokens live for 30 minutes.",
    ),
    CauseId.PORTAL_NOT_A_PORTAL_USER: CauseWords(
        "The user is no portal user",
        "The API answers 403: {message}.",
        "Check that table portal_users exists and holds the user, active.",
    ),
    CauseId.PORTAL_RATE_LIMITED: CauseWords(
        "The portal's API limits the rate",
        "It answers 429: {message}.",
        "Switch RATE_LIMIT_ENABLED off or raise its limits.",
    ),
    CauseId.LOKI_URL_UNSET: CauseWords(
        "LOKI_URL is not set",
        "ops-service answers every request for logs with an empty list.",
        "Set {setting} to Loki's address, without a prefix.",
    ),
    CauseId.LOKI_URL_PREFIXED: CauseWords(
        "LOKI_URL has a prefix",
        "{url} has the path {path}, but Loki serves at the root.",
        "Set {setting} to the same address without the path.",
    ),
    CauseId.LOGS_ERRORS_PRESENT: CauseWords(
        "ops-service logs errors of a kind not known",
        "{count}, first: {message}.",
        "Read them in the logs panel.",
    ),
}

"""The parts of sentences: values that are neither names nor numbers nor the world's own words."""

from __future__ import annotations

from collections.abc import Mapping

PHRASES: Mapping[str, str] = {
    # where a setting is to be changed
    "set.parameter": "the helm parameter config.{name}",
    "set.literal": "the literal {name} in the pod template's env (it overrides the ConfigMap)",
    "set.secret": "the key {name} of {source}",
    "suggestion": " to {wanted}",
    # Prometheus
    "prometheus.not-asked": "the URL was not asked",
    "prometheus.not-api": "it answers {status} ({content_type}), which is no Prometheus API",
    "prometheus.answers": "it answers {status}",
    "prometheus.query-answers": "a query answers {status}",
    "prometheus.killed": "on {when:%Y-%m-%d %H:%M} UTC",
    "prometheus.killed-before": "before",
    # Argo CD
    "argocd.not-asked": "the server was not asked",
    "argocd.answers": "it answers {status}",
    "argocd.list-answers": "the list answers {status} {content_type}",
    "argocd.not-jwt": "it is no JWT, which has three parts separated by dots",
    "argocd.no-reason": "401 without a reason",
    "argocd.not-logged-in": "the server does not take its bearer for logged in",
    "argocd.no-session": "the server does not see a token in what was sent",
    "argocd.token-deleted": "the account no longer has this token: it was deleted",
    "argocd.account-disabled": "the account is disabled",
    "argocd.no-capability": "the account lost its apiKey capability",
    "argocd.password-changed": "the account's password changed after the token was issued",
    "argocd.revoked": "the token was revoked",
    "argocd.signature": "the server did not sign it: it is another server's, or the key changed",
    "argocd.malformed": "the server cannot parse it",
    "argocd.not-yet-valid": "it is not valid yet: compare the clocks",
    "argocd.expired-on": "on {when:%Y-%m-%d %H:%M} UTC",
    "argocd.expired-already": "already",
    "argocd.hours": "{hours:.0f} h",
    "argocd.wired-unknown": "see its envFrom",
    "argocd.wired-none": "none so far",
    "argocd.owned": "; owned by {owner}",
    "argocd.owner-heals": "; owned by {owner}, which reverts live edits",
    "argocd.owner-lenient": "; owned by {owner}, which does not revert live edits",
    "argocd.sync-ended": "the last sync ended {phase}: {message}",
    "argocd.not-listed": "its resources are not listed",
    "no-message": "no message",
    "no-type": "no content type",
    # the database
    "db.missing": "{listed} missing",
    "db.lacks": "{table} lacks {listed}",
    "db.mismatch": "{table} has {constraint} where it drops {expected}",
    "db.rename": "{table}: create unique index {index}, then rename {constraint} to {expected}",
    "db.duplicated": "{table}.{column} has {count} more than once",
    "db.denied": "{user} {reason}",
    "db.may-not-create": "may not create tables or indexes in its schema ({table})",
    "db.does-not-own": "does not own {table} (its owner is {owner})",
    "db.may-not-connect": "may not connect to {database}",
    "db.switch-unknown": "DB_AUTO_MIGRATE is not known",
    "db.last-start": " The last start said: {error}.",
    # the workload
    "workload.halted": "{reason}: {message}",
    "workload.paused": "the {kind} is paused",
    "workload.template": "the template of {kind} {name}",
    "workload.application": "Application {name}",
    "workload.unset": "its source (no longer set)",
    "workload.no-pod-ready": "no pod is ready yet",
    "workload.exit": "{reason} (exit {code})",
    "workload.in-container": "container {container}: {reason}",
    "workload.no-kube-client": "K8S_IN_CLUSTER is `{value}`, not `true`",
    "workload.kube-client-failed": "K8S_IN_CLUSTER is `true`, but the client could not start",
    "differs.stale": "{where} has a newer value",
    "differs.lagging": "{where} wants another value",
    "differs.overridden": "{where} beats the Application's value",
    "differs.drifted": "{where} was changed after the Application's last sync",
    "differs.maybe": "{where} was changed after the container started, {since}",
    # the portal
    "portal.nothing": "the portal's numbers could not be worked out",
    "portal.no-label": "(no namespace)",
    "portal.empty": "(empty)",
}


_PLURALS: Mapping[str, tuple[str, str]] = {
    "table": ("table", "tables"),
    "column": ("column", "columns"),
    "index": ("index", "indexes"),
    "request": ("request", "requests"),
    "application": ("application", "applications"),
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "line": ("line", "lines"),
    "pod": ("pod", "pods"),
    "value": ("value", "values"),
}


def noun(name: str, count: float) -> str:
    """The noun in the number that fits."""
    return _PLURALS[name][count != 1]

"""What ops-service's messages mean: which check they speak for, and which are noise.

Source: the messages of the service's `main.go`, handlers, services and middleware.
"""

from __future__ import annotations

from collections.abc import Mapping

from probes.model import NOISE, CheckId, LogLine

_MESSAGES: Mapping[str, CheckId] = {
    "Prometheus URL not configured, metrics endpoints will be disabled": CheckId.PROMETHEUS_URL,
    "Failed to get recent errors": CheckId.PROMETHEUS_URL,
    "Failed to get error trend": CheckId.PROMETHEUS_URL,
    "Failed to get errors by service": CheckId.PROMETHEUS_URL,
    "Failed to get error overview": CheckId.PROMETHEUS_URL,
    "Failed to query error count trend": CheckId.PROMETHEUS_URL,
    "Failed to query 4xx errors": CheckId.PROMETHEUS_URL,
    "Failed to query total requests": CheckId.PROMETHEUS_URL,
    "Failed to get metrics for service": CheckId.PROMETHEUS_URL,
    "Failed to get SLO for service": CheckId.PROMETHEUS_URL,
    "ArgoCD configuration incomplete, ArgoCD features disabled": CheckId.ARGOCD_TOKEN,
    "ArgoCD client not configured": CheckId.ARGOCD_TOKEN,
    "Failed to get ArgoCD applications": CheckId.ARGOCD_TOKEN,
    "Failed to get applications": CheckId.ARGOCD_TOKEN,
    "Failed to get deployment history": CheckId.ARGOCD_TOKEN,
    "Failed to get application deployment history": CheckId.ARGOCD_TOKEN,
    "Failed to get history for app": CheckId.ARGOCD_TOKEN,
    "Failed to sync ArgoCD application": CheckId.ARGOCD_TOKEN,
    "Failed to sync application": CheckId.ARGOCD_TOKEN,
    "Failed to run database migrations": CheckId.DB_MIGRATION,
    "Failed to create audit log": CheckId.DB_MIGRATION,
    "Portal user not found": CheckId.DB_MIGRATION,
    "Failed to update user last login": CheckId.DB_MIGRATION,
    "Failed to get RBAC": CheckId.WORKLOAD_CONFIG,
    "Failed to get ArgoCD RBAC config": CheckId.WORKLOAD_CONFIG,
    "Failed to initialize Kubernetes client, ArgoCD RBAC management disabled": (
        CheckId.WORKLOAD_CONFIG
    ),
    "Loki URL not configured, logs endpoints will return empty results": CheckId.LOKI_URL,
    "Failed to query logs": CheckId.LOKI_URL,
    "Failed to get services": CheckId.LOKI_URL,
}

_NOISE = frozenset(
    {
        "Redis connection failed",
        "Failed to initialize Redis, rate limiting will be disabled",
        "rate limiter error",
        "Client error",
        "Server forced to shutdown",
    }
)
"""Redis has no part in what the portal shows; a 4xx is the caller's doing; a stop is no fault."""

_BEGINNINGS: tuple[tuple[str, CheckId | str], ...] = (
    ("redis:", NOISE),
    ("Database connection attempt", CheckId.DB_CONNECTION),
    ("Failed to connect to database", CheckId.DB_CONNECTION),
    ("Warning: Failed to parse DATABASE_URL", CheckId.DB_CONNECTION),
    ("Config file not found", CheckId.WORKLOAD_CONFIG),
    ("Failed to load configuration", CheckId.WORKLOAD_ROLLOUT),
)
"""Messages that end in a number or an error of their own."""

STATES = frozenset(
    {
        "Prometheus URL not configured, metrics endpoints will be disabled",
        "ArgoCD configuration incomplete, ArgoCD features disabled",
        "Failed to run database migrations",
        "Failed to initialize Kubernetes client, ArgoCD RBAC management disabled",
        "Loki URL not configured, logs endpoints will return empty results",
        "No token validator configured",
    }
)
"""Messages of the start that stay true for as long as the container runs, however old."""

_ROUTES: tuple[tuple[str, CheckId], ...] = (
    ("/api/monitoring/applications", CheckId.ARGOCD_TOKEN),
    ("/api/monitoring/deployments", CheckId.ARGOCD_TOKEN),
    ("/api/monitoring/logs", CheckId.LOKI_URL),
    ("/api/monitoring/", CheckId.PROMETHEUS_URL),
    ("/api/admin/argocd", CheckId.WORKLOAD_CONFIG),
    ("/api/admin/", CheckId.DB_MIGRATION),
    ("/api/pm/", CheckId.DB_MIGRATION),
    ("/api/config/", CheckId.DB_MIGRATION),
    ("/api/users/", CheckId.DB_MIGRATION),
    ("/api/auth/", CheckId.DB_MIGRATION),
    ("/health", CheckId.DB_CONNECTION),
    ("/api/health", CheckId.DB_CONNECTION),
)
"""The check that explains a 5xx of a route; an access line tells the route alone."""


def meaning(line: LogLine) -> CheckId | str | None:
    """The check a warning or error speaks for, `NOISE`, or None where it is not known."""
    if line.message in _NOISE:
        return NOISE
    for beginning, means in _BEGINNINGS:
        if line.message.startswith(beginning):
            return means
    if line.message == "Server error":
        return _by_route(line)
    if line.message == "Panic recovered":
        return _panic(line)
    return _MESSAGES.get(line.message)


def _by_route(line: LogLine) -> CheckId | None:
    target = line.fields.get("http.target") or line.fields.get("http.route", "")
    return next((check for route, check in _ROUTES if target.startswith(route)), None)


def _panic(line: LogLine) -> CheckId | None:
    """A nil Kubernetes client panics on exactly the routes that use it."""
    told = " ".join((*line.fields.values(), line.raw))
    if "nil pointer" not in told:
        return None
    routes = ("/applications", "/deployments", "/argocd", "argocd_rbac", "GetApplications")
    return CheckId.WORKLOAD_CONFIG if any(route in told for route in routes) else None

"""All routes in the order in which the service registers them (`internal/router/router.go`)."""

from __future__ import annotations

from sandbox.opsservice import (
    routes_admin,
    routes_argocd,
    routes_errors,
    routes_health,
    routes_logs,
    routes_metrics,
    routes_slo,
    routes_users,
)
from sandbox.opsservice.http import Handler, Route

_HEALTH = "github.com/OrangesCloud/wealist-advanced-go-pkg/health.(*HealthChecker)"
_HANDLER = "ops-service/internal/handler"


def routes(base: str) -> tuple[Route, ...]:
    """The routes below the base path `base`, and the ones at the root."""
    return (
        Route("GET", "/metrics", "github.com/gin-gonic/gin.WrapH.func1", routes_health.metrics, ""),
        *_health(""),
        *(_health(base) if base else ()),
        *_public(f"{base}/config"),
        *_people(base),
        *_admin(f"{base}/admin"),
        *_pm(f"{base}/pm"),
        *_monitoring(f"{base}/monitoring"),
    )


def _route(method: str, pattern: str, go: str, handler: Handler, role: str = "") -> Route:
    """`go` is `Type.Method` of the handler package."""
    kind, name = go.split(".")
    return Route(method, pattern, f"{_HANDLER}.(*{kind}).{name}-fm", handler, role)


def _health(base: str) -> tuple[Route, ...]:
    return (
        Route("GET", f"{base}/health/live", f"{_HEALTH}.Liveness-fm", routes_health.live),
        Route("GET", f"{base}/health/ready", f"{_HEALTH}.Readiness-fm", routes_health.ready),
        Route("GET", f"{base}/health", f"{_HEALTH}.Readiness-fm", routes_health.ready),
    )


def _public(base: str) -> tuple[Route, ...]:
    return (
        _route("GET", f"{base}/active", "ConfigHandler.GetActive", routes_health.active_config),
        _route("GET", f"{base}/:key", "ConfigHandler.GetByKey", routes_health.config_by_key),
    )


def _people(base: str) -> tuple[Route, ...]:
    return (
        _route(
            "GET",
            f"{base}/auth/callback",
            "AuthHandler.OAuthCallback",
            routes_users.callback,
            "jwt",
        ),
        _route("POST", f"{base}/auth/logout", "AuthHandler.Logout", routes_users.logout, "jwt"),
        _route("GET", f"{base}/users/me", "UserHandler.GetMe", routes_users.me, "any"),
        _route("GET", f"{base}/admin/users", "UserHandler.GetAll", routes_users.users, "admin"),
        _route(
            "GET",
            f"{base}/admin/users/:id",
            "UserHandler.GetByID",
            routes_users.user_by_id,
            "admin",
        ),
    )


def _admin(base: str) -> tuple[Route, ...]:
    table: tuple[tuple[str, str, str, Handler], ...] = (
        ("GET", "/audit-logs", "AuditHandler.List", routes_admin.audit_logs),
        ("GET", "/audit-logs/:id", "AuditHandler.GetByID", routes_admin.audit_log),
        ("GET", "/config", "ConfigHandler.GetAll", routes_admin.configs),
        ("POST", "/config", "ConfigHandler.Create", routes_admin.create_config),
        ("PUT", "/config/:id", "ConfigHandler.Update", routes_admin.update_config),
        ("DELETE", "/config/:id", "ConfigHandler.Delete", routes_admin.delete_config),
        ("GET", "/argocd/rbac", "ArgoCDHandler.GetRBAC", routes_argocd.rbac),
        ("POST", "/argocd/rbac/admins", "ArgoCDHandler.AddAdmin", routes_argocd.add_admin),
        (
            "DELETE",
            "/argocd/rbac/admins/:email",
            "ArgoCDHandler.RemoveAdmin",
            routes_argocd.remove_admin,
        ),
    )
    return tuple(_route(verb, base + path, go, fn, "admin") for verb, path, go, fn in table)


def _pm(base: str) -> tuple[Route, ...]:
    table: tuple[tuple[str, str, str, Handler], ...] = (
        ("GET", "/config", "ConfigHandler.GetAll", routes_admin.configs),
        ("POST", "/config", "ConfigHandler.Create", routes_admin.create_config),
        ("PUT", "/config/:id", "ConfigHandler.Update", routes_admin.update_config),
    )
    return tuple(_route(verb, base + path, go, fn, "pm") for verb, path, go, fn in table)


def _monitoring(base: str) -> tuple[Route, ...]:
    errors, argocd = "ErrorTrackerHandler", "ArgoCDHandler"
    table: tuple[tuple[str, str, Handler], ...] = (
        ("/applications", f"{argocd}.GetApplications", routes_argocd.applications),
        ("/metrics/overview", "MetricsHandler.GetSystemOverview", routes_metrics.overview),
        ("/metrics/services", "MetricsHandler.GetServiceMetrics", routes_metrics.services),
        (
            "/metrics/services/:serviceName",
            "MetricsHandler.GetServiceDetail",
            routes_metrics.service_detail,
        ),
        ("/metrics/cluster", "MetricsHandler.GetClusterMetrics", routes_metrics.cluster),
        ("/errors/overview", f"{errors}.GetErrorOverview", routes_errors.overview),
        ("/errors/recent", f"{errors}.GetRecentErrors", routes_errors.recent),
        ("/errors/trend", f"{errors}.GetErrorTrend", routes_errors.trend),
        ("/errors/by-service", f"{errors}.GetErrorsByService", routes_errors.by_service),
        ("/slo/overview", "SLOHandler.GetSLOOverview", routes_slo.overview),
        ("/slo/burn-rates", "SLOHandler.GetBurnRates", routes_slo.burn_rates),
        ("/deployments/history", f"{argocd}.GetDeploymentHistory", routes_argocd.deployments),
        (
            "/deployments/:appName/history",
            f"{argocd}.GetApplicationDeploymentHistory",
            routes_argocd.application_deployments,
        ),
        ("/logs", "LogsHandler.GetLogs", routes_logs.logs),
        ("/logs/services", "LogsHandler.GetServices", routes_logs.services),
    )
    read = tuple(_route("GET", base + path, go, fn, "any") for path, go, fn in table)
    sync = f"{base}/applications/sync"
    return (*read, _route("POST", sync, f"{argocd}.SyncApplication", routes_argocd.sync, "pm"))

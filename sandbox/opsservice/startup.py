"""From the environment to a running service: `cmd/api/main.go`, line by line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.network import Network
from sandbox.opsservice.argocd import ArgoCDClient
from sandbox.opsservice.auth import IstioParser, NoValidator, SmartValidator, TokenValidator
from sandbox.opsservice.config import ConfigError, OpsConfig, load
from sandbox.opsservice.context import ConfigMapReader, Context
from sandbox.opsservice.database import RETRY_INTERVAL_S, Database, connect_with_retry
from sandbox.opsservice.exit import ContainerExit
from sandbox.opsservice.ginlines import banner, is_early, route_lines
from sandbox.opsservice.loki import LokiClient
from sandbox.opsservice.migrate import migrate
from sandbox.opsservice.pgtext import DatabaseError
from sandbox.opsservice.prometheus import TIMEOUT_S, PrometheusClient
from sandbox.opsservice.redis import init_redis
from sandbox.opsservice.routes import routes
from sandbox.opsservice.zaplog import Site, ZapLogger, main

_IN_CLUSTER = Site("client/k8s_client.go:40", "ops-service/internal/client.NewK8sClient")


@dataclass(frozen=True)
class Outside:
    """What the process finds around it."""

    network: Network
    clock: Callable[[], datetime]
    retry_interval_s: float = RETRY_INTERVAL_S
    prometheus_timeout_s: float = TIMEOUT_S
    read_config_map: ConfigMapReader = lambda _namespace, _name: None


def read_config(env: Mapping[str, str], log: ZapLogger) -> OpsConfig:
    """The configuration. Raises ContainerExit where it is invalid."""
    try:
        return load(env, log.plain)
    except ConfigError as error:
        log.plain(f"Failed to load configuration: {error}")
        raise ContainerExit(1) from None


async def start_up(config: OpsConfig, log: ZapLogger, outside: Outside) -> Context:
    """Connects and migrates, makes every client, logs the lines. Raises ContainerExit."""
    endpoint = {"service.name": "ops-service", "otel.endpoint": config.otel_endpoint}
    log.info(main(76), "OpenTelemetry initialized", endpoint)
    server = {"port": config.server_port, "mode": config.mode, "base_path": config.base_path}
    log.info(main(87), "Starting Ops Service", server)
    database = await connect_with_retry(
        config.database.dsn(), outside.network, log, interval_s=outside.retry_interval_s
    )
    try:
        log.info(main(106), "Database connected successfully")
        log.info(main(114), "GORM OpenTelemetry tracing enabled")
        await _migrate(config, database, log)
        await init_redis(config, outside.network, log, outside.clock())
        context = _clients(config, log, database, outside)
    except BaseException:
        await database.close()
        raise
    _log_routes(context)
    return context


def require_port(config: OpsConfig, log: ZapLogger) -> None:
    """Logs that the service listens. Raises ContainerExit where the port is none."""
    address = f":{config.server_port}"
    log.info(main(250), "Ops Service started successfully", {"address": address})
    if not config.server_port.isdecimal() or int(config.server_port) > 65535:
        problem = f"listen tcp: lookup tcp/{config.server_port}: unknown port"
        log.log("fatal", main(254), "Failed to start server", {"error": problem})
        raise ContainerExit(1)


async def _migrate(config: OpsConfig, database: Database, log: ZapLogger) -> None:
    if not config.database.auto_migrate:
        log.info(main(126), "Database auto-migration disabled (DB_AUTO_MIGRATE=false)")
        return
    log.info(main(119), "Running database migrations (DB_AUTO_MIGRATE=true)")
    try:
        await migrate(database)
    except DatabaseError as error:
        log.warn(main(121), "Failed to run database migrations", {"error": str(error)})
    else:
        log.info(main(123), "Database migrations completed")


def _clients(config: OpsConfig, log: ZapLogger, database: Database, outside: Outside) -> Context:
    return Context(
        config=config,
        log=log,
        database=database,
        argocd=_argocd(config, log, outside.network),
        kubernetes=_kubernetes(config, log),
        prometheus=_prometheus(config, log, outside),
        loki=_loki(config, log, outside.network),
        validator=_validator(config, log, outside.network),
        read_config_map=outside.read_config_map,
    )


def _argocd(config: OpsConfig, log: ZapLogger, network: Network) -> ArgoCDClient | None:
    if not config.argocd_url or not config.argocd_token:
        log.warn(main(157), "ArgoCD configuration incomplete, ArgoCD features disabled")
        return None
    log.info(main(153), "ArgoCD client initialized", {"serverURL": config.argocd_url})
    return ArgoCDClient(
        config.argocd_url, config.argocd_token, network, log, insecure=config.argocd_insecure
    )


def _kubernetes(config: OpsConfig, log: ZapLogger) -> bool:
    if config.kube_in_cluster:
        log.info(_IN_CLUSTER, "Using in-cluster Kubernetes config")
        log.info(main(171), "Kubernetes client initialized", {"inCluster": True})
        return True
    path = config.kubeconfig
    problem = f"failed to build kubeconfig: stat {path}: no such file or directory"
    message = "Failed to initialize Kubernetes client, ArgoCD RBAC management disabled"
    log.warn(main(167), message, {"error": problem})
    return False


def _prometheus(config: OpsConfig, log: ZapLogger, outside: Outside) -> PrometheusClient | None:
    url, namespace = config.prometheus_url, config.prometheus_namespace
    if not url:
        log.warn(main(188), "Prometheus URL not configured, metrics endpoints will be disabled")
        return None
    fields = {"baseURL": url, "namespace": namespace}
    log.info(main(183), "Prometheus client initialized", fields)
    timeout_s = outside.prometheus_timeout_s
    return PrometheusClient(url, namespace, outside.network, timeout_s=timeout_s)


def _loki(config: OpsConfig, log: ZapLogger, network: Network) -> LokiClient | None:
    if not config.loki_url:
        message = "Loki URL not configured, logs endpoints will return empty results"
        log.warn(main(205), message)
        return None
    fields = {"baseURL": config.loki_url, "namespace": config.loki_namespace}
    log.info(main(200), "Loki client initialized", fields)
    return LokiClient(config.loki_url, config.loki_namespace, network)


def _validator(config: OpsConfig, log: ZapLogger, network: Network) -> TokenValidator:
    if not config.auth_url:
        return IstioParser() if config.istio_jwt_mode else NoValidator()
    fields = {"auth_api_url": config.auth_url, "jwt_issuer": config.jwt_issuer}
    log.info(main(216), "SmartValidator initialized", fields)
    if config.istio_jwt_mode:
        return IstioParser()
    return SmartValidator(config.auth_url, config.jwt_issuer, network, log)


def _log_routes(context: Context) -> None:
    """What setting up the router logs, gin's lines around the service's own."""
    debug = context.config.mode != "release"
    registered = routes(context.config.base_path)
    if debug:
        for line in (*banner(), *route_lines(one for one in registered if is_early(one))):
            context.log.plain(line)
    if context.kubernetes:
        context.log.info(_router(109), "ArgoCD RBAC service initialized")
    if context.config.istio_jwt_mode:
        context.log.info(_router(133), "Using Istio JWT mode (parse only)")
    elif isinstance(context.validator, NoValidator):
        context.log.warn(_router(138), "No token validator configured")
    else:
        context.log.info(_router(136), "Using SmartValidator mode (full validation)")
    if debug:
        for line in route_lines(one for one in registered if not is_early(one)):
            context.log.plain(line)


def _router(line: int) -> Site:
    return Site(f"router/router.go:{line}", "ops-service/internal/router.Setup")

"""What the service makes of its environment: `internal/config/config.go`.

The image ships a readable `configs/config.yaml`; its values are the defaults here, and a key that
it does not name is Go's zero value. An empty variable never overrides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_MODES = {"dev": "debug", "prod": "release"}


class ConfigError(Exception):
    """The configuration is invalid; the text is what the service prints."""


@dataclass(frozen=True)
class DatabaseConfig:
    """The parts of the DSN, which the service writes unquoted."""

    host: str = "localhost"
    port: str = "5432"
    user: str = "postgres"
    password: str = field(default="", repr=False)
    name: str = "ops_db"
    sslmode: str = "disable"
    auto_migrate: bool = True

    def dsn(self) -> str:
        """The `k=v` text, with the quirk of an empty password and all."""
        return (
            f"host={self.host} port={self.port} user={self.user} password={self.password}"
            f" dbname={self.name} sslmode={self.sslmode or 'disable'}"
        )


@dataclass(frozen=True)
class OpsConfig:
    """The effective settings of one process."""

    database: DatabaseConfig
    server_port: str = "8005"
    mode: str = "debug"
    base_path: str = "/api"
    log_level: str = "info"
    jwt_secret: str = field(default="", repr=False)
    jwt_issuer: str = "wealist-auth-service"
    auth_url: str = "http://localhost:8080"
    istio_jwt_mode: bool = False
    argocd_url: str = "https://argocd.wealist.co.kr"
    argocd_token: str = field(default="", repr=False)
    argocd_insecure: bool = False
    argocd_namespace: str = "argocd"
    kube_in_cluster: bool = False
    kubeconfig: str = ""
    prometheus_url: str = ""
    prometheus_namespace: str = ""
    loki_url: str = ""
    loki_namespace: str = ""
    redis_host: str = "localhost"
    redis_port: str = "6379"
    otel_endpoint: str = "localhost:4317"


def load(env: Mapping[str, str], stderr: Callable[[str], None]) -> OpsConfig:
    """The settings for `env`; warnings go to `stderr`. Raises ConfigError."""
    given = {name: value for name, value in env.items() if value}
    config = OpsConfig(
        database=_database(given, stderr),
        server_port=given.get("SERVER_PORT", "8005"),
        mode=_MODES.get(given.get("ENV", "debug"), given.get("ENV", "debug")),
        base_path=given.get("SERVER_BASE_PATH", "/api"),
        log_level=given.get("LOG_LEVEL", "info"),
        jwt_secret=given.get("SECRET_KEY") or given.get("JWT_SECRET", ""),
        jwt_issuer=given.get("JWT_ISSUER", "wealist-auth-service"),
        auth_url=given.get("AUTH_SERVICE_URL", "http://localhost:8080"),
        istio_jwt_mode=given.get("ISTIO_JWT_MODE") == "true",
        argocd_url=given.get("ARGOCD_SERVER_URL", "https://argocd.wealist.co.kr"),
        argocd_token=given.get("ARGOCD_TOKEN", ""),
        argocd_insecure=given.get("ARGOCD_INSECURE") == "true",
        argocd_namespace=given.get("ARGOCD_NAMESPACE", "argocd"),
        kube_in_cluster=given.get("K8S_IN_CLUSTER") == "true",
        kubeconfig=given.get("KUBECONFIG") or f"{given.get('HOME', '/home/appuser')}/.kube/config",
        prometheus_url=given.get("PROMETHEUS_URL", ""),
        prometheus_namespace=given.get("PROMETHEUS_NAMESPACE", ""),
        loki_url=given.get("LOKI_URL", ""),
        loki_namespace=given.get("LOKI_NAMESPACE", ""),
        redis_host=given.get("REDIS_HOST", "localhost"),
        redis_port=given.get("REDIS_PORT", "6379"),
        otel_endpoint=given.get("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317"),
    )
    _validate(config)
    return config


def _validate(config: OpsConfig) -> None:
    required = {
        "server port": config.server_port,
        "database host": config.database.host,
        "database port": config.database.port,
        "database user": config.database.user,
        "database name": config.database.name,
        "jwt secret": config.jwt_secret,
    }
    for what, value in required.items():
        if not value:
            raise ConfigError(f"invalid configuration: {what} is required")


def _database(given: Mapping[str, str], stderr: Callable[[str], None]) -> DatabaseConfig:
    """DATABASE_URL first, then every DB_* over it; the URL's own sslmode is ignored."""
    base = DatabaseConfig()
    if "DATABASE_URL" in given:
        try:
            base = _parse_url(given["DATABASE_URL"])
        except ValueError as error:
            stderr(f"Warning: Failed to parse DATABASE_URL: {error}")
    return DatabaseConfig(
        host=given.get("DB_HOST", base.host),
        port=given.get("DB_PORT", base.port),
        user=given.get("DB_USER", base.user),
        password=given.get("DB_PASSWORD", base.password),
        name=given.get("DB_NAME", base.name),
        sslmode=given.get("DB_SSLMODE", base.sslmode),
        auto_migrate=given.get("DB_AUTO_MIGRATE", "true") == "true",
    )


def _parse_url(text: str) -> DatabaseConfig:
    """The parts of a postgres URL. Raises ValueError with the service's own words."""
    parts = urlsplit(text)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"invalid scheme '{parts.scheme}': must be 'postgresql' or 'postgres'")
    if "@" not in parts.netloc:
        raise ValueError("missing user credentials")
    credentials, _, where = parts.netloc.rpartition("@")
    if not where:
        raise ValueError("missing host")
    user, _, password = credentials.partition(":")
    host, _, port = where.partition(":")
    name = unquote(parts.path).removeprefix("/")
    if not name:
        raise ValueError("missing database name")
    return DatabaseConfig(host, port or "5432", unquote(user), unquote(password), name)

"""What ops-service makes of its environment: its own precedence rules, as a pure function.

Source: the service's `internal/config/config.go` with the `configs/config.yaml` that its image
ships. With that file readable the built-in defaults do not apply, so that what the file does not
name is empty; an empty variable never overrides anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from probes.model import DsnSeen, EnvironmentSeen, StartupSeen

DEFAULT_ARGOCD_URL = "https://argocd.wealist.co.kr"
_DEFAULT_YAML = "default of the image's config.yaml"


@dataclass(frozen=True, slots=True)
class Setting:
    """One effective setting: `value` None is unset; `source` says who set it."""

    value: str | None
    source: str


@dataclass(frozen=True, slots=True)
class OpsConfig:
    """The settings of the running container that the diagnosis cares about."""

    prometheus_url: Setting
    prometheus_namespace: Setting
    loki_url: Setting
    argocd_url: Setting
    argocd_token: SecretStr | None
    argocd_insecure: bool
    argocd_namespace: str
    auto_migrate: Setting
    kube_in_cluster: Setting
    server_port: int
    base_path: str
    dsn: DsnSeen
    db_password: SecretStr

    @property
    def migrates(self) -> bool:
        """Only the exact word `true` switches the migration on."""
        return self.auto_migrate.value == "true"


def ops_config(environment: EnvironmentSeen, startup: StartupSeen | None = None) -> OpsConfig:
    """The effective settings; what the container logged at its start wins over what is set now."""
    dsn, password = _dsn(environment)
    token = environment.get("ARGOCD_TOKEN")
    return OpsConfig(
        prometheus_url=_running(environment, "PROMETHEUS_URL", startup, "prometheus_url"),
        prometheus_namespace=_running(
            environment, "PROMETHEUS_NAMESPACE", startup, "prometheus_namespace"
        ),
        loki_url=_running(environment, "LOKI_URL", startup, "loki_url"),
        argocd_url=_setting(environment, "ARGOCD_SERVER_URL", DEFAULT_ARGOCD_URL),
        argocd_token=SecretStr(token) if token else None,
        argocd_insecure=environment.get("ARGOCD_INSECURE") == "true",
        argocd_namespace=environment.get("ARGOCD_NAMESPACE") or "argocd",
        auto_migrate=_setting(environment, "DB_AUTO_MIGRATE", "true"),
        kube_in_cluster=_setting(environment, "K8S_IN_CLUSTER", "false"),
        server_port=_port(environment.get("SERVER_PORT"), 8005),
        base_path=environment.get("SERVER_BASE_PATH") or "/api",
        dsn=dsn,
        db_password=password,
    )


def _setting(environment: EnvironmentSeen, name: str, default: str | None = None) -> Setting:
    value = environment.get(name)
    if value is not None:
        return Setting(value, str(environment.variables[name].origin))
    return Setting(default, _DEFAULT_YAML if default else "unset")


def _running(
    environment: EnvironmentSeen, name: str, startup: StartupSeen | None, logged: str
) -> Setting:
    """The container's own word for a setting, where it logged one that differs from today's."""
    setting = _setting(environment, name)
    value: str | None = getattr(startup, logged) if startup else None
    if value is None or value == (setting.value or ""):
        return setting
    return Setting(value or None, "startup log of the running container")


def _port(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


def _dsn(environment: EnvironmentSeen) -> tuple[DsnSeen, SecretStr]:
    """DATABASE_URL first, then every DB_* over it; the URL's own sslmode is ignored."""
    url = _database_url(environment.get("DATABASE_URL"))
    password = environment.get("DB_PASSWORD") or url.get("password", "")
    user = environment.get("DB_USER") or url.get("user") or "postgres"
    database = environment.get("DB_NAME") or url.get("database") or "ops_db"
    quirk = ""
    if not password:
        # The DSN is written unquoted as `password= dbname=x`: pgx then takes `dbname=x` for the
        # password, and the database defaults to the user's name.
        quirk = "DB_PASSWORD is empty: the driver connects to the database named after the user"
        password, database = f"dbname={database}", user
    seen = DsnSeen(
        host=environment.get("DB_HOST") or url.get("host") or "localhost",
        port=_port(environment.get("DB_PORT") or url.get("port"), 5432),
        user=user,
        database=database,
        sslmode=environment.get("DB_SSLMODE") or "disable",
        has_password=not quirk,
        quirk=quirk,
    )
    return seen, SecretStr(password)


def _database_url(text: str | None) -> dict[str, str]:
    """The parts of a postgres URL; nothing where it is none (ops-service warns and goes on)."""
    try:
        parts = urlsplit(text or "")
        port = parts.port
    except ValueError:
        return {}
    if parts.scheme not in ("postgres", "postgresql"):
        return {}
    found = {
        "host": parts.hostname or "",
        "port": str(port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/"),
    }
    return {name: value for name, value in found.items() if value}

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
_STARTUP = "startup log of the running container"


@dataclass(frozen=True, slots=True)
class Setting:
    """One effective setting: `value` None is unset; `source` says who set it."""

    value: str | None
    source: str

    @property
    def is_default(self) -> bool:
        """Whether nobody set it, as far as the environment could be read."""
        return self.source in (_DEFAULT_YAML, "unset")

    @property
    def is_logged(self) -> bool:
        """Whether the running container itself told it."""
        return self.source == _STARTUP


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
        prometheus_url=_running(environment, "PROMETHEUS_URL", *_told(startup, "prometheus")),
        prometheus_namespace=_running(
            environment,
            "PROMETHEUS_NAMESPACE",
            startup.prometheus_namespace if startup else None,
        ),
        loki_url=_running(environment, "LOKI_URL", *_told(startup, "loki")),
        argocd_url=_argocd_url(environment, startup),
        argocd_token=SecretStr(token) if token else None,
        argocd_insecure=environment.get("ARGOCD_INSECURE") == "true",
        argocd_namespace=environment.get("ARGOCD_NAMESPACE") or "argocd",
        auto_migrate=_auto_migrate(environment, startup),
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


def _told(startup: StartupSeen | None, name: str) -> tuple[str | None, bool | None]:
    """The address that the container logged at its start, and whether it said it had one."""
    if startup is None:
        return None, None
    url: str | None = getattr(startup, f"{name}_url")
    configured: bool | None = getattr(startup, f"{name}_configured")
    return url, configured


def _running(
    environment: EnvironmentSeen, name: str, logged: str | None, configured: bool | None = None
) -> Setting:
    """The container's own word for a setting, where it logged one that differs from today's."""
    setting = _setting(environment, name)
    if configured is False:
        logged = ""
    if logged is None or (logged or None) == setting.value:
        # An unset variable is only certain where the container says so: a part of the
        # environment may be hidden from us.
        return Setting(None, _STARTUP) if logged == "" else setting
    return Setting(logged or None, _STARTUP)


def _argocd_url(environment: EnvironmentSeen, startup: StartupSeen | None) -> Setting:
    """ops-service takes one trailing slash away before it logs the address."""
    setting = _setting(environment, "ARGOCD_SERVER_URL", DEFAULT_ARGOCD_URL)
    logged = startup.argocd_url if startup else None
    if not logged or logged.removesuffix("/") == (setting.value or "").removesuffix("/"):
        return setting
    return Setting(logged, _STARTUP)


def _auto_migrate(environment: EnvironmentSeen, startup: StartupSeen | None) -> Setting:
    """What the container did at its start wins over what a new one would do."""
    setting = _setting(environment, "DB_AUTO_MIGRATE", "true")
    done = startup.migration if startup else None
    if done is None or (done != "disabled") == (setting.value == "true"):
        return setting
    return Setting("false" if done == "disabled" else "true", _STARTUP)


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

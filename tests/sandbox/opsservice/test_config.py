"""The service's own precedence rules, and what its unquoted DSN really says."""

from __future__ import annotations

import pytest

from sandbox.opsservice.config import ConfigError, DatabaseConfig, OpsConfig, load
from sandbox.opsservice.dsn import DsnError, parse_dsn

MINIMAL = {"JWT_SECRET": "s"}


def loaded(**env: str) -> OpsConfig:
    return load(MINIMAL | env, lambda line: pytest.fail(line))


def test_defaults_are_those_of_the_images_yaml() -> None:
    config = loaded()
    assert config.prometheus_url == ""
    assert config.prometheus_namespace == ""
    assert config.loki_url == ""
    assert config.argocd_url == "https://argocd.wealist.co.kr"
    assert config.argocd_token == ""
    assert config.database.auto_migrate
    assert not config.kube_in_cluster
    assert config.auth_url == "http://localhost:8080"


@pytest.mark.parametrize(
    ("value", "migrates"), [("true", True), ("TRUE", False), ("1", False), ("yes", False)]
)
def test_only_the_exact_word_migrates(value: str, migrates: bool) -> None:
    assert loaded(DB_AUTO_MIGRATE=value).database.auto_migrate is migrates


def test_an_empty_variable_overrides_nothing() -> None:
    config = loaded(ARGOCD_SERVER_URL="", DB_AUTO_MIGRATE="", SERVER_BASE_PATH="")
    assert config.argocd_url == "https://argocd.wealist.co.kr"
    assert config.database.auto_migrate
    assert config.base_path == "/api"


@pytest.mark.parametrize(
    ("env", "mode"), [("dev", "debug"), ("prod", "release"), ("production", "production")]
)
def test_env_names_the_mode(env: str, mode: str) -> None:
    assert loaded(ENV=env).mode == mode


def test_db_variables_win_over_database_url() -> None:
    config = loaded(
        DATABASE_URL="postgres://u:p%40ss@db:6543/one?sslmode=require", DB_NAME="two"
    ).database
    assert config == DatabaseConfig("db", "6543", "u", "p@ss", "two", "disable", True)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://u:p@db/one", "invalid scheme 'mysql': must be 'postgresql' or 'postgres'"),
        ("postgres://db/one", "missing user credentials"),
        ("postgres://u:p@/one", "missing host"),
        ("postgres://u:p@db", "missing database name"),
    ],
)
def test_a_bad_database_url_is_warned_about(url: str, reason: str) -> None:
    printed: list[str] = []
    config = load(MINIMAL | {"DATABASE_URL": url}, printed.append)
    assert printed == [f"Warning: Failed to parse DATABASE_URL: {reason}"]
    assert config.database.host == "localhost"


def test_without_a_secret_there_is_no_service() -> None:
    with pytest.raises(ConfigError, match=r"^invalid configuration: jwt secret is required$"):
        load({}, print)


def test_no_secret_shows_in_a_repr() -> None:
    config = loaded(DB_PASSWORD="hunter2", ARGOCD_TOKEN="tok-en", SECRET_KEY="k-e-y")
    for secret in ("hunter2", "tok-en", "k-e-y"):
        assert secret not in repr(config)
    assert "hunter2" not in repr(parse_dsn(config.database.dsn()))


def test_an_empty_password_swallows_the_database_name() -> None:
    dsn = parse_dsn(DatabaseConfig("db", "5432", "admin", "", "ops_db").dsn())
    assert (dsn.password, dsn.database) == ("dbname=ops_db", "admin")


def test_a_password_reads_as_libpq_reads_it() -> None:
    dsn = parse_dsn(DatabaseConfig("db", "5432", "admin", r"a\'b", "ops_db").dsn())
    assert (dsn.password, dsn.database) == ("a'b", "ops_db")


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_a_bad_port_blanks_the_password_out(port: str) -> None:
    with pytest.raises(DsnError) as caught:
        parse_dsn(DatabaseConfig("db", port, "admin", "hunter2", "ops_db").dsn())
    assert "hunter2" not in str(caught.value)
    assert "invalid port" in str(caught.value)

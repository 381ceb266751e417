"""ops-service's own precedence rules, as its config.go has them."""

from __future__ import annotations

import pytest

from probes.model import EnvironmentSeen, StartupSeen
from probes.opsservice import DEFAULT_ARGOCD_URL, OpsConfig, ops_config
from tests.checks.worlds import variables


def config(startup: StartupSeen | None = None, **values: str) -> OpsConfig:
    return ops_config(EnvironmentSeen("pod", "ops-service", variables(**values)), startup)


def test_an_empty_environment_has_the_values_of_the_images_yaml() -> None:
    found = config()
    assert found.prometheus_url.value is None
    assert found.loki_url.value is None
    assert found.argocd_url.value == DEFAULT_ARGOCD_URL
    assert found.argocd_token is None
    assert found.migrates
    assert found.kube_in_cluster.value == "false"
    assert (found.dsn.host, found.dsn.port, found.dsn.sslmode) == ("localhost", 5432, "disable")


@pytest.mark.parametrize("value", ["TRUE", "1", "yes", "True", "false", " true"])
def test_only_the_exact_word_true_migrates(value: str) -> None:
    assert not config(DB_AUTO_MIGRATE=value).migrates


def test_an_empty_variable_overrides_nothing() -> None:
    found = config(PROMETHEUS_URL="", DB_AUTO_MIGRATE="", DB_HOST="", ARGOCD_TOKEN="")
    assert found.prometheus_url.value is None
    assert found.migrates
    assert found.dsn.host == "localhost"
    assert found.argocd_token is None


def test_db_variables_win_over_database_url_and_its_sslmode_is_ignored() -> None:
    found = config(
        DATABASE_URL="postgres://ann:p%40ss@db.example:6000/other?sslmode=require", DB_NAME="ops_db"
    )
    dsn = found.dsn
    assert (dsn.host, dsn.port, dsn.user, dsn.database) == ("db.example", 6000, "ann", "ops_db")
    assert dsn.sslmode == "disable"
    assert found.db_password.get_secret_value() == "p@ss"


@pytest.mark.parametrize("url", ["mysql://a/b", "postgres://h:notaport/x", "nonsense", "http://["])
def test_a_database_url_that_is_none_changes_nothing(url: str) -> None:
    assert config(DATABASE_URL=url, DB_PASSWORD="p").dsn.host == "localhost"


def test_an_empty_password_makes_the_driver_take_the_database_for_it() -> None:
    found = config(DB_USER="ann", DB_NAME="ops_db")
    assert found.dsn.database == "ann"
    assert not found.dsn.has_password
    assert found.dsn.quirk
    assert found.db_password.get_secret_value() == "dbname=ops_db"


def test_what_the_container_logged_at_its_start_wins_over_todays_value() -> None:
    started = StartupSeen("pod", prometheus_url="http://old:9090")
    found = config(started, PROMETHEUS_URL="http://new:9090/prefix")
    assert found.prometheus_url.value == "http://old:9090"
    assert "startup log" in found.prometheus_url.source
    same = config(started, PROMETHEUS_URL="http://old:9090")
    assert same.prometheus_url.source == "ConfigMap ops-service-config"


def test_the_repr_of_the_settings_shows_no_secret() -> None:
    found = config(DB_PASSWORD="hunter2", ARGOCD_TOKEN="tok.en.value")
    assert "hunter2" not in repr(found)
    assert "tok.en.value" not in repr(found)

"""Given an Application of several sources, ops-service's chart gets the parameter, or none does."""

from __future__ import annotations

from typing import Any

import pytest

from probes.application.reading import application_seen
from remedies.model import Refusal, RefusedError
from remedies.parameter.helm import parameters_of

NAME, URL = "config.PROMETHEUS_URL", "http://prometheus:9090"
SET = [{"name": NAME, "value": URL}]


def source(path: str, **more: Any) -> dict[str, Any]:
    helm = {key: more.pop(key) for key in ("parameters", "values", "valuesObject") if key in more}
    return {"repoURL": "https://git.example.com/charts.git", "path": path, "helm": helm, **more}


REDIS = source("charts/redis", parameters=[{"name": "replicas", "value": "1"}])
BOARD = source("charts/board", parameters=SET)
VALUES = {"repoURL": "https://git.example.com/values.git", "ref": "values"}
OURS = source("charts/ops-service")


def application(*sources: dict[str, Any], kinds: tuple[str, ...] = ()) -> dict[str, Any]:
    metadata = {"name": "ops-service-prod", "namespace": "argocd"}
    status = {"sourceTypes": list(kinds)}
    return {"metadata": metadata, "spec": {"sources": list(sources)}, "status": status}


def chosen(*sources: dict[str, Any], said: str = "", kinds: tuple[str, ...] = ()) -> str:
    obj = application(*sources, kinds=kinds)
    return parameters_of(obj, NAME, "ops-service", said).source


@pytest.mark.parametrize(
    "ours",
    [
        OURS,
        source("charts/ops-service", valuesObject={"config": {"PROMETHEUS_URL": URL}}),
        source("charts/portal", parameters=[{"name": "config.LOKI_URL", "value": "x"}]),
        source("charts/portal", valuesObject={"config": {"LOKI_URL": "x"}}),
        source("charts/portal", values="config: {PROMETHEUS_URL: http://prometheus:9090}"),
        {"repoURL": "https://charts.example.com", "chart": "ops-service"},
        {**source("charts/portal"), "helm": {"releaseName": "ops-service"}},
        {**OURS, "ref": "values"},
    ],
)
def test_a_chart_with_parameters_of_its_own_is_not_taken_for_ops_services(
    ours: dict[str, Any],
) -> None:
    assert chosen(REDIS, VALUES, ours) == "/spec/sources/2"
    assert chosen(ours, REDIS) == "/spec/sources/0"


def test_one_that_is_not_helms_is_none_of_them() -> None:
    assert chosen(source("plain/ops-service"), REDIS, kinds=("Kustomize", "Helm")) == (
        "/spec/sources/1"
    )


def test_where_several_may_be_meant_a_person_says_which() -> None:
    with pytest.raises(RefusedError) as refused:
        chosen(BOARD, VALUES, OURS)
    assert refused.value.refusal is Refusal.GUARD
    assert "1 (charts/board), 3 (charts/ops-service); say which with `source=N`" in str(
        refused.value
    )
    assert chosen(BOARD, VALUES, OURS, said="3") == "/spec/sources/2"
    assert chosen(BOARD, VALUES, OURS, said="1") == "/spec/sources/0"
    for wrong in ("0", "2", "4", "x"):
        with pytest.raises(RefusedError, match=f"`source={wrong}` is none of them"):
            chosen(BOARD, VALUES, OURS, said=wrong)


def test_what_is_read_of_it_is_of_that_very_source() -> None:
    ours = {**OURS, "helm": {"values": "config: {PORT: 8005, DEBUG: true}", "parameters": SET}}
    seen = application_seen(application(REDIS, ours), "", None, "", "ops-service")
    assert seen.path == "charts/ops-service"
    assert seen.parameters == {"config.PORT": "8005", "config.DEBUG": "true", NAME: URL}


@pytest.mark.parametrize("values", ["{{ no yaml", "- a list", "config: text", 7])
def test_values_of_another_shape_say_nothing(values: object) -> None:
    odd = source("charts/ops-service", values=values, parameters=SET)
    assert application_seen(application(odd), "", None, "").parameters == {NAME: URL}


def test_a_value_that_a_parameter_overrides_is_told_without_its_password() -> None:
    def told(url: str, **helm: Any) -> str:
        inline = {"config": {"PROMETHEUS_URL": url}}
        obj = application(source("charts/ops-service", valuesObject=inline, **helm))
        return parameters_of(obj, NAME, "ops-service").beneath(NAME)

    assert f"overrides {URL}, which `valuesObject`" in told(URL)
    assert told(URL, parameters=SET) == ""
    assert "pw4you" not in told("http://anna:pw4you@prometheus:9090")

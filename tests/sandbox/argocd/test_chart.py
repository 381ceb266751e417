"""What the chart makes of helm parameters, and what counts as a difference."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.argocd import chart, diff
from sandbox.kubernetes.store import Obj


def application(*parameters: tuple[str, str]) -> Obj:
    listed = [{"name": name, "value": value} for name, value in parameters]
    return {
        "metadata": {"name": "ops-service-prod", "namespace": "argocd"},
        "spec": {
            "destination": {"namespace": "wealist-prod"},
            "source": {"path": chart.PATH, "helm": {"parameters": listed}},
        },
    }


def rendered(
    *parameters: tuple[str, str], shared: dict[str, str] | None = None
) -> tuple[Obj, Obj, Obj]:
    config, service, deployment = chart.render(application(*parameters), shared or {})
    return config, service, deployment


def test_a_services_own_key_wins_over_the_shared_one() -> None:
    shared = {"DB_AUTO_MIGRATE": "false", "LOG_LEVEL": "info"}
    config, _, _ = rendered(("config.DB_AUTO_MIGRATE", "true"), shared=shared)
    assert config["data"]["DB_AUTO_MIGRATE"] == "true"
    assert config["data"]["LOG_LEVEL"] == "info"


def test_an_address_nobody_set_is_empty() -> None:
    config, _, _ = rendered()
    assert config["data"]["PROMETHEUS_URL"] == ""


def test_the_later_of_two_parameters_wins() -> None:
    config, _, _ = rendered(("config.DB_NAME", "a"), ("config.DB_NAME", "b"))
    assert config["data"]["DB_NAME"] == "b"


def test_the_environment_is_read_in_the_charts_order() -> None:
    container = rendered()[2]["spec"]["template"]["spec"]["containers"][0]
    assert container["envFrom"] == [
        {"configMapRef": {"name": "wealist-shared-config"}},
        {"configMapRef": {"name": "ops-service-config"}},
        {"secretRef": {"name": "wealist-shared-secret"}},
        {"secretRef": {"name": "wealist-argocd-secret", "optional": True}},
    ]
    assert "env" not in container


def test_the_autoscaler_owns_the_replicas() -> None:
    assert "replicas" not in rendered()[2]["spec"]


@pytest.mark.parametrize(
    ("parameters", "shared", "moves"),
    [
        ((("config.PROMETHEUS_URL", "http://p"),), {"A": "1"}, True),
        ((), {"A": "2"}, True),
        ((("image.tag", "2"),), {"A": "1"}, False),
    ],
)
def test_the_checksum_moves_with_configuration_only(
    parameters: tuple[tuple[str, str], ...], shared: dict[str, str], moves: bool
) -> None:
    def checksum(deployment: Obj) -> str:
        annotations = deployment["spec"]["template"]["metadata"]["annotations"]
        return str(annotations["checksum/config"])

    before = checksum(rendered(shared={"A": "1"})[2])
    assert (checksum(rendered(*parameters, shared=shared)[2]) != before) is moves
    assert len(before) == 16


def test_objects_say_whose_they_are() -> None:
    for obj in rendered():
        mark = obj["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
        assert mark.startswith("ops-service-prod:")
        assert obj["metadata"]["labels"]["app.kubernetes.io/instance"] == "ops-service-prod"
    assert mark == "ops-service-prod:apps/Deployment:wealist-prod/ops-service"


def deployment(**container: Any) -> Obj:
    whole = {"name": "a", "image": "i:1", **container}
    return {
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "n"},
        "spec": {"template": {"spec": {"containers": [whole]}}},
    }


def test_what_the_server_adds_is_no_difference() -> None:
    declared = deployment(ports=[{"containerPort": 80}])
    live = deployment(ports=[{"containerPort": 80, "protocol": "TCP"}])
    live["spec"]["replicas"] = 3
    live["status"] = {"replicas": 3}
    assert diff.agrees(declared, live, declared)


def test_another_container_by_hand_survives_and_a_removed_one_goes() -> None:
    both, one = deployment(), deployment()
    both["spec"]["template"]["spec"]["containers"].append({"name": "b", "image": "j"})
    assert diff.agrees(one, both, one)
    healed = diff.merged(one, both, both)
    assert healed["spec"]["template"]["spec"]["containers"] == [{"name": "a", "image": "i:1"}]


def test_a_list_of_a_custom_resource_is_replaced_as_a_whole() -> None:
    def custom(*names: str) -> Obj:
        parameters = [{"name": name, "value": "1"} for name in names]
        return {
            "kind": "Application",
            "metadata": {"name": "a", "namespace": "argocd"},
            "spec": {"source": {"helm": {"parameters": parameters}}},
        }

    assert not diff.agrees(custom("a"), custom("a", "b"), custom("a"))
    assert diff.merged(custom("a"), custom("b"), None)["spec"] == custom("a")["spec"]


def test_what_git_declared_the_last_time_goes_and_what_it_never_did_stays() -> None:
    def config(**data: str) -> Obj:
        return {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}, "data": data}

    live = config(KEPT="1", DROPPED="1", BY_HAND="1")
    applied, declared = config(KEPT="1", DROPPED="1"), config(KEPT="1")
    assert diff.merged(declared, live, applied)["data"] == {"KEPT": "1", "BY_HAND": "1"}

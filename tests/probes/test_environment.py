"""Given a pod's spec and what it refers to, its environment is what the kubelet would make."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from probes.model import EnvironmentSeen, EnvOrigin, EnvVar, Failure, FailureKind
from probes.secrecy import secrets_of
from probes.workload.environment import Fetched, Ref, resolve, uses

DENIED = Failure(FailureKind.FORBIDDEN, "may not get secrets db in namespace ops: forbidden")


def config_map(**data: str) -> Mapping[str, Any]:
    return {"data": data, "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}}


def secret(**data: str) -> Mapping[str, Any]:
    return {"data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}}


def resolved(
    env_from: list[dict[str, Any]],
    env: list[dict[str, Any]],
    fetched: Fetched,
    **pod: Any,
) -> EnvironmentSeen:
    container = {"name": "ops-service", "envFrom": env_from, "env": env, **pod.pop("container", {})}
    return resolve({"metadata": {"name": "pod-1"}, **pod}, container, fetched)


def values(seen: EnvironmentSeen) -> dict[str, str]:
    return {name: one.value.get_secret_value() for name, one in seen.variables.items()}


def maps(*names: str) -> list[dict[str, Any]]:
    return [{"configMapRef": {"name": name}} for name in names]


def test_later_sources_win_and_env_wins_over_all() -> None:
    fetched: dict[Ref, Any] = {
        ("ConfigMap", "shared"): config_map(A="1", B="1", C="1"),
        ("ConfigMap", "own"): config_map(B="2", C="2"),
        ("Secret", "s"): secret(C="3"),
    }
    sources = [*maps("shared", "own"), {"secretRef": {"name": "s"}}]
    seen = resolved(sources, [{"name": "A", "value": "4"}], fetched)
    assert values(seen) == {"A": "4", "B": "2", "C": "3"}
    assert seen.variables["C"].origin == EnvOrigin("Secret", "s", "C")
    assert [str(one) for one in seen.variables["C"].overrides] == [
        "ConfigMap shared",
        "ConfigMap own",
    ]
    assert str(seen.variables["A"].origin) == "literal"
    assert seen.complete


def test_a_prefix_and_names_that_cannot_be() -> None:
    fetched: dict[Ref, Any] = {("ConfigMap", "m"): config_map(**{"A": "1", "b.c": "2", "é": "3"})}
    sources = [{"prefix": "P_", "configMapRef": {"name": "m"}}]
    assert values(resolved(sources, [], fetched)) == {"P_A": "1", "P_b.c": "2"}


def test_references_are_expanded_from_what_stands_until_then() -> None:
    env = [
        {"name": "HOST", "value": "db"},
        {"name": "URL", "value": "$(HOST):$(PORT)/$(LATER)/$$(HOST)/$(UNKNOWN)"},
        {"name": "LATER", "value": "x"},
    ]
    seen = resolved(maps("m"), env, {("ConfigMap", "m"): config_map(PORT="5432")})
    assert seen.get("URL") == "db:5432/$(LATER)/$(HOST)/$(UNKNOWN)"


def test_single_keys_fields_and_limits() -> None:
    env: list[dict[str, Any]] = [
        {"name": "T", "valueFrom": {"secretKeyRef": {"name": "s", "key": "token"}}},
        {"name": "M", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}},
        {
            "name": "ABSENT",
            "valueFrom": {"secretKeyRef": {"name": "s", "key": "no", "optional": True}},
        },
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "STAGE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['stage']"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
        {
            "name": "MIB",
            "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}},
        },
        {"name": "EMPTY"},
    ]
    fetched: dict[Ref, Any] = {
        ("Secret", "s"): secret(token="t"),
        ("ConfigMap", "m"): config_map(k="v"),
    }
    seen = resolved(
        [],
        env,
        fetched,
        metadata={"name": "pod-1", "labels": {"stage": "prod"}},
        spec={"nodeName": "node-1"},
        status={"podIP": "10.0.0.7"},
        container={"resources": {"limits": {"cpu": "1500m", "memory": "256Mi"}}},
    )
    assert values(seen) == {
        "T": "t",
        "M": "v",
        "POD": "pod-1",
        "STAGE": "prod",
        "IP": "10.0.0.7",
        "NODE": "node-1",
        "CPU": "2",
        "MIB": "256",
        "EMPTY": "",
    }
    assert seen.get("EMPTY") is None
    assert str(seen.variables["T"].origin) == "Secret s"


def test_what_may_not_be_read_is_named_and_what_is_absent_is_not_a_failure() -> None:
    sources: list[dict[str, Any]] = [
        {"secretRef": {"name": "db"}},
        {"secretRef": {"name": "argocd", "optional": True}},
    ]
    env = [{"name": "T", "valueFrom": {"secretKeyRef": {"name": "db", "key": "token"}}}]
    seen = resolved(sources, env, {("Secret", "db"): DENIED, ("Secret", "argocd"): None})
    assert [(one.name, one.optional, one.state) for one in seen.references] == [
        ("db", False, DENIED),
        ("argocd", True, "absent"),
    ]
    assert seen.unreadable == ("T",)
    assert not seen.complete
    assert seen.failures() == (DENIED,)


def test_each_reference_is_asked_for_once() -> None:
    container = {
        "envFrom": [{"secretRef": {"name": "s", "optional": True}}, *maps("m")],
        "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
    }
    found = uses(container)
    assert [(one.ref, one.optional) for one in found] == [
        (("Secret", "s"), False),
        (("ConfigMap", "m"), False),
    ]


def test_the_newest_change_counts() -> None:
    obj = {
        "data": {"A": "1"},
        "metadata": {
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "managedFields": [{"time": "2026-01-06T02:34:00Z"}, {"time": "2026-01-05T00:00:00Z"}],
        },
    }
    (reference,) = resolved(maps("m"), [], {("ConfigMap", "m"): obj}).references
    assert str(reference.changed_at) == "2026-01-06 02:34:00+00:00"


@pytest.mark.parametrize(
    ("name", "value", "kind", "hidden"),
    [
        ("DB_PASSWORD", "hunter22", "literal", ["hunter22"]),
        ("ARGOCD_TOKEN", "abc.def.ghi", "ConfigMap", ["abc.def.ghi"]),
        ("SECRET_KEY", "k", "ConfigMap", ["k"]),
        ("DISCORD_WEBHOOK_URL", "https://d.example.com/x", "Secret", ["https://d.example.com/x"]),
        ("DATABASE_URL", "postgres://u:p%40ss@h/d", "ConfigMap", ["p%40ss", "p@ss"]),
        ("DSN", "host=h password=s3cret dbname=d", "ConfigMap", ["s3cret", "s3cret"]),
        ("EXTRA", "eyJhbGciOi.eyJzdWIi.c2ln", "ConfigMap", ["eyJhbGciOi.eyJzdWIi.c2ln"]),
        ("PEM", "-----BEGIN RSA PRIVATE KEY-----", "literal", ["-----BEGIN RSA PRIVATE KEY-----"]),
        ("DB_HOST", "db.example.com", "Secret", []),
        ("DB_USERNAME", "wealist_admin", "Secret", []),
        ("DB_SSLMODE", "require", "Secret", []),
        ("FLAG", "true", "Secret", []),
        ("PROMETHEUS_URL", "http://prometheus:9090", "ConfigMap", []),
        ("MONKEY", "banana", "ConfigMap", []),
    ],
)
def test_what_counts_as_a_secret(name: str, value: str, kind: str, hidden: list[str]) -> None:
    variable = EnvVar(name, SecretStr(value), EnvOrigin(kind, "x", name))
    found = secrets_of(EnvironmentSeen("pod", "c", {name: variable}))
    assert [one.get_secret_value() for one in found] == hidden


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)
NAMES = st.sampled_from(["A", "B", "C", "$(A)", ""])
VALUES = st.text(st.sampled_from("$()AB1"), max_size=12)


@given(st.lists(st.dictionaries(NAMES, VALUES), max_size=4), st.lists(st.tuples(NAMES, VALUES)))
def test_the_last_source_that_has_a_name_gives_its_value(
    sources: list[dict[str, str]], env: list[tuple[str, str]]
) -> None:
    fetched: dict[Ref, Any] = {
        ("ConfigMap", str(at)): {"data": data} for at, data in enumerate(sources)
    }
    seen = resolved(maps(*map(str, range(len(sources)))), [], fetched)
    merged: dict[str, str] = {}
    for data in sources:
        merged |= {name: value for name, value in data.items() if name}
    assert values(seen) == merged
    literals = [{"name": name, "value": value} for name, value in env]
    again = resolved(maps(*map(str, range(len(sources)))), literals, fetched)
    assert set(values(again)) == set(merged) | {name for name, _ in env}


@given(JSON, JSON, JSON)
def test_a_spec_of_any_shape_breaks_nothing(env_from: Any, env: Any, data: Any) -> None:
    container = {"name": "c", "envFrom": env_from, "env": env}
    found = {one.ref: {"data": data} for one in uses(container)}
    assert isinstance(resolve({}, container, found), EnvironmentSeen)


def test_values_do_not_show_in_a_repr() -> None:
    seen = resolved([], [{"name": "DB_PASSWORD", "value": "hunter22"}], {})
    assert "hunter22" not in repr(seen)

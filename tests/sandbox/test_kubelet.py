"""The kubelet: a container's environment, its end, and what the pod says about both."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.controllers.ownership import is_ready
from sandbox.kubelet.environment import ConfigError, expand, resolve
from sandbox.kubelet.runtime import Exited
from sandbox.kubernetes.store import Obj, Store
from tests.sandbox.clusters import NAMESPACE, Cluster, cluster, deployment
from tests.waiting import until


def _config(store: Store, name: str, **data: str) -> None:
    store.create(
        {"kind": "ConfigMap", "metadata": {"name": name, "namespace": NAMESPACE}, "data": data}
    )


def _secret(store: Store, name: str, **data: str) -> None:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    store.create(
        {"kind": "Secret", "metadata": {"name": name, "namespace": NAMESPACE}, "data": encoded}
    )


def _pod(**metadata: object) -> Obj:
    return {
        "metadata": {"name": "web-1", "namespace": NAMESPACE, "uid": "u", **metadata},
        "spec": {"nodeName": "node-1"},
        "status": {"podIP": "10.0.20.5"},
    }


@pytest.fixture
def store() -> Store:
    made = Store()
    _config(made, "shared", URL="http://shared", MODE="shared", ONLY="shared")
    _config(made, "own", URL="http://own")
    _secret(made, "keys", MODE="secret", TOKEN="t0p")
    return made


def test_later_sources_win_and_env_beats_them_all(store: Store) -> None:
    container = {
        "envFrom": [
            {"configMapRef": {"name": "shared"}},
            {"configMapRef": {"name": "own"}},
            {"secretRef": {"name": "keys"}},
            {"secretRef": {"name": "absent", "optional": True}},
            {"configMapRef": {"name": "own"}, "prefix": "X_"},
        ],
        "env": [
            {"name": "ONLY", "value": "literal"},
            {"name": "FULL", "value": "$(URL)/$(MODE)/$(NOPE)/$$(URL)"},
            {"name": "AGAIN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "TOKEN"}}},
            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "STAGE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['stage']"}}},
            {
                "name": "NONE",
                "valueFrom": {"configMapKeyRef": {"name": "own", "key": "NO", "optional": True}},
            },
        ],
    }
    assert resolve(store, _pod(labels={"stage": "prod"}), container) == {
        "URL": "http://own",
        "MODE": "secret",
        "ONLY": "literal",
        "TOKEN": "t0p",
        "X_URL": "http://own",
        "FULL": "http://own/secret/$(NOPE)/$(URL)",
        "AGAIN": "t0p",
        "POD": "web-1",
        "IP": "10.0.20.5",
        "STAGE": "prod",
    }


@pytest.mark.parametrize(
    ("container", "said"),
    [
        ({"envFrom": [{"secretRef": {"name": "gone"}}]}, 'secret "gone" not found'),
        ({"envFrom": [{"configMapRef": {"name": "gone"}}]}, 'configmap "gone" not found'),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "NO"}}}]},
            "couldn't find key NO in Secret shop/keys",
        ),
    ],
)
def test_what_is_missing_is_told_as_the_kubelet_tells_it(
    store: Store, container: Obj, said: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        resolve(store, _pod(), container)
    assert str(raised.value) == said


def test_a_dollar_sign_can_be_escaped() -> None:
    assert expand("$$(A) $(A) $A $$$(A)", {"A": "1"}) == "$(A) 1 $A $1"


def _entry(world: Cluster) -> Obj:
    entry: Obj = world.pods()[0]["status"]["containerStatuses"][0]
    return entry


async def test_a_missing_secret_keeps_the_container_from_being_created() -> None:
    async with cluster() as world:
        source = [{"secretRef": {"name": "late"}}]
        world.store.create(deployment(envFrom=source))
        await until(lambda: world.pods() and "waiting" in _entry(world)["state"])
        await until(lambda: "Failed" in world.reasons())
        assert _entry(world)["state"]["waiting"] == {
            "reason": "CreateContainerConfigError",
            "message": 'secret "late" not found',
        }
        assert world.pods()[0]["status"]["phase"] == "Pending"
        _secret(world.store, "late", TOKEN="x")
        await until(lambda: is_ready(world.pods()[0]))
        assert world.runs[-1].env == {"TOKEN": "x"}


async def test_a_container_that_ends_is_started_again_and_says_so() -> None:
    async with cluster() as world:
        world.exits = [Exited(1), Exited(137, "OOMKilled")]
        world.store.create(deployment())
        await until(lambda: world.pods() and is_ready(world.pods()[0]))
        entry = _entry(world)
        assert entry["restartCount"] == 2
        assert entry["lastState"]["terminated"]["exitCode"] == 137
        assert entry["lastState"]["terminated"]["reason"] == "OOMKilled"
        assert "BackOff" in world.reasons()
        name = world.pods()[0]["metadata"]["name"]
        assert world.logs.find(NAMESPACE, name, "web", previous=True) is not None
        assert all(run.stopped for run in world.runs[:-1])


async def test_a_changed_secret_restarts_nothing() -> None:
    async with cluster() as world:
        _secret(world.store, "keys", TOKEN="old")
        world.store.create(deployment(envFrom=[{"secretRef": {"name": "keys"}}]))
        await until(lambda: world.pods() and is_ready(world.pods()[0]))
        before = world.pods()[0]

        def mutate(obj: Obj) -> None:
            obj["data"]["TOKEN"] = base64.b64encode(b"new").decode()

        world.store.change("Secret", NAMESPACE, "keys", mutate)
        world.controllers.settle()
        assert world.pods() == [before]
        assert len(world.runs) == 1


async def test_an_old_pod_looks_as_old_as_it_is() -> None:
    async with cluster() as world:
        world.clock.back = timedelta(hours=3)
        world.store.create(deployment())
        world.controllers.settle()
        world.clock.back = timedelta()
        await until(lambda: world.pods() and is_ready(world.pods()[0]))
        status = world.pods()[0]["status"]
        started = datetime.fromisoformat(status["startTime"])
        assert timedelta(hours=2, minutes=59) < datetime.now(UTC) - started
        running = status["containerStatuses"][0]["state"]["running"]["startedAt"]
        assert datetime.now(UTC) - datetime.fromisoformat(running) > timedelta(hours=2)
        # Events of three hours ago are gone, as after the API server's --event-ttl.
        assert "Scheduled" not in world.reasons()


async def test_a_deleted_pod_is_replaced_and_its_work_stopped() -> None:
    async with cluster() as world:
        world.store.create(deployment())
        await until(lambda: world.pods() and is_ready(world.pods()[0]))
        first = world.pods()[0]["metadata"]["name"]
        world.store.delete("Pod", NAMESPACE, first)
        await until(
            lambda: (
                world.pods()
                and world.pods()[0]["metadata"]["name"] != first
                and is_ready(world.pods()[0])
            )
        )
        await until(lambda: world.runs[0].stopped)
        await until(lambda: world.logs.find(NAMESPACE, first, "web") is None)


def _bare(policy: str, **spec: object) -> Obj:
    """A pod that nobody owns."""
    containers = [{"name": "web", "image": "registry.example.com/web:1"}]
    metadata = {"name": "web-1", "namespace": NAMESPACE}
    spec = {"restartPolicy": policy, "containers": containers, **spec}
    return {"kind": "Pod", "metadata": metadata, "spec": spec}


def _phase(world: Cluster) -> str:
    return str(world.pods()[0]["status"]["phase"])


@pytest.mark.parametrize(
    ("policy", "exits", "phase", "runs"),
    [
        ("Never", [Exited(0, "Completed")], "Succeeded", 1),
        ("Never", [Exited(7)], "Failed", 1),
        ("OnFailure", [Exited(7), Exited(0, "Completed")], "Succeeded", 2),
    ],
)
async def test_a_pod_that_ends_stays_with_its_log_until_it_is_deleted(
    policy: str, exits: list[Exited], phase: str, runs: int
) -> None:
    async with cluster() as world:
        world.exits = exits
        world.store.create(_bare(policy))
        await until(lambda: _phase(world) == phase)
        assert len(world.runs) == runs
        ready = next(
            one for one in world.pods()[0]["status"]["conditions"] if one["type"] == "Ready"
        )
        assert ready["status"] == "False"
        assert ready["reason"] == ("PodCompleted" if phase == "Succeeded" else "ContainersNotReady")
        assert world.logs.find(NAMESPACE, "web-1", "web") is not None
        world.store.delete("Pod", NAMESPACE, "web-1")
        await until(lambda: world.logs.find(NAMESPACE, "web-1", "web") is None)


async def test_a_pod_past_its_deadline_is_killed_and_says_so() -> None:
    async with cluster() as world:
        world.store.create(_bare("Never", activeDeadlineSeconds=0.05))
        await until(lambda: _phase(world) == "Failed")
        status = world.pods()[0]["status"]
        assert status["reason"] == "DeadlineExceeded"
        assert "longer than the specified deadline" in status["message"]
        assert _entry(world)["state"]["terminated"]["exitCode"] == 137
        assert "DeadlineExceeded" in world.reasons()
        await until(lambda: world.runs[0].stopped)

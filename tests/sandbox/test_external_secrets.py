"""ExternalSecrets as the operator keeps them: forced, refreshed, wiped, failing with reasons."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.controllers.externalsecrets import ExternalSecrets, refresh_interval
from sandbox.events import Events
from sandbox.inventory import NAMESPACE, secrets
from sandbox.kubernetes.store import Obj, Store
from sandbox.remotekeys import RemoteKeys
from tests.probes.loopback import Request, Response, answering, json_answer
from tests.waiting import until

NAME = "portal"
KEY = "wealist/prod/a"


class World:
    """A store with the operator at work, and one ExternalSecret of two keys."""

    def __init__(self, endpoint: str = "") -> None:
        self.clock = Clock()
        self.store = Store(clock=self.clock)
        self.remote = RemoteKeys(endpoint, "eu-west-1")
        events = Events(self.store, self.clock)
        self.operator = ExternalSecrets(self.store, events, self.remote, self.clock)
        self.clock.back = timedelta(minutes=30)
        secrets.secret_store(self.store)
        secrets.external(self.store, self.remote, NAME, {"A": "1", "B": "2"})
        self.clock.back = timedelta()

    @property
    def external(self) -> Obj:
        return self.store.get("ExternalSecret", NAMESPACE, NAME)

    @property
    def data(self) -> dict[str, str]:
        data = self.store.get("Secret", NAMESPACE, NAME).get("data") or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    @property
    def owners(self) -> list[Obj]:
        metadata = self.store.get("Secret", NAMESPACE, NAME)["metadata"]
        return list(metadata.get("ownerReferences") or ())

    @property
    def ready(self) -> tuple[str, str, str]:
        (one,) = self.external["status"]["conditions"]
        return one["status"], one["reason"], one["message"]

    def warnings(self) -> list[str]:
        events = self.store.list("Event", NAMESPACE)
        return [one["message"] for one in events if one["type"] == "Warning"]

    def change(self, **spec: Any) -> None:
        self.store.change("ExternalSecret", NAMESPACE, NAME, lambda one: one["spec"].update(spec))

    def target(self, **target: Any) -> None:
        self.store.change(
            "ExternalSecret", NAMESPACE, NAME, lambda one: one["spec"]["target"].update(target)
        )

    def write(self, key: str, value: str, name: str = NAME) -> None:
        """As `kubectl patch secret` does."""
        encoded = base64.b64encode(value.encode()).decode()

        def put(secret: Obj) -> None:
            secret.setdefault("data", {})[key] = encoded

        self.store.change("Secret", NAMESPACE, name, put, manager="kubectl-patch")

    def force(self) -> None:
        """As `kubectl annotate externalsecret portal force-sync=1` does."""

        def annotate(one: Obj) -> None:
            one["metadata"].setdefault("annotations", {})["force-sync"] = "1"

        self.store.change("ExternalSecret", NAMESPACE, NAME, annotate)


@asynccontextmanager
async def world(endpoint: str = "") -> AsyncIterator[World]:
    made = World(endpoint)
    running = asyncio.create_task(made.operator.run())
    try:
        yield made
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        made.operator.close()


async def test_a_foreign_key_of_an_owned_secret_is_wiped() -> None:
    async with world() as there:
        assert there.owners
        there.write("FOREIGN", "x")
        await until(lambda: there.data == {"A": "1", "B": "2"})


async def test_with_merge_a_foreign_key_stays_and_the_own_ones_are_put_back() -> None:
    async with world() as there:
        there.target(creationPolicy="Merge")
        await until(lambda: not there.owners)
        there.write("FOREIGN", "x")
        there.write("A", "mine")
        await until(lambda: there.data == {"A": "1", "B": "2", "FOREIGN": "x"})


async def test_a_forced_sync_brings_the_new_value_and_a_newer_refresh_time() -> None:
    async with world() as there:
        before = there.external["status"]["refreshTime"]
        there.remote.put(KEY, "new")
        there.force()
        await until(lambda: there.data["A"] == "new")
        assert there.external["status"]["refreshTime"] > before
        assert there.ready == ("True", "SecretSynced", "secret synced")


@pytest.mark.parametrize("spec", [{"refreshInterval": "0"}, {"refreshPolicy": "CreatedOnce"}])
async def test_a_forced_sync_does_nothing_where_the_policy_says_so(spec: dict[str, str]) -> None:
    async with world() as there:
        there.change(**spec)
        there.force()
        there.remote.put(KEY, "new")
        # A third object, made after it, is handled after it.
        secrets.external(there.store, there.remote, "other", {"C": "3"})
        there.write("FOREIGN", "x", "other")
        await until(lambda: _keys(there, "other") == {"C"})
        assert there.data["A"] == "1"


def _keys(there: World, name: str) -> set[str]:
    return set(there.store.get("Secret", NAMESPACE, name)["data"])


async def test_what_the_provider_says_is_in_the_event_alone() -> None:
    async with world() as there:
        before = there.external["status"]["refreshTime"]
        there.change(data=[{"secretKey": "A", "remoteRef": {"key": "wealist/prod/none"}}])
        await until(lambda: there.ready[0] == "False")
        assert there.ready[1:] == ("SecretSyncedError", "could not get secret data from provider")
        told = "error processing spec.data[0] (key: wealist/prod/none), err: Secret does not exist"
        assert there.warnings() == [told]
        assert there.external["status"]["refreshTime"] == before
        there.remote.put("wealist/prod/none", "there now")
        await until(lambda: there.data == {"A": "there now"})  # it tries again by itself


async def test_a_missing_property_and_a_missing_store_are_named() -> None:
    async with world() as there:
        there.remote.put(KEY, '{"token": "t"}')
        ref = {"key": KEY, "property": "nothing"}
        there.change(data=[{"secretKey": "A", "remoteRef": ref}])
        await until(lambda: len(there.warnings()) == 1)
        assert there.warnings()[0].endswith(f"key nothing does not exist in secret {KEY}")
        there.change(secretStoreRef={"kind": "SecretStore", "name": "gone"})
        await until(lambda: len(there.warnings()) >= 2)
        assert there.warnings()[-1].startswith('could not get SecretStore "gone"')


async def test_merge_waits_for_a_secret_that_is_not_there() -> None:
    async with world() as there:
        there.target(creationPolicy="Merge", name="absent")
        await until(lambda: there.ready[1] == "SecretMissing")


async def test_a_secret_of_another_external_secret_is_left_alone() -> None:
    async with world() as there:
        secrets.external(there.store, there.remote, "other", {"C": "3"})
        there.target(name="other")
        await until(lambda: there.ready[0] == "False")
        assert there.ready[2] == "target is owned by another ExternalSecret"
        assert _keys(there, "other") == {"C"}


async def test_values_come_from_a_server_as_well() -> None:
    def answer(request: Request) -> Response:
        assert "eu-west-1/secretsmanager" in request.headers["authorization"]
        if b"wealist/prod/remote" in request.body:
            return json_answer({"SecretString": '{"token": "abc"}'})
        return json_answer({"__type": "AccessDeniedException", "Message": "not yours"}, 400)

    async with answering(answer) as server, world(server.url) as there:
        ref = {"key": "wealist/prod/remote", "property": "token"}
        there.change(data=[{"secretKey": "A", "remoteRef": ref}])
        await until(lambda: there.data == {"A": "abc"})
        there.change(data=[{"secretKey": "A", "remoteRef": {"key": "wealist/prod/denied"}}])
        await until(lambda: there.ready[0] == "False")
        assert there.warnings()[0].endswith("AccessDeniedException: not yours")


@pytest.mark.parametrize(
    ("text", "seconds"), [("1h", 3600), ("1h0m0s", 3600), ("90s", 90), ("0", 0)]
)
def test_intervals_are_go_durations(text: str, seconds: float) -> None:
    assert refresh_interval({"spec": {"refreshInterval": text}}).total_seconds() == seconds

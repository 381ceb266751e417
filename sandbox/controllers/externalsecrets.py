"""External Secrets: ExternalSecret to Secret, when it changes, when it is due, when it is forced.

Source: External Secrets Operator v1.2 `pkg/controllers/externalsecret` (Reconcile, shouldRefresh,
markAsDone, markAsFailed) and `pkg/controllers/common` (the pace of its retries).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sandbox.clock import moment, stamp
from sandbox.controllers.ownership import condition
from sandbox.controllers.providerdata import provider_data
from sandbox.controllers.targetsecret import (
    MANAGED,
    OwnedError,
    is_valid,
    manager_of,
    policy_of,
    synced_version,
    target_name,
    target_secret,
)
from sandbox.events import Events
from sandbox.kubernetes.store import Change, Obj, Store
from sandbox.remotekeys import RemoteError, RemoteKeys

_KIND = "ExternalSecret"
_COMPONENT = "external-secrets"
_RETRY_S, _RETRY_MAX_S = 1.0, 420.0
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNIT_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

_Key = tuple[str, str]


class ExternalSecrets:
    """The operator. It tells what it does in conditions and events, as the real one."""

    def __init__(
        self, store: Store, events: Events, remote: RemoteKeys, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._events = events
        self._remote = remote
        self._clock = clock
        self._due: dict[_Key, None] = {}
        self._failures: dict[_Key, int] = {}
        self._timers: dict[_Key, asyncio.TimerHandle] = {}
        self._woken = asyncio.Event()
        self._unsubscribe = store.subscribe(self._noticed)

    async def run(self) -> None:
        """Handles changes as they come, until cancelled."""
        while True:
            while self._due:
                key = next(iter(self._due))
                del self._due[key]
                await self._reconcile(key)
            self._woken.clear()
            await self._woken.wait()

    def close(self) -> None:
        """Stops looking at the store."""
        self._unsubscribe()
        for timer in self._timers.values():
            timer.cancel()

    def _noticed(self, change: Change) -> None:
        kind, metadata = change.obj["kind"], change.obj["metadata"]
        if kind == _KIND:
            self._add((metadata["namespace"], metadata["name"]))
        elif kind == "Secret" and (metadata.get("labels") or {}).get(MANAGED) == "true":
            for one in self._store.list(_KIND, metadata["namespace"]):
                if target_name(one) == metadata["name"]:
                    self._add((metadata["namespace"], one["metadata"]["name"]))

    def _add(self, key: _Key) -> None:
        self._due[key] = None
        self._woken.set()

    def _after(self, key: _Key, delay_s: float) -> None:
        if key in self._timers:
            self._timers.pop(key).cancel()
        self._timers[key] = asyncio.get_running_loop().call_later(delay_s, self._add, key)

    async def _reconcile(self, key: _Key) -> None:
        external = self._store.find(_KIND, *key)
        if external is None or external["metadata"].get("deletionTimestamp"):
            return
        secret = self._store.find("Secret", key[0], target_name(external))
        if not _is_due(external, self._clock()) and is_valid(secret):
            self._await_refresh(key, external)
            return
        try:
            values = await provider_data(self._store, self._remote, external)
        except RemoteError as error:
            self._failed(key, external, "could not get secret data from provider", str(error))
            return
        self._write(key, external, values)

    def _write(self, key: _Key, external: Obj, values: Mapping[str, str]) -> None:
        found = self._store.find("Secret", key[0], target_name(external))
        if policy_of(external) == "Merge" and found is None:
            words = "secret will not be created due to CreationPolicy=Merge"
            self._done(key, external, "SecretMissing", words)
            return
        try:
            if policy_of(external) != "None":
                self._apply(external, found, target_secret(external, found, values))
        except OwnedError as error:
            told = f"target is owned by another ExternalSecret: {error}"
            self._failed(
                key, external, "target is owned by another ExternalSecret", told, retry=False
            )
            return
        self._done(key, external, "SecretSynced", "secret synced")

    def _apply(self, external: Obj, found: Obj | None, wanted: Obj) -> None:
        if found == wanted:
            return
        write = self._store.update if found else self._store.create
        write(wanted, manager=manager_of(external))
        reason, words = ("Updated", "secret updated") if found else ("Created", "secret created")
        self._events.emit(external, reason, words, component=_COMPONENT)

    def _done(self, key: _Key, external: Obj, reason: str, words: str) -> None:
        self._failures.pop(key, None)
        status = self._status(external, "True", reason, words) | {
            "refreshTime": stamp(self._clock()),
            "syncedResourceVersion": synced_version(external),
        }
        if reason == "SecretSynced":
            status["binding"] = {"name": target_name(external)}
        self._save(key, status)
        self._await_refresh(key, external)

    def _failed(
        self, key: _Key, external: Obj, words: str, told: str, *, retry: bool = True
    ) -> None:
        """The condition stays general: the provider's own words are in the event alone."""
        self._events.emit(external, "UpdateFailed", told, component=_COMPONENT, warning=True)
        self._save(key, self._status(external, "False", "SecretSyncedError", words))
        if retry:
            tries = self._failures[key] = self._failures.get(key, -1) + 1
            self._after(key, min(_RETRY_S * 2**tries, _RETRY_MAX_S))

    def _status(self, external: Obj, ready: str, reason: str, words: str) -> Obj:
        old = external.get("status") or {}
        told = condition(old, "Ready", ready, reason, words, stamp(self._clock()))
        return {**old, "conditions": [told]}

    def _save(self, key: _Key, status: Obj) -> None:
        external = self._store.find(_KIND, *key)
        if external is not None:
            external["status"] = status
            self._store.update(external, manager=_COMPONENT, subresource="status")

    def _await_refresh(self, key: _Key, external: Obj) -> None:
        every, last = refresh_interval(external), (external.get("status") or {}).get("refreshTime")
        if every:
            passed = self._clock() - moment(last) if last else timedelta()
            self._after(key, max(1.0, (every - passed).total_seconds()))


def refresh_interval(external: Obj) -> timedelta:
    """`spec.refreshInterval`, a Go duration; the schema's default is one hour, 0 is never."""
    text = str(external["spec"].get("refreshInterval", "1h"))
    return timedelta(seconds=sum(float(n) * _UNIT_S[unit] for n, unit in _DURATION.findall(text)))


def _is_due(external: Obj, now: datetime) -> bool:
    status, policy = external.get("status") or {}, external["spec"].get("refreshPolicy", "Periodic")
    synced, last = status.get("syncedResourceVersion"), status.get("refreshTime")
    if not synced or not last:
        return True
    every = refresh_interval(external)
    if policy == "CreatedOnce" or (policy == "Periodic" and not every):
        return False
    if synced != synced_version(external):
        return True
    return policy == "Periodic" and moment(last) + every < now

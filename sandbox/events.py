"""Events: what controllers and kubelet tell about objects; the same told again is counted."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.clock import Clock, stamp
from sandbox.kubernetes.store import Obj, Store

if TYPE_CHECKING:
    from datetime import datetime

TTL = timedelta(hours=1)
"""How long the API server keeps an event (its --event-ttl)."""


class Events:
    """Writes Event objects; one of an hour ago or older is not kept, as in a real cluster."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[tuple[str, str, str], str] = {}
        self._counter = time.time_ns()

    def emit(
        self,
        about: Obj,
        reason: str,
        message: str,
        *,
        component: str,
        warning: bool = False,
        at: datetime | None = None,
        field: str = "",
    ) -> None:
        """Tells of `about`; `field` names a container as the kubelet does."""
        when = at or self._clock()
        if self._clock() - when >= TTL or self._clock.back >= TTL:
            return
        metadata = about["metadata"]
        key = (metadata["uid"], reason, message)
        known = self._store.find("Event", metadata["namespace"], self._known.get(key, ""))
        if known:
            known["count"] = known.get("count", 1) + 1
            known["lastTimestamp"] = stamp(when)
            self._store.update(known)
            return
        event = self._event(about, reason, message, component, warning, when)
        if field:
            event["involvedObject"]["fieldPath"] = field
        self._known[key] = self._store.create(event)["metadata"]["name"]

    def _event(
        self, about: Obj, reason: str, message: str, component: str, warning: bool, when: datetime
    ) -> Obj:
        metadata = about["metadata"]
        self._counter += 1
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{metadata['name']}.{self._counter:x}",
                "namespace": metadata["namespace"],
                "creationTimestamp": stamp(when),
            },
            "involvedObject": {
                "apiVersion": about["apiVersion"],
                "kind": about["kind"],
                "name": metadata["name"],
                "namespace": metadata["namespace"],
                "uid": metadata["uid"],
            },
            "type": "Warning" if warning else "Normal",
            "reason": reason,
            "message": message,
            "source": {"component": component},
            "reportingComponent": component,
            "reportingInstance": "",
            "count": 1,
            "firstTimestamp": stamp(when),
            "lastTimestamp": stamp(when),
            "eventTime": None,
        }

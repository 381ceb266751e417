"""Watch: the changes of a resource as a stream of JSON events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes import errors
from sandbox.kubernetes.resources import Resource
from sandbox.kubernetes.selectors import Matcher
from sandbox.kubernetes.store import Change, Store

Obj = dict[str, Any]

BOOKMARK_INTERVAL_S = 60.0
_LONGEST_S = 3_600.0


@dataclass(frozen=True)
class WatchRequest:
    """What is watched. `version` is None without a resourceVersion: what is there comes first."""

    resource: Resource
    namespace: str
    matches: Matcher
    version: int | None
    timeout_s: float
    bookmarks: bool
    initial_events: bool
    shape: Callable[[Obj], Obj]


def parse_version(text: str | None) -> int | None:
    """A `resourceVersion` parameter; empty and "0" are None. Raises ApiError 400."""
    if not text or text == "0":
        return None
    if not text.isdigit():
        message = f'Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise errors.bad_request(f"resourceVersion: {message}")
    return int(text)


async def events(
    store: Store, request: WatchRequest, bookmark_interval_s: float = BOOKMARK_INTERVAL_S
) -> AsyncIterator[bytes]:
    """Yields one JSON line per event until the time is over.

    A resourceVersion that is too old gives one ERROR event with a 410 Status, as the real
    server's watch cache does.
    """
    queue: asyncio.Queue[Change] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + min(request.timeout_s or _LONGEST_S, _LONGEST_S)
    unsubscribe = store.subscribe(queue.put_nowait)
    try:
        try:
            for line in _beginning(store, request):
                yield line
        except errors.ApiError as error:
            yield _line("ERROR", error.body())
            return
        bookmark_at = loop.time() + bookmark_interval_s
        while (now := loop.time()) < deadline:
            due = min(deadline, bookmark_at if request.bookmarks else deadline)
            change = await _next(queue, due - now)
            seen = _event(request, change) if change is not None else None
            if seen:
                yield seen
            if request.bookmarks and loop.time() >= bookmark_at:
                yield _bookmark(request, store.version)
                bookmark_at = loop.time() + bookmark_interval_s
    finally:
        unsubscribe()


async def _next(queue: asyncio.Queue[Change], timeout_s: float) -> Change | None:
    try:
        return await asyncio.wait_for(queue.get(), max(timeout_s, 0))
    except TimeoutError:
        return None


def _beginning(store: Store, request: WatchRequest) -> list[bytes]:
    """The objects that are there, or the changes since the version asked for."""
    if request.version is not None and not request.initial_events:
        missed = (_event(request, change) for change in store.changes_since(request.version))
        return [line for line in missed if line]
    lines = [
        _line("ADDED", request.shape(obj))
        for obj in store.list(request.resource.kind, request.namespace or None)
        if request.matches(obj)
    ]
    if request.initial_events and request.bookmarks:
        lines.append(_bookmark(request, store.version, initial=True))
    return lines


def _event(request: WatchRequest, change: Change) -> bytes | None:
    """The event of a change as this watch sees it: leaving the selection is a deletion."""
    obj = change.obj
    if obj["kind"] != request.resource.kind:
        return None
    if request.namespace and obj["metadata"].get("namespace") != request.namespace:
        return None
    before = change.before is not None and request.matches(change.before)
    after = change.type != "DELETED" and request.matches(obj)
    if not before and not after:
        return None
    type_ = "MODIFIED" if before and after else "ADDED" if after else "DELETED"
    return _line(type_, request.shape(obj))


def _bookmark(request: WatchRequest, version: int, *, initial: bool = False) -> bytes:
    metadata: Obj = {"resourceVersion": str(version), "creationTimestamp": None}
    if initial:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    resource = request.resource
    body = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
    return _line("BOOKMARK", body)


def _line(type_: str, obj: Obj) -> bytes:
    return json.dumps({"type": type_, "object": obj}, separators=(",", ":")).encode() + b"\n"

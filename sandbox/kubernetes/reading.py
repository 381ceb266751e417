"""Reading: get, list and watch, as objects or as tables."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from starlette.responses import Response, StreamingResponse

from sandbox.kubernetes import errors, tables, watch
from sandbox.kubernetes.call import Call, json_response
from sandbox.kubernetes.requestinfo import truthy
from sandbox.kubernetes.selectors import Matcher, matcher
from sandbox.kubernetes.store import Obj


def shape_of(call: Call) -> Callable[[Obj], Obj]:
    """How a single object is answered: as it is, or as a Table of one row."""
    if not tables.wanted(call.request.headers.get("accept", "")):
        return lambda obj: obj
    include = call.query.get("includeObject") or "Metadata"

    def as_table(obj: Obj) -> Obj:
        metadata = {"resourceVersion": obj["metadata"]["resourceVersion"]}
        return tables.table(call.resource, [obj], metadata, include)

    return as_table


def get(call: Call) -> Response:
    """One object."""
    obj = call.store.get(call.resource.kind, call.info.namespace or None, call.info.name)
    return json_response(shape_of(call)(obj))


def selected(call: Call) -> list[Obj]:
    """The objects that a list or a deletecollection is about."""
    matches = _matcher(call)
    return [
        obj
        for obj in call.store.list(call.resource.kind, call.info.namespace or None)
        if matches(obj)
    ]


def list_(call: Call) -> Response:
    """A list, in pages when `limit` is given; each page shows the objects as they are by then."""
    objects = selected(call)
    metadata: dict[str, Any] = {"resourceVersion": str(call.store.version)}
    objects, more = _page(call, objects)
    metadata |= more
    if tables.wanted(call.request.headers.get("accept", "")):
        include = call.query.get("includeObject") or "Metadata"
        return json_response(tables.table(call.resource, objects, metadata, include))
    return json_response(as_list(call, objects, metadata))


def as_list(call: Call, objects: list[Obj], metadata: Obj) -> Obj:
    """The `…List` object; items of built-in kinds carry no kind, as the real server's."""
    if call.resource.builtin:
        objects = [{k: v for k, v in o.items() if k not in ("kind", "apiVersion")} for o in objects]
    return {
        "kind": f"{call.resource.kind}List",
        "apiVersion": call.resource.api_version,
        "metadata": metadata,
        "items": objects,
    }


def watch_(call: Call) -> Response:
    """A stream of events, for a collection or (with `watch=1` and a name) for one object."""
    timeout = call.query.get("timeoutSeconds", "0")
    if not timeout.isdigit():
        raise errors.bad_request(f'timeoutSeconds: Invalid value: "{timeout}"')
    request = watch.WatchRequest(
        resource=call.resource,
        namespace=call.info.namespace if call.resource.namespaced else "",
        matches=_matcher(call),
        version=watch.parse_version(call.query.get("resourceVersion")),
        timeout_s=float(timeout),
        bookmarks=truthy(call.query.get("allowWatchBookmarks")),
        initial_events=truthy(call.query.get("sendInitialEvents")),
        shape=shape_of(call),
    )
    return StreamingResponse(watch.events(call.store, request), media_type="application/json")


def _matcher(call: Call) -> Matcher:
    fields = call.query.get("fieldSelector", "")
    if call.info.name:
        fields = f"metadata.name={call.info.name}"
    return matcher(call.resource, call.query.get("labelSelector", ""), fields)


def _page(call: Call, objects: list[Obj]) -> tuple[list[Obj], Obj]:
    """The page of `limit` objects after `continue`, and the list metadata that tells of more."""
    limit, token = call.query.get("limit", "0"), call.query.get("continue", "")
    if not limit.isdigit():
        raise errors.bad_request(f'limit: Invalid value: "{limit}"')
    if token:
        after = _decode(token)
        objects = [obj for obj in objects if _position(obj) > after]
    size = int(limit)
    if not size or len(objects) <= size:
        return objects, {}
    more = {"continue": _encode(objects[size - 1]), "remainingItemCount": len(objects) - size}
    return objects[:size], more


def _position(obj: Obj) -> tuple[str, str]:
    return (obj["metadata"].get("namespace") or "", obj["metadata"]["name"])


def _encode(obj: Obj) -> str:
    return base64.urlsafe_b64encode(json.dumps(_position(obj)).encode()).decode()


def _decode(token: str) -> tuple[str, str]:
    try:
        namespace, name = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError):
        raise errors.bad_request(f"continue key is not valid: {token}") from None
    return (str(namespace), str(name))

"""Writing: create, update, patch and delete, of objects and of their subresources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from sandbox.kubernetes import errors, patch, reading, scale
from sandbox.kubernetes.call import Call, json_response
from sandbox.kubernetes.objects import Obj, clone

_PATCHES: dict[str, Callable[[Any, Any], Any]] = {
    "application/json-patch+json": patch.json_patch,
    "application/merge-patch+json": patch.merge_patch,
    "application/strategic-merge-patch+json": patch.strategic_merge,
}
_CUSTOM_PATCHES = ("application/json-patch+json", "application/merge-patch+json")


async def create(call: Call) -> Response:
    """Creates an object in the namespace of the URL."""
    obj = await _object(call)
    metadata = obj.setdefault("metadata", {})
    if call.resource.namespaced:
        if metadata.get("namespace") not in (None, "", call.info.namespace):
            raise errors.bad_request(
                "the namespace of the provided object does not match the namespace sent on the "
                "request"
            )
        metadata["namespace"] = call.info.namespace
        call.store.get("Namespace", None, call.info.namespace)
    metadata.pop("resourceVersion", None)
    refusal = call.backend.refuse(obj) if call.resource.kind == "Pod" else None
    if refusal:
        raise errors.denied(refusal)
    created = call.store.create(obj, manager=call.manager, dry_run=call.dry_run)
    return json_response(created, 201)


async def update(call: Call) -> Response:
    """Replaces an object, or its status or scale."""
    body = await call.json()
    if call.info.subresource == "scale":
        return _write_scale(call, body)
    obj = await _object(call)
    metadata = obj.setdefault("metadata", {})
    if metadata.setdefault("name", call.info.name) != call.info.name:
        raise errors.bad_request(
            f"the name of the object ({metadata['name']}) does not match the name on the URL "
            f"({call.info.name})"
        )
    if call.resource.namespaced:
        metadata.setdefault("namespace", call.info.namespace)
    return _write(call, _current(call), obj)


async def patch_(call: Call) -> Response:
    """Patches an object, or its status or scale. Raises ApiError 415 for an unknown type."""
    supported = tuple(_PATCHES) if call.resource.builtin else _CUSTOM_PATCHES
    if call.content_type not in supported:
        raise errors.unsupported_media_type(call.content_type, supported)
    apply = _PATCHES[call.content_type]
    current = _current(call)
    if call.info.subresource == "scale":
        return _write_scale(call, apply(scale.of(call.resource, current), await call.patch()))
    patched = apply(current, await call.patch())
    if not isinstance(patched, dict) or patched.get("kind") != call.resource.kind:
        raise errors.bad_request("the patched object is not of the kind that the URL names")
    return _write(call, current, patched)


async def delete(call: Call) -> Response:
    """Deletes one object; answers it (a pod) or a Status (anything else), as the real server."""
    options = await _options(call)
    obj = _current(call)
    _check(call, obj, options.get("preconditions") or {})
    if not (call.dry_run or options.get("dryRun")):
        _delete(call, obj, options)
    if call.resource.kind == "Pod" or obj["metadata"].get("finalizers"):
        return json_response(obj)
    details = {
        "name": call.info.name,
        "group": call.resource.group,
        "kind": call.resource.plural,
        "uid": obj["metadata"]["uid"],
    }
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {key: value for key, value in details.items() if value},
    }
    return json_response(status)


async def delete_collection(call: Call) -> Response:
    """Deletes everything the selectors match."""
    options = await _options(call)
    objects = reading.selected(call)
    for obj in objects:
        if not (call.dry_run or options.get("dryRun")):
            _delete(call, obj, options)
    metadata = {"resourceVersion": str(call.store.version)}
    return json_response(reading.as_list(call, objects, metadata))


def _delete(call: Call, obj: Obj, options: Obj) -> None:
    orphan = "Orphan" in (options.get("propagationPolicy"), call.query.get("propagationPolicy"))
    metadata = obj["metadata"]
    if call.store.find(obj["kind"], metadata.get("namespace"), metadata["name"]):
        call.store.delete(
            obj["kind"], metadata.get("namespace"), metadata["name"], cascade=not orphan
        )


def _current(call: Call) -> Obj:
    return call.store.get(call.resource.kind, call.info.namespace or None, call.info.name)


def _write(call: Call, current: Obj, wanted: Obj) -> Response:
    """Keeps what this URL does not write: the status, or everything but the status."""
    if call.resource.status:
        if call.info.subresource == "status":
            version = wanted["metadata"].get("resourceVersion")
            status = clone(wanted.get("status", {}))
            wanted = clone(current)
            wanted["status"] = status
            wanted["metadata"]["resourceVersion"] = version
        elif "status" in current:
            wanted["status"] = clone(current["status"])
        else:
            wanted.pop("status", None)
    written = call.store.update(
        wanted, manager=call.manager, subresource=call.info.subresource, dry_run=call.dry_run
    )
    return json_response(reading.shape_of(call)(written))


def _write_scale(call: Call, wanted: Obj) -> Response:
    current = _current(call)
    scaled = scale.apply(call.resource, current, wanted)
    written = call.store.update(
        scaled, manager=call.manager, subresource="scale", dry_run=call.dry_run
    )
    return json_response(scale.of(call.resource, written))


async def _object(call: Call) -> Obj:
    obj = await call.json()
    if not isinstance(obj, dict):
        raise errors.bad_request("the object provided is unrecognized: not a JSON object")
    wanted = (call.resource.api_version, call.resource.kind)
    given = (obj.setdefault("apiVersion", wanted[0]), obj.setdefault("kind", wanted[1]))
    if given != wanted:
        raise errors.bad_request(
            f"the API version in the data ({given[0]}, Kind={given[1]}) does not match the "
            f"expected API version ({wanted[0]}, Kind={wanted[1]})"
        )
    return obj


async def _options(call: Call) -> Obj:
    """The DeleteOptions in the body, if there is one."""
    if not await call.request.body():
        return {}
    options = await call.json()
    return options if isinstance(options, dict) else {}


def _check(call: Call, obj: Obj, preconditions: Obj) -> None:
    for field, title in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        asked, actual = preconditions.get(field), obj["metadata"][field]
        if asked and asked != actual:
            why = (
                f"Precondition failed: {title} in precondition: {asked}, "
                f"{title} in object meta: {actual}"
            )
            raise errors.conflict(call.resource, call.info.name, why)

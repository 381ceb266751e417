"""Performing changes of Kubernetes objects: JSON Patch with tests, create, delete by uid."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from probes.model import Failure, FailureKind, ProbeError
from probes.text import safe_text
from remedies.model import Absent, CreateObject, DeleteObject, Field, ObjectRef, PatchObject
from remedies.performing.base import Seen, Standing, StepError, Tell, may_pass
from remedies.world import World

JSON_PATCH = "application/json-patch+json"
_DRY_RUN = {"dryRun": "All"}
_NO_DRY_RUN = "does not support dry run"
_ABSENT = Absent()
_VERSION = "/metadata/resourceVersion"
_VERSIONS = 5
"""Of an object that others change all the time."""

_REFUSED = (409, 422)
"""A conflict, and a test of the patch that does not hold."""

_LONGEST = 200
"""Characters of a value that a sentence shows."""


async def read(world: World, ref: ObjectRef) -> Mapping[str, Any] | None:
    """The object, or None where it is not there. Raises ProbeError."""
    try:
        return await world.reach.cluster.get(ref.path)
    except ProbeError as error:
        if error.failure.kind is FailureKind.NOT_FOUND:
            return None
        raise


def at(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer, or `Absent`."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping) and key in document:
            document = document[key]
        elif isinstance(document, Sequence) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        else:
            return _ABSENT
    return document


def holds(document: Any, fields: Sequence[Field]) -> bool:
    """Whether every field is as told."""
    return all(at(document, one.pointer) == one.value for one in fields)


def differing(document: Any, fields: Sequence[Field]) -> str:
    """What is not as told, in words: of a list or an object only the parts that differ."""
    found = (part for one in fields for part in _parts(one, at(document, one.pointer)))
    return "; ".join(f"{pointer} is {is_now}, it was {was}" for pointer, is_now, was in found)


def _parts(field: Field, now: Any) -> Iterator[tuple[str, str, str]]:
    was = field.value
    if now == was:
        return
    if isinstance(now, Mapping) and isinstance(was, Mapping):
        keys = dict.fromkeys((*was, *now))
        pairs = [(escaped(key), now.get(key, _ABSENT), was.get(key, _ABSENT)) for key in keys]
    elif isinstance(now, list) and isinstance(was, list):
        both = zip_longest(now, was, fillvalue=_ABSENT)
        pairs = [(str(place), one, other) for place, (one, other) in enumerate(both)]
    else:
        yield field.pointer, _shown(now), _shown(was)
        return
    for key, one, other in pairs:
        yield from _parts(Field(f"{field.pointer}/{key}", other), one)


def escaped(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _shown(value: Any) -> str:
    return "absent" if isinstance(value, Absent) else safe_text(repr(value), _LONGEST)


def json_patch(action: PatchObject) -> list[dict[str, Any]]:
    """The patch: every expectation is a test, so that the server itself refuses a stale one."""
    tests = [
        {"op": "test", "path": one.pointer, "value": one.value}
        for one in action.expected
        if not one.is_absent
    ]
    there = {one.pointer for one in action.expected if not one.is_absent}
    return [*tests, *(_change(one, one.pointer in there) for one in action.wanted)]


def _change(field: Field, there: bool) -> dict[str, Any]:
    if field.is_absent:
        return {"op": "remove", "path": field.pointer}
    return {"op": "replace" if there else "add", "path": field.pointer, "value": field.value}


class PatchPerformer:
    """Performs `PatchObject`."""

    async def look(self, world: World, action: PatchObject) -> Seen:
        """Done where every wanted field is there, fresh where every expected one is."""
        found = await read(world, action.ref)
        if found is None:
            return Seen(Standing.STALE, f"{action.ref} is not there any more")
        if holds(found, action.wanted):
            return Seen(Standing.DONE)
        if holds(found, action.expected):
            return Seen(Standing.FRESH)
        return Seen(Standing.STALE, differing(found, action.expected))

    async def rehearse(self, world: World, action: PatchObject) -> str:
        """The server's dry run."""
        return await refusal(self._send(world, action, _DRY_RUN))

    async def perform(self, world: World, action: PatchObject, tell: Tell) -> str:
        """One patch. No test of a patch holds for what is absent: then it is for one version."""
        if any(one.is_absent for one in action.expected):
            await self._send_for_a_version(world, action)
        else:
            await self._send(world, action, None)
        return f"patched {action.ref}"

    async def _send_for_a_version(self, world: World, action: PatchObject) -> None:
        """Sent again only where the server has refused it, and only another version was why."""
        for left in reversed(range(_VERSIONS)):
            found = await read(world, action.ref)
            if not holds(found, action.expected):
                told = differing(found, action.expected) if found else "it is gone"
                raise StepError(f"somebody else changed {action.ref}: {told}", certain=True)
            version = Field(_VERSION, at(found, _VERSION))
            bound = replace(action, expected=(*action.expected, version))
            try:
                await self._send(world, bound, None)
            except ProbeError as error:
                refused = error.failure.status in _REFUSED
                if not (left and refused) or holds(await read(world, action.ref), (version,)):
                    raise
            else:
                return

    async def _send(
        self, world: World, action: PatchObject, params: Mapping[str, str] | None
    ) -> Mapping[str, Any]:
        patch = json_patch(action)
        cluster = world.reach.cluster
        return await cluster.send("PATCH", action.ref.path, patch, params, content_type=JSON_PATCH)


class CreatePerformer:
    """Performs `CreateObject`."""

    async def look(self, world: World, action: CreateObject) -> Seen:
        """Fresh where nothing of that name is there, done where ours is."""
        found = await read(world, action.ref)
        if found is None:
            return Seen(Standing.FRESH)
        if action.wanted and holds(found, action.wanted):
            return Seen(Standing.DONE)
        return Seen(Standing.STALE, f"{action.ref} is there, and not as this plan makes it")

    async def rehearse(self, world: World, action: CreateObject) -> str:
        """The server's dry run: admission policies speak here."""
        return await refusal(self._send(world, action, _DRY_RUN))

    async def perform(self, world: World, action: CreateObject, tell: Tell) -> str:
        """One create."""
        await self._send(world, action, None)
        return f"created {action.ref}"

    async def _send(
        self, world: World, action: CreateObject, params: Mapping[str, str] | None
    ) -> Mapping[str, Any]:
        return await world.reach.cluster.send("POST", action.ref.collection, action.body, params)


class DeletePerformer:
    """Performs `DeleteObject`."""

    async def look(self, world: World, action: DeleteObject) -> Seen:
        """Done where that very object is not there."""
        return Seen(Standing.FRESH if await self._uid(world, action) else Standing.DONE)

    async def _uid(self, world: World, action: DeleteObject) -> str:
        """The uid of that very object; empty where it is not there."""
        found = await read(world, action.ref)
        uid = "" if found is None else str(at(found, "/metadata/uid"))
        ours = uid == action.uid if action.uid else bool(action.holding)
        return uid if ours and holds(found, action.holding) else ""

    async def rehearse(self, world: World, action: DeleteObject) -> str:
        """The server's dry run."""
        return await refusal(self._send(world, action, _DRY_RUN))

    async def perform(self, world: World, action: DeleteObject, tell: Tell) -> str:
        """One delete, with the uid as its precondition."""
        await self._send(world, action, None)
        return f"deleted {action.ref}"

    async def _send(
        self, world: World, action: DeleteObject, params: Mapping[str, str] | None
    ) -> Mapping[str, Any]:
        known = {"uid": await self._uid(world, action)}
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": known}
        return await world.reach.cluster.send("DELETE", action.ref.path, body, params)


async def refusal(sending: Awaitable[object]) -> str:
    """What a dry run was refused for; empty where it was not. Raises ProbeError where none was."""
    try:
        await sending
    except ProbeError as error:
        if not _denies(error.failure):
            raise
        return error.failure.sentence
    return ""


def _denies(failure: Failure) -> bool:
    """Whether the server has looked at the change and refused it.

    A webhook with side effects that knows no dry run is never asked, and says nothing of the change
    (Kubernetes, `pkg/admission/plugin/webhook/errors`, NewDryRunUnsupportedErr).
    """
    was_asked = failure.status is not None and 400 <= failure.status < 500
    return was_asked and not may_pass(failure) and _NO_DRY_RUN not in failure.sentence

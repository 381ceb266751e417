"""Watching over a live edit: whether it is taken back, when, and by whom.

What is proven and what is only inferred are told apart. The API server proves which program wrote
the field and when (managedFields); the owner's own newest sync proves that it put the Application
back, where that sync names it and was under way when the field was written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from probes.model import ProbeError
from probes.rawjson import Obj, mapping, moment, objects, text
from remedies.model import LiveEdit, Outcome, OutcomeKind
from remedies.performing.objects import differing, holds, read
from remedies.performing.waiting import calm
from remedies.world import World
from remedies.writers import Writer, writer_of

Tell = Callable[[str], None]


class Fate(StrEnum):
    """What became of a live edit."""

    KEPT = "still there"
    REVERTED = "taken back"
    UNSEEN = "not seen"
    """The Application could not be read at the end."""


@dataclass(frozen=True, slots=True)
class Watched:
    """The end of a watch. `by` is who took it back, `proven` or not; `at` is when (UTC)."""

    fate: Fate
    sentence: str
    at: datetime | None = None
    by: str = ""
    proven: bool = False


async def watch(world: World, edit: LiveEdit, tell: Tell = lambda _: None) -> Watched:
    """Look every few seconds until it is taken back, or the edit's `limit_s` is over."""
    tell(f"watching for {edit.limit_s:g} s whether {edit.owner or 'anybody'} takes it back")
    last = Watched(Fate.UNSEEN, "it was not looked at")
    try:
        async with asyncio.timeout(edit.limit_s):
            while (last := await looked(world, edit)).fate is not Fate.REVERTED:
                await calm()
    except TimeoutError:
        pass
    return last


def told_of(outcome: Outcome, watched: Watched) -> Outcome:
    """The outcome with what became of it since: what was taken back is no success."""
    if watched.fate is Fate.REVERTED:
        ended = f"it was applied, and then {watched.sentence}"
        return replace(outcome, kind=OutcomeKind.FAILING, sentence=ended, lasted=False)
    return replace(outcome, sentence=f"{outcome.sentence}; {watched.sentence}")


async def looked(world: World, edit: LiveEdit) -> Watched:
    """What has become of it by now."""
    try:
        application = await read(world, edit.application)
        if application is None:
            return Watched(Fate.REVERTED, f"{edit.application} is not there any more")
        if holds(application, edit.fields):
            return Watched(Fate.KEPT, _kept(edit))
        owner = await read(world, edit.owner_ref) if edit.owner_ref else None
    except ProbeError as error:
        return Watched(Fate.UNSEEN, error.failure.sentence)
    return taken_back(edit, application, owner)


def _kept(edit: LiveEdit) -> str:
    still = f"; {edit.owner} may still take it back" if edit.owner else ""
    return f"nobody has taken it back within {edit.limit_s:g} s{still}"


def taken_back(edit: LiveEdit, application: Obj, owner: Obj | None) -> Watched:
    """Who did it, by what the Application and its owner themselves tell. Pure."""
    writer = writer_of(application, edit.fields[0].pointer)
    at = writer.at if writer else None
    when = f" at {at:%H:%M:%S} UTC" if at else ""
    what = differing(application, edit.fields)
    by, proof, proven = _who(edit, writer, owner)
    return Watched(
        Fate.REVERTED, f"taken back{when} by {by}: {what}. {proof}", at=at, by=by, proven=proven
    )


def _who(edit: LiveEdit, writer: Writer | None, owner: Obj | None) -> tuple[str, str, bool]:
    """Who, how that is known, and whether it is proven."""
    wrote = f"Proven: written by {writer} (managedFields)" if writer else ""
    synced = _sync_of(edit, writer, owner)
    if synced:
        return edit.owner, f"{wrote or 'Proven'}; {synced}", True
    is_argo = writer is None or writer.manager.startswith("argocd")
    if edit.owner and is_argo:
        why = wrote or "The API server does not tell who wrote it"
        return edit.owner, f"{why}; inferred: it acted for {edit.owner}, which declares it", False
    if writer:
        return writer.manager, f"{wrote}; {edit.owner or 'no owner'} was not seen to do it", True
    return "somebody", "The API server does not tell who wrote it", False


def _sync_of(edit: LiveEdit, writer: Writer | None, owner: Obj | None) -> str:
    """The owner's sync that put the Application back, in words; empty where none is seen."""
    state = mapping(mapping(owner or {}, "status"), "operationState")
    began, ended = moment(state.get("startedAt")), moment(state.get("finishedAt"))
    at = writer.at if writer else None
    if not (at and began and began <= at and (ended is None or at <= ended)):
        return ""
    for one in objects(mapping(state, "syncResult"), "resources"):
        is_ours = one.get("kind") == "Application" and one.get("name") == edit.application.name
        if is_ours and text(one, "status") == "Synced" and not _unchanged(one):
            by = mapping(mapping(state, "operation"), "initiatedBy")
            how = "automated" if by.get("automated") is True else f"by {text(by, 'username')}"
            return f"its sync from {began:%H:%M:%S} UTC on ({how}) put it back (operationState)"
    return ""


def _unchanged(result: Obj) -> bool:
    return text(result, "message").endswith("unchanged")

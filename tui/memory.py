"""Memory: what is kept between runs of each target's verdicts, so that one sees how it stood.

One file for each target in the state folder, private and written whole: JSON with a schema
number. A file that is broken, foreign or of another schema counts as not there. Sandboxes are
worlds of their own each time and are not kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from probes.model import Change, CheckId, CheckResult, Diagnosis, Status
from probes.model.history import MOST_CHANGES
from probes.profile import Profile
from probes.text import safe_text
from tui.files import write_private

SCHEMA = 1
LONGEST = timedelta(days=30)
"""How long changes are kept."""

REFRESH = timedelta(minutes=5)
"""What has not changed is written again after that time, so that its age is about right."""

_IDS = frozenset(CheckId)
"""A newer version may have written of more checks."""

_LARGEST = 2_000_000
"""Bytes; no file of ours comes near it."""


@dataclass(frozen=True, slots=True)
class Place:
    """What tells one target from another.

    `context` is the one in use, also where the profile names none (`kubectl config use-context`
    must not mix two clusters up).
    """

    name: str
    kubeconfig: str
    context: str
    namespace: str
    workload: str

    @classmethod
    def of(cls, profile: Profile, context: str) -> Place:
        """The place of a profile; `context` is that of the kubeconfig in use."""
        return cls(
            profile.name,
            str(profile.kubeconfig or ""),
            profile.context or context,
            profile.namespace or "",
            profile.workload,
        )

    def file(self, folder: Path) -> Path:
        """Its file: a name for a person to read, and a digest that tells it from its like."""
        told = json.dumps([getattr(self, part) for part in self.__slots__])
        digest = hashlib.sha256(told.encode()).hexdigest()[:12]
        return folder / f"{re.sub(r'[^A-Za-z0-9_-]', '-', self.name)[:40]}-{digest}.json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """How a target stood when it was last looked at. Times are UTC, changes oldest first."""

    since: datetime
    """When it was looked at first, or at least so long ago that it does not matter."""

    at: datetime
    status: Status
    sentence: str
    checks: Mapping[CheckId, Status] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()


def after(before: Remembered | None, diagnosis: Diagnosis, at: datetime) -> Remembered:
    """What is known after one more finished sweep, which ended at that time. Pure."""
    known = before.checks if before else {}
    changes = (*(before.changes if before else ()), *_changed(known, diagnosis.results, at))
    return Remembered(
        max(before.since, at - LONGEST) if before else at,
        at,
        diagnosis.status,
        diagnosis.sentence,
        {one.id: one.status for one in diagnosis.results},
        tuple(one for one in changes if one.at > at - LONGEST)[-MOST_CHANGES:],
    )


def _changed(
    known: Mapping[CheckId, Status], results: Iterable[CheckResult], at: datetime
) -> Iterable[Change]:
    for one in results:
        before = known.get(one.id, one.status)
        if before is not one.status:
            yield Change(one.id, before, one.status, at, one.summary)


class Memory:
    """The files of one folder. Its methods wait for the disk: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[Place, Remembered] = {}

    def recall(self, place: Place) -> Remembered | None:
        """What is known of it; None where nothing is, or nothing that can be understood."""
        path = place.file(self._folder)
        try:
            if path.stat().st_size > _LARGEST:
                return None
            found = json.loads(path.read_text(encoding="utf-8"))
            return _read(found) if found["schema"] == SCHEMA else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def keep(self, place: Place, diagnosis: Diagnosis, at: datetime) -> None:
        """Write it down, where it is news. Raises OSError."""
        if not self._is_news(place, diagnosis, at):
            return
        # Read again: another dashboard may look at the same target.
        new = after(self.recall(place), diagnosis, at)
        write_private(place.file(self._folder), json.dumps(_written(place, new), indent=1))
        self._written[place] = new

    def _is_news(self, place: Place, diagnosis: Diagnosis, at: datetime) -> bool:
        last = self._written.get(place)
        if last is None or at - last.at >= REFRESH:
            return True
        same = replace(after(last, diagnosis, at), at=last.at, since=last.since)
        return same != last


def _written(place: Place, known: Remembered) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "target": {part: getattr(place, part) for part in place.__slots__},
        "since": known.since.isoformat(),
        "at": known.at.isoformat(),
        "status": known.status,
        "sentence": known.sentence,
        "checks": dict(known.checks),
        "changes": [
            {
                "check": one.check,
                "before": one.before,
                "after": one.after,
                "at": one.at.isoformat(),
                "summary": one.summary,
            }
            for one in known.changes
        ],
    }


def _read(found: Mapping[str, Any]) -> Remembered:
    """Raises KeyError, TypeError, ValueError or AttributeError where it is none of ours."""
    return Remembered(
        _time(found["since"]),
        _time(found["at"]),
        Status(found["status"]),
        safe_text(found["sentence"]),
        {CheckId(name): Status(told) for name, told in found["checks"].items() if name in _IDS},
        tuple(_change(one) for one in found["changes"][-MOST_CHANGES:] if one["check"] in _IDS),
    )


def _change(found: Mapping[str, Any]) -> Change:
    return Change(
        CheckId(found["check"]),
        Status(found["before"]),
        Status(found["after"]),
        _time(found["at"]),
        safe_text(found["summary"]),
    )


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without its zone")
    return time

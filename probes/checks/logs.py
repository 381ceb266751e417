"""Judging the logs: what is said at warn level and above, grouped, known apart from unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from probes import catalogue
from probes.checks.base import Check, Verdict, named, of_failure, unseen
from probes.checks.known_lines import STATES
from probes.checks.log_groups import groups
from probes.model import (
    NOISE,
    CauseId,
    CheckId,
    Evidence,
    Failure,
    Level,
    LogGroup,
    LogLine,
    LogsSeen,
    Snapshot,
    Source,
    Status,
)

_SHOWN_GROUPS = 12
_STANDING = timedelta(hours=1)
"""How long a line speaks for today: the portal's own numbers look back as far."""


def _errors(seen: LogsSeen, snapshot: Snapshot) -> Verdict:
    if not seen.pods:
        return Verdict(Status.UNKNOWN, "no-pods")
    current = _current(seen)
    failures, lines = _failures(current), current.lines()
    if not lines:
        return unseen(failures[0]) if failures else Verdict(Status.WARN, "no-lines")
    found = groups(seen)
    evidence = _evidence(found, current, _failures(seen), snapshot.started_at)
    standing = [one for one in found if _stands(one, snapshot.started_at)]
    unknown = [one for one in standing if one.means is None]
    errors = [one for one in unknown if one.newest.level is not Level.WARN]
    if errors:
        values = _counted("error", errors)
        cause = named(CauseId.LOGS_ERRORS_PRESENT, **values)
        return Verdict(Status.FAIL, "unknown", values, evidence, cause)
    known = [one for one in standing if one.means not in (None, NOISE)]
    if known:
        return Verdict(Status.WARN, "known", _counted("line", known), evidence)
    if unknown:
        return Verdict(Status.WARN, "warned", _counted("warning", unknown), evidence)
    if failures:
        return replace(unseen(failures[0]), evidence=evidence)
    values = {
        "lines": catalogue.counted("line", len(lines)),
        "pods": catalogue.counted("pod", len({one.pod for one in current.pods})),
    }
    return Verdict(Status.PASS, _quiet(found), values, evidence)


def _stands(group: LogGroup, now: datetime) -> bool:
    """Whether it is of today: what was said long ago may be mended by now."""
    when = group.newest.time
    return group.newest.message in STATES or when is None or now - when < _STANDING


def _quiet(found: Sequence[LogGroup]) -> str:
    if all(one.means == NOISE for one in found):
        return "noise" if found else "quiet"
    return "past"


def _current(seen: LogsSeen) -> LogsSeen:
    """Without the containers before the last restart: their errors are evidence of the crash."""
    return replace(seen, pods=tuple(one for one in seen.pods if not one.previous))


def _failures(seen: LogsSeen) -> list[Failure]:
    parts = (part for one in seen.pods for part in (one.head, one.tail))
    return [part for part in parts if isinstance(part, Failure)]


def _counted(noun: str, found: Sequence[LogGroup]) -> dict[str, str]:
    first = found[0].newest
    error = first.fields.get("error", "")
    told = f"{first.message}: {error}" if error else first.message
    count = sum(one.count for one in found)
    return {"count": catalogue.counted(noun, count), "message": told}


def _evidence(
    found: Sequence[LogGroup], seen: LogsSeen, failures: Sequence[Failure], now: datetime
) -> tuple[Evidence, ...]:
    ordered = sorted(
        found, key=lambda one: (one.means == NOISE, not _stands(one, now), one.means is not None)
    )
    rows = [
        Evidence(
            f"{one.newest.level} ×{one.count}",
            _told(one.newest),
            f"pod {one.newest.pod}, {_when(one.newest)}{_meaning(one)}",
        )
        for one in ordered[:_SHOWN_GROUPS]
    ]
    if seen.unread:
        rows.append(Evidence("not read", ", ".join(seen.unread), "more pods than are read"))
    rows.extend(
        Evidence("start of the log", "rotated away: the startup lines are gone", f"pod {one.pod}")
        for one in seen.pods
        if not one.head_is_start
    )
    return (*rows, *(of_failure("log not readable", one) for one in failures))


def _when(line: LogLine) -> str:
    return f"{line.time:%Y-%m-%d %H:%M:%S} UTC, " if line.time else ""


def _told(line: LogLine) -> str:
    details = [line.fields[key] for key in ("error", "http.target") if line.fields.get(key)]
    return ": ".join((line.message, *details))


def _meaning(group: LogGroup) -> str:
    if group.means is None:
        return "not known"
    return "known noise" if group.means == NOISE else f"see {group.means}"


ERRORS = Check(CheckId.LOGS_ERRORS, (Source.LOGS,), _errors)

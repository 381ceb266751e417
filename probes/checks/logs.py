"""Judging the logs: what is said at warn level and above, grouped, known apart from unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from probes.checks.base import Check, Verdict, named, of_failure, unseen
from probes.checks.known_lines import NOISE, meaning
from probes.model import (
    CauseId,
    CheckId,
    Evidence,
    Failure,
    Level,
    LogLine,
    LogsSeen,
    Snapshot,
    Source,
    Status,
)

_SHOWN_GROUPS = 12


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that say the same: the newest of them, how many, and what they mean."""

    newest: LogLine
    count: int
    means: CheckId | str | None


def groups(lines: Iterable[LogLine]) -> tuple[Group, ...]:
    """Warnings and worse, by level, message and meaning; the most frequent first."""
    counted: Counter[tuple[str, str, CheckId | str | None]] = Counter()
    newest: dict[tuple[str, str, CheckId | str | None], LogLine] = {}
    for line in lines:
        if line.level.is_bad:
            key = (line.level.value, line.message, meaning(line))
            counted[key] += 1
            newest[key] = line
    return tuple(Group(newest[key], count, key[2]) for key, count in counted.most_common())


def _errors(seen: LogsSeen, snapshot: Snapshot) -> Verdict:
    failures = _failures(seen)
    lines = _current(seen).lines()
    if not seen.pods:
        return Verdict(Status.UNKNOWN, "no-pods")
    if not lines:
        return unseen(failures[0]) if failures else Verdict(Status.WARN, "no-lines")
    found = groups(lines)
    evidence = _evidence(found, failures)
    unknown = [one for one in found if one.means is None]
    errors = [one for one in unknown if one.newest.level is not Level.WARN]
    if errors:
        values = _counted(errors)
        cause = named(CauseId.LOGS_ERRORS_PRESENT, **values)
        return Verdict(Status.FAIL, "unknown", values, evidence, cause)
    known = [one for one in found if one.means not in (None, NOISE)]
    if known:
        return Verdict(Status.WARN, "known", _counted(known), evidence)
    if unknown:
        return Verdict(Status.WARN, "warned", _counted(unknown), evidence)
    values = {"lines": str(len(lines)), "pods": _pods(seen)}
    return Verdict(Status.PASS, "noise" if found else "quiet", values, evidence)


def _current(seen: LogsSeen) -> LogsSeen:
    """Without the containers before the last restart: their errors are evidence of the crash."""
    return LogsSeen(tuple(one for one in seen.pods if not one.previous))


def _failures(seen: LogsSeen) -> list[Failure]:
    parts = (part for one in seen.pods for part in (one.head, one.tail))
    return [part for part in parts if isinstance(part, Failure)]


def _counted(found: Sequence[Group]) -> dict[str, str]:
    first = found[0].newest
    error = first.fields.get("error", "")
    told = f"{first.message}: {error}" if error else first.message
    return {"count": str(sum(one.count for one in found)), "message": told}


def _pods(seen: LogsSeen) -> str:
    count = len({one.pod for one in seen.pods})
    return f"{count} pod" if count == 1 else f"{count} pods"


def _evidence(found: Sequence[Group], failures: Sequence[Failure]) -> tuple[Evidence, ...]:
    ordered = sorted(found, key=lambda one: (one.means == NOISE, one.means is not None))
    rows = [
        Evidence(
            f"{one.newest.level} ×{one.count}",
            _told(one.newest),
            f"pod {one.newest.pod}, {_meaning(one)}",
        )
        for one in ordered[:_SHOWN_GROUPS]
    ]
    return (*rows, *(of_failure("log not readable", one) for one in failures))


def _told(line: LogLine) -> str:
    details = [line.fields[key] for key in ("error", "http.target") if line.fields.get(key)]
    return ": ".join((line.message, *details))


def _meaning(group: Group) -> str:
    if group.means is None:
        return "not known"
    return "known noise" if group.means == NOISE else f"see {group.means}"


ERRORS = Check(CheckId.LOGS_ERRORS, (Source.LOGS,), _errors)

"""Log gaps: what of the logs is not shown, and why. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from probes.model import Failure, FailureKind, LogsSeen, Observation, Status
from widgets.pieces import Fitted, Row, Words
from widgets.status import told

_FEW = 2
_MOST_REASONS = 2
"""One line each: the room is for the lines that can be read. Whole reasons are evidence of
`logs.errors`."""


def gap_rows(
    observation: Observation[LogsSeen] | None, gaps: Mapping[str, Failure]
) -> tuple[Row, ...]:
    """A row for each reason why pods' lines are missing: from the sweep, or from the tail."""
    seen = observation.seen if observation else None
    if isinstance(seen, Failure):
        return (Words(told(Status.UNKNOWN, seen.sentence), indent=2),)
    missing = dict(_failures(seen) if seen else ()) | dict(gaps)
    rows = list(_reasons(missing))
    if seen and seen.unread:
        rows.append(f"{_named(seen.unread)}: not read, only the newest pods are")
    if len(rows) > _MOST_REASONS + 1:
        others = f"and {len(rows) - _MOST_REASONS} more reasons: Enter on logs.errors tells them"
        rows[_MOST_REASONS:] = [others]
    return tuple(Fitted((told(Status.UNKNOWN, row),)) for row in rows)


def _reasons(missing: Mapping[str, Failure]) -> Iterator[str]:
    """Each reason once: sentences of several pods may differ in the pods' names only."""
    why: dict[tuple[FailureKind, str], list[str]] = {}
    for pod, failure in missing.items():
        sentence = re.sub(rf"(?<![\w-]){re.escape(pod)}(?![\w-])", "…", failure.sentence)
        why.setdefault((failure.kind, sentence), []).append(pod)
    for (_, sentence), pods in why.items():
        alone = missing[pods[0]].sentence if len(pods) == 1 else sentence
        yield f"{_named(pods)}: {alone}"


def _failures(seen: LogsSeen) -> Iterator[tuple[str, Failure]]:
    for log in seen.pods:
        for part in (log.head, log.tail):
            if isinstance(part, Failure):
                yield log.pod, part


def _named(pods: Sequence[str]) -> str:
    return ", ".join(pods) if len(pods) <= _FEW else f"{len(pods)} pods"

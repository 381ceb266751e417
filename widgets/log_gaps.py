"""Log gaps: what of the logs is not shown, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from probes.model import Failure, LogsSeen, Observation, Status
from widgets.pieces import Row, Words
from widgets.status import told

_FEW = 2


def gap_rows(
    observation: Observation[LogsSeen] | None, gaps: Mapping[str, Failure]
) -> tuple[Row, ...]:
    """A row for each reason why a pod's lines are missing: from the sweep, or from the tail."""
    seen = observation.seen if observation else None
    if isinstance(seen, Failure):
        return (Words(told(Status.UNKNOWN, seen.sentence), indent=2),)
    missing = dict(_failures(seen) if seen else ()) | dict(gaps)
    why: dict[str, list[str]] = {}
    for pod, failure in missing.items():
        why.setdefault(failure.sentence, []).append(pod)
    rows = [f"{_named(pods)}: {sentence}" for sentence, pods in why.items()]
    if seen and seen.unread:
        rows.append(f"{_named(seen.unread)}: not read, only the newest pods are")
    return tuple(Words(told(Status.UNKNOWN, row), indent=2) for row in rows)


def _failures(seen: LogsSeen) -> Iterator[tuple[str, Failure]]:
    for log in seen.pods:
        for part in (log.head, log.tail):
            if isinstance(part, Failure):
                yield log.pod, part


def _named(pods: Sequence[str]) -> str:
    return ", ".join(pods) if len(pods) <= _FEW else f"{len(pods)} pods"

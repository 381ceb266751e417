"""Log groups: what is said at warn level and above; check, panel and report count by these."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable

from probes.checks.known_lines import meaning
from probes.model import NOISE, LogGroup, LogLine, LogsSeen

_NUMBERS = re.compile(r"\d+")


def loud(seen: LogsSeen, *, ended: bool = False) -> tuple[LogLine, ...]:
    """Warnings and worse of the running containers, without known noise.

    With `ended` those of containers before their last restart instead: evidence of the crash.
    """
    return tuple(one for one in _bad(seen, ended=ended) if meaning(one) != NOISE)


def groups(seen: LogsSeen) -> tuple[LogGroup, ...]:
    """Warnings and worse of the running containers, noise included, equal ones once.

    Equal are lines of one level and meaning whose messages differ in numbers only; the most
    frequent stand first.
    """
    found: dict[Hashable, LogGroup] = {}
    for line in _bad(seen, ended=False):
        means = meaning(line)
        key = (line.level, _NUMBERS.sub("0", line.message), means)
        before = found.get(key)
        newest = line if before is None else _newer(before.newest, line)
        found[key] = LogGroup(newest, before.count + 1 if before else 1, means)
    return tuple(sorted(found.values(), key=lambda one: one.count, reverse=True))


def _bad(seen: LogsSeen, *, ended: bool) -> Iterable[LogLine]:
    logs = LogsSeen(tuple(one for one in seen.pods if one.previous == ended))
    return (line for line in logs.lines() if line.level.is_bad)


def _newer(one: LogLine, other: LogLine) -> LogLine:
    return one if one.time and other.time and one.time > other.time else other

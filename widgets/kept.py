"""Kept: a log line in the logbook. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from probes.model import LogLine


@dataclass(slots=True, eq=False)
class Kept:
    """A line with its number, which is another one once older lines have been filled in.

    `starts`: its container began with it; `previous`: and has ended. `rule`: it is no line of the
    log, but stands where a container restarted.
    """

    number: int
    line: LogLine
    starts: bool = False
    previous: bool = False
    rule: bool = False

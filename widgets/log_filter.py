"""LogFilter: which lines are shown. Pure; it holds for lines that are still to come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from probes.model import Level, LogLine, is_routine
from widgets.kept import Kept

LEVELS = (None, Level.INFO, Level.WARN, Level.ERROR)
"""The least levels that one may choose, None for everything."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What a line must be to be shown; the expressions are searched in the whole line."""

    least: Level | None = None
    pod: str = ""
    include: str = ""
    exclude: str = ""
    previous: bool = False
    """Whether lines of containers before their last restart are shown."""

    quiet: bool = False
    """Whether the requests of the kubelet and of Prometheus are left out."""

    def concerns(self, kept: Kept) -> bool:
        """Whether the line is of those that one looks among: a hit's neighbours are."""
        if kept.previous and not self.previous:
            return False
        if self.quiet and is_routine(kept.line):
            return False
        return not self.pod or kept.line.pod == self.pod

    def finds(self, kept: Kept) -> bool:
        """Whether the line is what one looks for among them."""
        line = kept.line
        if self.least is not None and not kept.rule and line.level.rank < self.least.rank:
            return False
        if self.include and not found(self.include, line):
            return False
        return not (self.exclude and found(self.exclude, line))

    def shows(self, kept: Kept) -> bool:
        """Whether the line is shown for its own sake."""
        return self.concerns(kept) and self.finds(kept)

    @property
    def words(self) -> str:
        """What is left out, in words; empty where nothing is."""
        told = [
            f"{self.least} and worse" if self.least else "",
            f"pod {self.pod}" if self.pod else "",
            f"with /{self.include}/" if self.include else "",
            f"without /{self.exclude}/" if self.exclude else "",
            "with ended containers" if self.previous else "",
            "without probes and scrapes" if self.quiet else "",
        ]
        return " · ".join(filter(None, told))


def found(expression: str, line: LogLine) -> bool:
    """Whether the expression occurs in the line, as it was written or as it reads."""
    search = compiled(expression).search
    if search(line.raw):
        return True
    # JSON writes quotes and line breaks with backslashes, a person does not.
    return "\\" in line.raw and any(map(search, (line.message, *line.fields.values())))


@cache
def compiled(expression: str) -> re.Pattern[str]:
    """The expression, case ignored unless it has a capital in it. Raises re.error."""
    flags = 0 if any(one.isupper() for one in expression) else re.IGNORECASE
    return re.compile(expression, flags)


def mistake(expression: str) -> str:
    """What is wrong with an expression; empty where nothing is."""
    try:
        compiled(expression)
    except re.error as error:
        return f"not a regular expression: {error}"
    return ""

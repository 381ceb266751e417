"""LogFilter: which lines are shown. Pure; it holds for lines that are still to come."""

from __future__ import annotations

from dataclasses import dataclass

from probes.model import Level, LogLine, is_routine
from widgets.expression import MistakeError, expression
from widgets.kept import Kept

LEVELS = (None, Level.INFO, Level.WARN, Level.ERROR)
"""The least levels that one may choose, None for everything."""

TOO_SLOW = "it takes too long on these lines: make it simpler"
"""What is wrong with an expression that backtracks without an end."""


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
    def too_slow(self) -> dict[str, str]:
        """The expressions that take too long, by what they are for."""
        both = {"include": self.include, "exclude": self.exclude}
        return {name: text for name, text in both.items() if text and expression(text).is_too_slow}

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


def found(text: str, line: LogLine) -> bool:
    """Whether the expression occurs in the line, as it was written or as it reads.

    As it reads: the message, and below it each field (`error=boom`), so that `^` is where a text
    begins, and what JSON writes with backslashes is what a person types.
    """
    sought = expression(text)
    if sought.occurs(line.raw):
        return True
    differs = sought.is_about_ends or "\\" in line.raw  # else it is in the line as it is
    return differs and line.message != line.raw and sought.occurs(_read(line))


def _read(line: LogLine) -> str:
    return "\n".join((line.message, *(f"{name}={told}" for name, told in line.fields.items())))


def mistake(text: str) -> str:
    """What is wrong with an expression; empty where nothing is."""
    try:
        slow = expression(text).is_too_slow
    except MistakeError as error:
        return f"not a regular expression: {error}"
    return TOO_SLOW if slow else ""

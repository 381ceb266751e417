"""Expression: a regular expression that a person typed, with a limit to what it may cost.

Any line may be the one on which an expression backtracks without an end (`(a+)+$`), and searching
it would stop the keys as well: `re` cannot be interrupted, `regex` can.
"""

from __future__ import annotations

import warnings
from functools import cache

_LONGEST_S = 0.05
"""For one text; an honest expression takes some microseconds."""

_ENDS = ("^", "$", "=", r"\A", r"\Z")
"""Of a message or a field (`error=boom`): in JSON other signs stand there."""


class MistakeError(Exception):
    """It is no regular expression; the text says why."""


class Expression:
    """Compiled. Case is ignored unless it has a capital in it. Raises MistakeError."""

    def __init__(self, text: str) -> None:
        import regex  # 20 ms, for somebody who searches

        self.is_too_slow = False
        """Whether a search has taken too long: from then on it finds nothing."""

        self.is_about_ends = any(one in text for one in _ENDS)
        """Whether it may find what reads as a text of its own, and nothing where it was written."""

        flags = 0 if any(one.isupper() for one in text) else regex.IGNORECASE
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a `[[` may mean another thing in the future
            try:
                self._pattern = regex.compile(text, flags | regex.MULTILINE)
            except regex.error as error:
                raise MistakeError(str(error)) from error

    def occurs(self, text: str) -> bool:
        """Whether it occurs in the text."""
        if self.is_too_slow:
            return False
        try:
            return self._pattern.search(text, timeout=_LONGEST_S) is not None
        except TimeoutError:
            self.is_too_slow = True
            return False

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it occurs in the text."""
        if self.is_too_slow:
            return []
        try:
            return [one.span() for one in self._pattern.finditer(text, timeout=_LONGEST_S)]
        except TimeoutError:
            self.is_too_slow = True
            return []


@cache
def expression(text: str) -> Expression:
    """The expression of that text. Raises MistakeError."""
    return Expression(text)

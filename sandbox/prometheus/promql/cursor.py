"""Cursor: the parser's place in a query, and the literals it reads."""

from __future__ import annotations

import re

from sandbox.prometheus.promql.errors import ParseError
from sandbox.prometheus.promql.lexer import Kind, Token, tokens

_UNIT_MS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Cursor:
    """The tokens of a query, taken one by one."""

    def __init__(self, query: str) -> None:
        self.query = query
        self._tokens = tokens(query)
        self._next = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """The next token, passed."""
        token = self.token
        if token.kind != "end":
            self._next += 1
        return token

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these words or signs."""
        return self.token.kind != "string" and self.token.text.lower() in texts

    def accept(self, text: str) -> bool:
        """Passes the next token if it is this word or sign."""
        found = self.at(text)
        if found:
            self.take()
        return found

    def expect(self, text: str, context: str = "") -> Token:
        """Passes this sign. Raises ParseError when something else stands there."""
        if not self.at(text):
            raise self.unexpected(context, f'"{text}"')
        return self.take()

    def expect_kind(self, kind: Kind, context: str = "") -> Token:
        """Passes a token of this kind. Raises ParseError when something else stands there."""
        if self.token.kind != kind:
            raise self.unexpected(context, kind)
        return self.take()

    def unexpected(self, context: str = "", expected: str = "") -> ParseError:
        """The error for the next token."""
        where = f" in {context}" if context else ""
        wanted = f", expected {expected}" if expected else ""
        return self.error(self.token.at, f"unexpected {self.token}{where}{wanted}")

    def error(self, at: int, what: str) -> ParseError:
        """An error at a place of the query."""
        return ParseError(self.query, at, what)

    def labels(self) -> tuple[str, ...]:
        """`(a, b)`, as after `by`, `without`, `on` and `ignoring`."""
        self.expect("(", "grouping opts")
        names: list[str] = []
        while not self.at(")"):
            names.append(self.expect_kind("identifier", "grouping opts").text)
            if not self.accept(","):
                break
        self.expect(")", "grouping opts")
        return tuple(names)

    def duration_ms(self) -> int:
        """`5m` or `1h30m`, in milliseconds."""
        return duration_ms(self.expect_kind("duration").text)


def duration_ms(text: str) -> int:
    """Milliseconds of a duration as PromQL writes it."""
    parts = re.findall(r"(\d+)(ms|[smhdwy])", text)
    return sum(int(count) * _UNIT_MS[unit] for count, unit in parts)


def number(text: str) -> float:
    """The value of a literal number."""
    return float(int(text, 16)) if text[:2].lower() == "0x" else float(text)


def unquoted(text: str) -> str:
    """The value of a literal string."""
    if text[0] == "`":
        return text[1:-1]
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1])

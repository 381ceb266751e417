"""Lexer: a query as tokens (prometheus/promql/parser/lex.go, the part that the portal needs)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sandbox.prometheus.promql.errors import ParseError

Kind = Literal["identifier", "number", "duration", "string", "operator", "punctuation", "end"]

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|\#[^\n]*)
    | (?P<duration>(?:\d+(?:ms|[smhdwy]))+(?![\w.]))
    | (?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<identifier>[a-zA-Z_:][a-zA-Z0-9_:]*)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)
    | (?P<operator>==|!=|=~|!~|>=|<=|[-+*/%^<>=])
    | (?P<punctuation>[(){}\[\],])
    """,
    re.VERBOSE,
)
_CLOSES = {")": "(", "}": "{", "]": "["}
_UNCLOSED = {"(": "unclosed left parenthesis", "[": "unclosed left bracket"}
_NAMES = {"(": "parenthesis", "{": "brace", "[": "bracket"}


@dataclass(frozen=True)
class Token:
    """One token: its kind, its text as written and where it starts."""

    kind: Kind
    text: str
    at: int

    def __str__(self) -> str:
        if self.kind == "end":
            return "end of input"
        if self.kind == "operator":
            return f"<op:{self.text}>"
        quoted = '"' + self.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return quoted if self.kind == "punctuation" else f"{self.kind} {quoted}"


def tokens(query: str) -> list[Token]:
    """All tokens, the last one being the end.

    Raises ParseError for what is no token and for brackets that do not match.
    """
    found = list(_scan(query))
    open_brackets: list[str] = []
    for token in found:
        if token.kind != "punctuation" or token.text == ",":
            continue
        opening = _CLOSES.get(token.text)
        if opening is None:
            open_brackets.append(token.text)
        elif not open_brackets or open_brackets.pop() != opening:
            what = f"unexpected right {_NAMES[opening]} '{token.text}'"
            raise ParseError(query, token.at + 1, what)
    if open_brackets:
        inner = open_brackets[-1]
        what = _UNCLOSED.get(inner, "unexpected end of input inside braces")
        raise ParseError(query, len(query), what)
    return [*found, Token("end", "", len(query))]


def _scan(query: str) -> Iterator[Token]:
    at = 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            quote = query[at] in "\"'`"
            what = "unterminated quoted string" if quote else f"unexpected character: '{query[at]}'"
            raise ParseError(query, at, what)
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match.group(), at)  # type: ignore[arg-type]
        at = match.end()

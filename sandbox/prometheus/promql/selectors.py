"""Selectors: `name{label="value", …}[5m] offset 1h`."""

from __future__ import annotations

import re
from dataclasses import replace

from sandbox.prometheus.promql.cursor import Cursor, unquoted
from sandbox.prometheus.promql.lexer import Token
from sandbox.prometheus.promql.nodes import Matcher, Selector

_CONTEXT = "label matching"
_OPERATORS = ("=", "!=", "=~", "!~")


def parse_selector(cursor: Cursor, name: Token | None = None) -> Selector:
    """The selector that starts here, its metric name passed already or not given.

    Raises ParseError when it would match everything.
    """
    at = name.at if name else cursor.token.at
    matchers = [Matcher("__name__", "=", name.text)] if name else []
    if cursor.accept("{"):
        matchers += _matchers(cursor, at)
    if all(matcher.matches("") for matcher in matchers):
        what = "vector selector must contain at least one non-empty matcher"
        raise cursor.error(at, what)
    selector = Selector(tuple(matchers), at)
    if cursor.accept("["):
        selector = replace(selector, range_ms=cursor.duration_ms())
        cursor.expect("]")
    if cursor.accept("offset"):
        sign = -1 if cursor.accept("-") else 1
        selector = replace(selector, offset_ms=sign * cursor.duration_ms())
    return selector


def _matchers(cursor: Cursor, at: int) -> list[Matcher]:
    found: list[Matcher] = []
    while not cursor.accept("}"):
        found.append(_matcher(cursor, at))
        if not cursor.accept(","):
            cursor.expect("}", _CONTEXT)
            break
    return found


def _matcher(cursor: Cursor, at: int) -> Matcher:
    label = cursor.expect_kind("identifier", _CONTEXT).text
    if not cursor.at(*_OPERATORS):
        raise cursor.unexpected(_CONTEXT, "label matching operator")
    operator = cursor.take().text
    value = unquoted(cursor.expect_kind("string", _CONTEXT).text)
    if operator in ("=", "!="):
        return Matcher(label, operator, value)
    try:
        return Matcher(label, operator, value, re.compile(value))
    except re.error as error:
        raise cursor.error(at, f"error parsing regexp: {error}") from None

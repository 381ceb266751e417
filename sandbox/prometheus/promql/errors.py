"""Errors of PromQL, worded as Prometheus words them."""

from __future__ import annotations


class ParseError(ValueError):
    """The query is no PromQL, or none that is understood here."""

    def __init__(self, query: str, at: int, what: str) -> None:
        line = query.count("\n", 0, at)
        column = at - (query.rfind("\n", 0, at) + 1)
        super().__init__(f"{line + 1}:{column + 1}: parse error: {what}")


class ExecutionError(ValueError):
    """The query is well formed, but cannot be evaluated on this data."""

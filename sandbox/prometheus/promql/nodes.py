"""Nodes: the syntax tree of a query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ValueType = Literal["scalar", "instant vector", "range vector", "string"]


@dataclass(frozen=True)
class Matcher:
    """`label = value` and its kin. A pattern matches the whole value, as in Go's `^(?:…)$`."""

    label: str
    operator: str
    value: str
    pattern: re.Pattern[str] | None = None

    def matches(self, value: str) -> bool:
        """Whether a label's value (empty when absent) is selected."""
        if self.pattern is not None:
            return (self.pattern.fullmatch(value) is not None) == (self.operator == "=~")
        return (value == self.value) == (self.operator == "=")


@dataclass(frozen=True)
class Number:
    """A literal number."""

    value: float
    at: int
    type: ValueType = "scalar"


@dataclass(frozen=True)
class String:
    """A literal string."""

    value: str
    at: int
    type: ValueType = "string"


@dataclass(frozen=True)
class Selector:
    """Series by their labels; with a range (milliseconds) a range vector."""

    matchers: tuple[Matcher, ...]
    at: int
    range_ms: int = 0
    offset_ms: int = 0

    @property
    def name(self) -> str | None:
        """The metric's name, when the selector gives it."""
        named = (m.value for m in self.matchers if (m.label, m.operator) == ("__name__", "="))
        return next(named, None)

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether every matcher matches; an absent label is an empty one."""
        return all(matcher.matches(labels.get(matcher.label, "")) for matcher in self.matchers)

    @property
    def type(self) -> ValueType:
        """A range vector, if it has a range."""
        return "range vector" if self.range_ms else "instant vector"


@dataclass(frozen=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple[Node, ...]
    at: int
    type: ValueType


@dataclass(frozen=True)
class Aggregation:
    """`sum by (a) (…)`: `labels` are kept, or dropped with `without`."""

    operator: str
    expression: Node
    at: int
    labels: tuple[str, ...] = ()
    without: bool = False
    parameter: Node | None = None
    type: ValueType = "instant vector"


@dataclass(frozen=True)
class Matching:
    """Which labels two vectors are matched on; None: all of them."""

    labels: tuple[str, ...] | None = None
    ignoring: bool = False


@dataclass(frozen=True)
class Binary:
    """An operator between two scalars or vectors; `as_bool`: a comparison gives 0 or 1."""

    operator: str
    left: Node
    right: Node
    at: int
    as_bool: bool = False
    matching: Matching = Matching()

    @property
    def type(self) -> ValueType:
        """A scalar only between scalars."""
        both = {self.left.type, self.right.type}
        return "scalar" if both == {"scalar"} else "instant vector"


@dataclass(frozen=True)
class Negative:
    """A unary minus."""

    expression: Node
    at: int

    @property
    def type(self) -> ValueType:
        """That of its operand."""
        return self.expression.type


Node = Number | String | Selector | Call | Aggregation | Binary | Negative

"""Declared: the bindings that stand in a class, as it was written."""

from __future__ import annotations

from textual.binding import Binding
from textual.dom import DOMNode

Node = type[DOMNode]


def own(node: Node) -> tuple[Binding, ...]:
    """The bindings that stand in the class itself, one for each key."""
    return tuple(Binding.make_bindings(vars(node).get("BINDINGS", ())))


def merged(node: Node) -> dict[str, tuple[Binding, ...]]:
    """The bindings by key, those of base classes included; a derived class wins."""
    found: dict[str, tuple[Binding, ...]] = {}
    for base in reversed(node.__mro__):
        if issubclass(base, DOMNode):
            bindings = own(base)
            keys = dict.fromkeys(binding.key for binding in bindings)
            found |= {key: tuple(one for one in bindings if one.key == key) for key in keys}
    return found


def first_key(node: Node, id: str) -> Binding | None:
    """The first of the keys that the class gives to that id."""
    bases = (base for base in node.__mro__ if issubclass(base, DOMNode))
    found = (one for base in bases for one in own(base) if one.id == id)
    return next(found, None)

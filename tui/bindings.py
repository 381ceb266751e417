"""Bindings: every key that a screen or widget of ours answers to, found on the classes themselves.

It imports all of them: only for those who ask about keys.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

from textual.dom import DOMNode
from textual.screen import Screen

import tui.app
import tui.screens
import widgets
from tui.declared import Node, own


@dataclass(frozen=True, slots=True)
class Known:
    """A binding of ours: the keys it has by default, what it does, and the class that has it."""

    id: str
    keys: tuple[str, ...]
    does: str
    node: Node
    priority: bool
    """Whether it comes before what a modal screen does."""


@cache
def nodes() -> tuple[Node, ...]:
    """The app, and every class of ours in `tui.screens` and `widgets` that is drawn."""
    modules = [tui.app, *_modules(tui.screens), *_modules(widgets)]
    return tuple(
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, DOMNode)
        and thing.__module__ == module.__name__
    )


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield import_module(found.name)


@cache
def known() -> dict[str, Known]:
    """Every binding of ours by its id."""
    found: dict[str, Known] = {}
    for node in nodes():
        for one in own(node):
            if one.id:
                keys = found[one.id].keys if one.id in found else ()
                does = one.tooltip or one.description
                found[one.id] = Known(one.id, (*keys, one.key), does, node, one.priority)
    return found


def stands_in(outer: Node, inner: Node) -> bool:
    """Whether a key may be offered to the inner class first and to the outer one after it.

    The app is around everything; a screen or widget is around what its module names.
    """
    if outer is tui.app.OpsPortalApp:
        return inner is not outer
    return not issubclass(inner, Screen) and inner in _named_by(outer)


@cache
def _named_by(node: Node) -> frozenset[Node]:
    """The widgets that the class's module, and theirs in turn, have at hand to compose."""
    found: set[Node] = set()
    waiting = [node]
    while waiting:
        module = vars(sys.modules[waiting.pop().__module__])
        new = {one for one in nodes() if one in module.values()} - found
        found |= new
        waiting += [one for one in new if not issubclass(one, Screen)]
    return frozenset(found)

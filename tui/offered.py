"""Offered: what a person can ask for on the present screen, and how its keys are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from textual.app import App
from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.screen import Screen

from tui import explaining
from tui.declared import first_key


class ShowingKeys(App[None]):
    """The part of the app that knows which keys are in force: they may be a person's own."""

    _own_keys: Mapping[str, str] = {}

    def set_keymap(self, keymap: Mapping[str, str]) -> None:
        """Take a person's own keys, by the ids of bindings."""
        self._own_keys = dict(keymap)
        super().set_keymap(self._own_keys)

    def key_shown(self, id: str) -> str:
        """How the first key of that id is shown; it is the app's, or one of an open screen."""
        nodes: tuple[DOMNode, ...] = (self, *reversed(self.screen_stack))
        found = (first_key(type(node), id) for node in nodes)
        binding = next((one for one in found if one), None)
        if binding is None:
            return ""
        key = self._own_keys.get(id, binding.key).partition(",")[0].strip()
        return self.get_key_display(replace(binding, key=key))


def key_shown(node: DOMNode, id: str) -> str:
    """How the key is shown that does this in the node's app."""
    app = node.app
    return app.key_shown(id) if isinstance(app, ShowingKeys) else ""


@dataclass(frozen=True, slots=True)
class Offered:
    """One action of ours: the keys it has now, what it does, and where it runs."""

    id: str
    keys: tuple[str, ...]
    shown: tuple[str, ...]
    """The keys as a person reads them."""

    label: str
    does: str
    enabled: bool
    why_not: str
    """Why it cannot run now."""

    in_footer: bool
    action: str
    node: DOMNode


def offered(screen: Screen[object]) -> tuple[Offered, ...]:
    """The actions of the focused widget first, then the screen's, then the app's."""
    found: dict[str, Offered] = {}
    for key, active in _active(screen):
        one = _offered(screen.app, key, active)
        before = found.get(one.id)
        if before:
            one = replace(before, keys=(*before.keys, *one.keys), shown=(*before.shown, *one.shown))
        if one.id:
            found[one.id] = one
    return tuple(found.values())


def _active(screen: Screen[object]) -> Iterator[tuple[str, ActiveBinding]]:
    """What keys do; a modal screen names only its own, though some of the app's work there too."""
    active = screen.active_bindings
    yield from ((key, one) for key, one in active.items() if not _is_typed(screen, key, one))
    if screen.is_modal:
        for key, one in screen.app.screen_stack[0].active_bindings.items():
            if one.binding.priority and key not in active and not _is_typed(screen, key, one):
                yield key, one


def _is_typed(screen: Screen[object], key: str, active: ActiveBinding) -> bool:
    """Whether the key is a letter in the field that has the focus.

    Textual knows not every key's character (that of `slash`, for one); how it is shown tells it.
    """
    focused = screen.focused
    if focused is None or focused is active.node:
        return False
    shown = screen.app.get_key_display(active.binding)
    return focused.check_consume_key(key, shown if len(shown) == 1 and shown.isascii() else None)


def _offered(app: App[object], key: str, active: ActiveBinding) -> Offered:
    binding = active.binding
    return Offered(
        binding.id or "",
        (key,),
        (app.get_key_display(binding),),
        binding.description,
        binding.tooltip or binding.description,
        active.enabled,
        "" if active.enabled else explaining.reason(active.node, binding.action),
        binding.show,
        binding.action,
        active.node,
    )

"""Keymap: a person's own keys, from the table `[keys]`, checked before the terminal is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations, product

from textual.binding import Binding, InvalidBinding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character
from textual.screen import ModalScreen

from tui import bindings
from tui.configfile import ConfigError, KeySetting, nearest
from tui.declared import Node, merged

_MODIFIERS = frozenset({"ctrl", "shift", "alt", "meta", "super", "hyper"})
_NAMED = frozenset(
    {key.value for key in Keys if key.value.isalnum()} | set(KEY_NAME_REPLACEMENTS.values())
)
"""Names of single keys; beside them stand the characters, also by their Unicode names."""

Keymap = Mapping[str, tuple[str, ...]]
"""Keys by binding id, as Textual names them."""


def checked(said: Mapping[str, KeySetting]) -> Keymap:
    """The keys that were said. Raises ConfigError where one leads nowhere, or to two things.

    It names file and line, and the nearest id or the two ids that share a key.
    """
    known = bindings.known()
    keymap: dict[str, tuple[str, ...]] = {}
    for name, setting in said.items():
        if name not in known:
            raise ConfigError(f"{setting.where}: unknown key `keys.{name}`; {nearest(name, known)}")
        keymap[name] = _keys(name, setting)
    for clash in _clashes(keymap):
        setting = next(said[one] for one in (clash.one, clash.other) if one in said)
        raise ConfigError(f"{setting.where}: {clash.told()}")
    return keymap


def in_force(keymap: Keymap) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Id, keys and what they do, of every binding, by id."""
    for name, one in sorted(bindings.known().items()):
        yield name, keymap.get(name, one.keys), one.does


def for_textual(keymap: Keymap) -> dict[str, str]:
    """What `App.set_keymap` takes."""
    return {name: ",".join(keys) for name, keys in keymap.items()}


def _keys(name: str, setting: KeySetting) -> tuple[str, ...]:
    try:
        keys = [one.key for one in Binding.make_bindings([Binding(setting.keys, name)])]
    except InvalidBinding:
        raise ConfigError(f"{setting.where}: `keys.{name}` has an empty key in it") from None
    for key in keys:
        if not _is_key(key):
            told = f"`keys.{name}` names no key of a keyboard: `{key}`"
            raise ConfigError(f"{setting.where}: {told}; {_hint(key)}")
    return tuple(dict.fromkeys(keys))


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+")
    is_named = last in _NAMED or key_to_character(last) is not None
    return is_named and _MODIFIERS.issuperset(modifiers)


def _hint(key: str) -> str:
    *modifiers, last = key.split("+")
    known = _NAMED if _MODIFIERS.issuperset(modifiers) else _MODIFIERS
    wrong = last if known is _NAMED else next(one for one in modifiers if one not in known)
    return nearest(wrong, sorted(known))


@dataclass(frozen=True, slots=True)
class _Clash:
    """One key that leads to two things at the same time."""

    key: str
    one: str
    other: str

    def told(self) -> str:
        return (
            f"the key `{self.key}` is for `{self.one}` and for `{self.other}`: "
            "give one of them another"
        )


def _clashes(keymap: Keymap) -> Iterator[_Clash]:
    """What the keymap brings about; what is so by default is meant."""
    if not keymap:
        return
    presses = {node: tuple(_presses(node, keymap)) for node in bindings.nodes()}
    for pressed in presses.values():
        yield from _shared(combinations(pressed, 2), keymap)
    for outer, inner in permutations(presses, 2):
        if bindings.stands_in(outer, inner):
            yield from _shared(product(_reaching(outer, inner, presses), presses[inner]), keymap)


_Press = tuple[str, str]
"""A key, and the id of what it leads to."""


def _presses(node: Node, keymap: Keymap) -> Iterator[_Press]:
    names: dict[str, None] = {}
    for key, found in merged(node).items():
        for name in (one.id for one in found if one.id):
            names[name] = None
            if name not in keymap:
                yield key, name
    for name in names:
        for key in keymap.get(name, ()):
            yield key, name


def _reaching(
    outer: Node, inner: Node, presses: Mapping[Node, tuple[_Press, ...]]
) -> tuple[_Press, ...]:
    """What of the outer one works while the inner one is there: of a modal screen little does."""
    if not issubclass(inner, ModalScreen):
        return presses[outer]
    known = bindings.known()
    return tuple(press for press in presses[outer] if known[press[1]].priority)


def _shared(pairs: Iterable[tuple[_Press, _Press]], keymap: Keymap) -> Iterator[_Clash]:
    known = bindings.known()
    for (key, one), (other_key, other) in pairs:
        is_meant = key in known[one].keys and key in known[other].keys
        is_changed = one in keymap or other in keymap
        if key == other_key and one != other and is_changed and not is_meant:
            yield _Clash(key, one, other)

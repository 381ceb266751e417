"""`opsportal-tui config init|show|keys|path`: the configuration file and what is in force."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import click

from probes.profile import Profile
from tui.configfile import ConfigError
from tui.files import write_new, write_private
from tui.settings import PROFILE_KEYS, Settings, UiSettings

_NAME, _VALUE = 20, 34
"""Cells of the columns."""

_HEAD = """\
# opsportal-tui: which targets to look at. Everything here is optional: a kubeconfig and a
# namespace are enough. Flags win over OPSPORTAL_* variables, those over this file.

# The profile used when --profile names none.
# default_profile = "prod"

[ui]
"""

_KEYS_TABLE = """
# Keys of your own, by binding id: `opsportal-tui config keys` lists the ids and what they do.
# Several keys stand behind one another; the others of that id are gone then.
# [keys]
# "view.sweep" = "R,f5"
# "view.quit" = "ctrl+x"
"""


def template() -> str:
    """A commented file with every key, its default and its meaning."""
    lines = [_HEAD.rstrip()]
    lines.extend(_keys(UiSettings, tuple(UiSettings.model_fields)))
    lines.extend(("", "# [profiles.prod]"))
    lines.extend(_keys(Profile, PROFILE_KEYS))
    lines.append(_KEYS_TABLE)
    return "\n".join(lines)


def _keys(model: type[Profile] | type[UiSettings], keys: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    meanings = _meanings(model)
    for key in keys:
        field = model.model_fields[key]
        lines.append(f"# {meanings[key]}")
        is_command = field.default is None and "tuple" in str(field.annotation)
        shown = '["..."]' if is_command else _toml(field.default)
        lines.append(f"# {key} = {shown}")
    return lines


def _meanings(model: type[Profile] | type[UiSettings]) -> dict[str, str]:
    """What stands under each attribute; pydantic would read that at every start, in 20 ms."""
    nodes = ast.walk(ast.parse(inspect.getsource(model)))
    found = next(node for node in nodes if isinstance(node, ast.ClassDef))
    return {
        attribute.target.id: inspect.cleandoc(text)
        for attribute, under in pairwise(found.body)
        if isinstance(attribute, ast.AnnAssign) and isinstance(attribute.target, ast.Name)
        if isinstance(under, ast.Expr) and isinstance(under.value, ast.Constant)
        if isinstance(text := under.value.value, str)
    }


def _toml(value: object) -> str:
    if value is None:
        return '"..."'
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else f'"{value}"'


def write(path: Path, *, force: bool) -> None:
    """Write the template, whole or not at all. Raises ConfigError where a file is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        (write_private if force else write_new)(path, template())
    except FileExistsError as error:
        raise ConfigError(f"{path}: is there already; --force overwrites it") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error


def show(settings: Settings) -> None:
    """Print every value in force with where it came from; a token command only by its name.

    Raises ConfigError where the table [keys] cannot be used.
    """
    own = _own_keys(settings)
    there = "" if settings.file_exists else " (not there: defaults)"
    click.echo(f"file     {settings.file}{there}")
    click.echo(f"profile  {settings.profile.name} (of: {', '.join(settings.profiles) or 'none'})")
    for key in PROFILE_KEYS:
        _tell(key, _shown(settings.profile, key), settings.origins[key])
    _tell("ui.theme", settings.ui.theme or "default")
    _tell("ui.mouse", _toml(settings.ui.mouse))
    for name, keys in own.items():
        _tell(f"keys.{name}", ", ".join(keys), settings.keys[name].where)


def _tell(name: str, value: str, origin: str = "") -> None:
    click.echo(f"{name:<{_NAME}} {value:<{_VALUE}} {origin}".rstrip())


def _own_keys(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    if not settings.keys:
        return {}
    from tui import keymap  # with all screens: 0.3 s

    return keymap.checked(settings.keys)


def show_keys(settings: Settings) -> None:
    """Print id, keys in force and what they do, of every binding, own ones with a star.

    Raises ConfigError where the table [keys] cannot be used.
    """
    from tui import keymap

    own = _own_keys(settings)
    for name, keys, does in keymap.in_force(own):
        _tell(f"{'*' if name in own else ' '} {name}", ", ".join(keys), does)


def _shown(profile: Profile, key: str) -> str:
    value = getattr(profile, key)
    if value is None:
        return "-"
    if key in ("token_command", "argocd_token_command"):
        return f"{value[0]} …" if value else "-"
    return str(value)

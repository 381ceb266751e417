"""`opsportal-tui config init|show|path`: the configuration file and what is in force."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from probes.profile import Profile
from tui.configfile import ConfigError
from tui.settings import PROFILE_KEYS, Settings, UiSettings

_HEAD = """\
# opsportal-tui: which targets to look at. Everything here is optional: a kubeconfig and a
# namespace are enough. Flags win over OPSPORTAL_* variables, those over this file.

# The profile used when --profile names none.
# default_profile = "prod"

[ui]
"""


def template() -> str:
    """A commented file with every key, its default and its meaning."""
    lines = [_HEAD.rstrip()]
    lines.extend(_keys(UiSettings, tuple(UiSettings.model_fields)))
    lines.extend(("", "# [profiles.prod]"))
    lines.extend(_keys(Profile, PROFILE_KEYS))
    return "\n".join(lines) + "\n"


def _keys(model: type[Profile] | type[UiSettings], keys: tuple[str, ...]) -> list[str]:
    lines: list[str] = []
    for key in keys:
        field = model.model_fields[key]
        lines.append(f"# {field.description}")
        lines.append(f"# {key} = {_toml(field.default)}")
    return lines


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
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".config-", delete=False, encoding="utf-8"
        ) as file:
            file.write(template())
        _put(Path(file.name), path, force=force)
    except FileExistsError as error:
        raise ConfigError(f"{path}: is there already; --force overwrites it") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error


def _put(written: Path, path: Path, *, force: bool) -> None:
    """Give the written file its name; a link, unlike a rename, never overwrites."""
    if force:
        written.replace(path)
        return
    try:
        os.link(written, path)
    finally:
        written.unlink()


def show(settings: Settings) -> None:
    """Print every value in force with where it came from; a token command only by its name."""
    there = "" if settings.file_exists else " (not there: defaults)"
    click.echo(f"file     {settings.file}{there}")
    click.echo(f"profile  {settings.profile.name} (of: {', '.join(settings.profiles) or 'none'})")
    for key in PROFILE_KEYS:
        click.echo(f"{key:<18} {_shown(settings.profile, key):<34} {settings.origins[key]}")
    click.echo(f"{'ui.theme':<18} {settings.ui.theme or 'default'}")
    click.echo(f"{'ui.mouse':<18} {_toml(settings.ui.mouse)}")


def _shown(profile: Profile, key: str) -> str:
    value = getattr(profile, key)
    if value is None:
        return "-"
    if key == "token_command":
        return f"{value[0]} …" if value else "-"
    return str(value)

"""Settings: flags over `OPSPORTAL_*` variables over the file over defaults."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from probes.profile import Profile
from probes.text import safe_text
from tui import paths
from tui.configfile import ConfigError, ConfigFile, KeySetting, nearest

PROFILE_KEYS = tuple(name for name in Profile.model_fields if name != "name")
DEFAULT_PROFILE = "default"
_PREFIX = "opsportal_"


class UiSettings(BaseModel):
    """Table `[ui]`: how the dashboard looks and is used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    theme: str | None = None
    """Name of a Textual theme."""

    mouse: bool = True
    """Whether the mouse is used; without it the terminal's own selection works."""


class _Environment(BaseModel):
    """The variables: `OPSPORTAL_NAMESPACE` and its like, without the prefix."""

    profile: str | None = None
    config: Path | None = None
    theme: str | None = None
    mouse: bool | None = None
    kubeconfig: Path | None = None
    context: str | None = None
    namespace: str | None = None
    workload: str | None = None
    container: str | None = None
    application: str | None = None
    argocd_namespace: str | None = None
    argocd_url: str | None = None
    portal_url: str | None = None
    token_command: tuple[str, ...] | None = None
    argocd_token_command: tuple[str, ...] | None = None
    token_store: str | None = None
    token_aws_secret: str | None = None
    token_aws_property: str | None = None
    git_clone: Path | None = None
    timeout_s: float | None = None
    interval_s: float | None = None

    @field_validator("token_command", "argocd_token_command", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """A command as a shell would split it."""
        return tuple(shlex.split(value)) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line said; None where it said nothing."""

    profile: str | None = None
    config: Path | None = None
    context: str | None = None
    namespace: str | None = None
    theme: str | None = None
    mouse: bool | None = None
    allow_actions: bool | None = None
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force. `origins` tells for each key where its value came from."""

    profile: Profile
    ui: UiSettings
    keys: Mapping[str, KeySetting]
    """What the table `[keys]` says, by binding id; whether such ids are there is not known here."""

    file: Path
    file_exists: bool
    profiles: tuple[str, ...]
    origins: Mapping[str, str] = field(default_factory=dict)


def load(flags: Flags) -> Settings:
    """The settings in force. Raises ConfigError naming file, line or key, and the nearest key."""
    environment = _environment()
    file = _file(flags.config or environment.config)
    profiles = file.profiles()
    wanted = flags.profile or environment.profile or file.table.get("default_profile")
    name = wanted or DEFAULT_PROFILE
    if name not in profiles and (wanted or profiles) and name != DEFAULT_PROFILE:
        raise ConfigError(_no_profile(file.path, name, profiles))
    chosen = profiles.get(name, {})
    file.refuse_unknown(chosen, PROFILE_KEYS, f"profiles.{name}.")
    said = _Said(file, chosen, environment, flags)
    profile, origins = said.profile(name)
    return Settings(
        profile,
        said.ui(),
        file.keys(),
        file.path,
        file.path.is_file(),
        tuple(profiles),
        origins,
    )


def profile_names(flags: Flags) -> tuple[str, ...]:
    """The profiles of the file, whether they can be used or not. Raises ConfigError."""
    return tuple(_file(flags.config or _environment().config).profiles())


def of_context(flags: Flags, context: str) -> Profile:
    """A context of the kubeconfig with what the variables say, and nothing of any profile's.

    Raises ConfigError.
    """
    environment = _environment()
    file = _file(flags.config or environment.config)
    said = Flags(context=context, timeout_s=flags.timeout_s)
    profile, _ = _Said(file, {}, environment, said).profile(safe_text(context))
    return profile


def _environment() -> _Environment:
    said = {
        name.lower().removeprefix(_PREFIX): text
        for name, text in os.environ.items()
        if name.lower().startswith(_PREFIX)
    }
    try:
        return _Environment.model_validate(said)
    except ValidationError as error:
        raise ConfigError(f"environment: {_first(error)}") from error


def _file(named: Path | None) -> ConfigFile:
    """The configuration file: the one that is named, which must be there, or the usual one."""
    if named and not named.is_file():
        raise ConfigError(f"{named}: there is no such file; `config init` writes one")
    file = ConfigFile.read(named or paths.config_file())
    file.refuse_unknown(file.table, ("default_profile", "profiles", "ui", "keys"), "")
    return file


def _no_profile(path: Path, name: str, profiles: Iterable[str]) -> str:
    known = tuple(profiles)
    hint = nearest(name, known) if known else "the file has no [profiles.NAME] table"
    return f"{path}: there is no profile `{name}`; {hint}"


@dataclass(frozen=True, slots=True)
class _Said:
    """What the file's profile, the variables and the flags say, in rising order."""

    file: ConfigFile
    table: Mapping[str, Any]
    environment: _Environment
    flags: Flags

    def profile(self, name: str) -> tuple[Profile, dict[str, str]]:
        """The profile in force, and the origin of each of its keys."""
        values: dict[str, Any] = {}
        origins = dict.fromkeys(PROFILE_KEYS, "default")
        for key in PROFILE_KEYS:
            for origin, value in self._of(key):
                if value is not None:
                    values[key], origins[key] = value, origin
        try:
            return Profile(name=name, **values), origins
        except ValidationError as error:
            first = str(error.errors()[0]["loc"][0])
            where = origins.get(first, "")
            if where == str(self.file.path):
                where = self.file.where(first, f"profiles.{name}")
            raise ConfigError(f"{where}: {_first(error)}") from error

    def ui(self) -> UiSettings:
        """How the dashboard is used."""
        table = self.file.ui()
        self.file.refuse_unknown(table, UiSettings.model_fields, "ui.")
        merged = dict(table)
        for key in UiSettings.model_fields:
            for source in (self.environment, self.flags):
                value = getattr(source, key)
                if value is not None:
                    merged[key] = value
        try:
            return UiSettings(**merged)
        except ValidationError as error:
            raise ConfigError(f"{self.file.path}: [ui] {_first(error)}") from error

    def _of(self, key: str) -> tuple[tuple[str, Any], ...]:
        return (
            (str(self.file.path), self.table.get(key)),
            # None for `allow_actions`: exported in a shell it would arm every target.
            (f"OPSPORTAL_{key.upper()}", getattr(self.environment, key, None)),
            (_FLAG_OF.get(key, ""), getattr(self.flags, key, None)),
        )


_FLAG_OF = {
    "context": "--context",
    "namespace": "--namespace",
    "allow_actions": "--allow-actions",
    "timeout_s": "--timeout",
}


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, without the value (it may be secret)."""
    found = error.errors()[0]
    key = ".".join(str(part) for part in found["loc"])
    return f"`{key}`: {found['msg']}"

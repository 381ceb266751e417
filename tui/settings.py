"""Settings: flags over `OPSPORTAL_*` variables over the file over defaults."""

from __future__ import annotations

import difflib
import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from probes.profile import Profile
from tui import paths

PROFILE_KEYS = tuple(name for name in Profile.model_fields if name != "name")
DEFAULT_PROFILE = "default"


class ConfigError(Exception):
    """A configuration that cannot be used; the message is one sentence that says what to mend."""


class UiSettings(BaseModel):
    """Table `[ui]`: how the dashboard looks and is used."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    theme: str | None = None
    """Name of a Textual theme."""

    mouse: bool = True
    """Whether the mouse is used; without it the terminal's own selection works."""


class _Environment(BaseSettings):
    """The variables: `OPSPORTAL_NAMESPACE` and its like."""

    model_config = SettingsConfigDict(env_prefix="OPSPORTAL_", extra="ignore")

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
    portal_url: str | None = None
    token_command: Annotated[tuple[str, ...] | None, NoDecode] = None
    timeout_s: float | None = Field(default=None)
    interval_s: float | None = Field(default=None)

    @field_validator("token_command", mode="before")
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
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force. `origins` tells for each key where its value came from."""

    profile: Profile
    ui: UiSettings
    file: Path
    file_exists: bool
    profiles: tuple[str, ...]
    origins: Mapping[str, str] = field(default_factory=dict)


def load(flags: Flags) -> Settings:
    """The settings in force. Raises ConfigError naming file, line or key, and the nearest key."""
    environment = _environment()
    named = flags.config or environment.config
    path = named or paths.config_file()
    if named and not path.is_file():
        raise ConfigError(f"{path}: there is no such file; `config init` writes one")
    text = _read(path)
    table = _parse(path, text)
    _refuse_unknown(path, text, table, ("default_profile", "profiles", "ui"), "")
    profiles = _tables(path, table, "profiles")
    wanted = flags.profile or environment.profile or table.get("default_profile")
    name = wanted or DEFAULT_PROFILE
    if name not in profiles and (wanted or profiles) and name != DEFAULT_PROFILE:
        raise ConfigError(_no_profile(path, name, profiles))
    chosen = profiles.get(name, {})
    _refuse_unknown(path, text, chosen, PROFILE_KEYS, f"profiles.{name}.")
    said = _Said(path, text, chosen, environment, flags)
    ui = _ui(path, text, table, said)
    profile, origins = said.profile(name)
    return Settings(profile, ui, path, path.is_file(), tuple(profiles), origins)


def _environment() -> _Environment:
    try:
        return _Environment()
    except (ValidationError, SettingsError) as error:
        raise ConfigError(f"environment: {_first(error)}") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _tables(path: Path, table: Mapping[str, Any], key: str) -> dict[str, dict[str, Any]]:
    found = table.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise ConfigError(f"{path}: {key} must be tables, such as [{key}.prod]")
    return found


def _refuse_unknown(
    path: Path, text: str, table: Mapping[str, Any], known: Iterable[str], prefix: str
) -> None:
    known = tuple(known)
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
            hint = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"
            raise ConfigError(f"{path}{_line(text, key)}: unknown key `{prefix}{key}`; {hint}")


def _line(text: str, key: str) -> str:
    """`, line N` of the first line that sets the key or opens its table, or nothing."""
    pattern = re.compile(rf"^\s*(\[+\s*)?([\w.\"-]+\.)?\"?{re.escape(key)}\"?\s*[=\].]")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.match(line):
            return f", line {number}"
    return ""


def _no_profile(path: Path, name: str, profiles: Iterable[str]) -> str:
    known = tuple(profiles)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    if near:
        return f"{path}: there is no profile `{name}`; did you mean `{near[0]}`?"
    there = f"there are {', '.join(known)}" if known else "the file has no [profiles.NAME] table"
    return f"{path}: there is no profile `{name}`; {there}"


def _ui(path: Path, text: str, table: Mapping[str, Any], said: _Said) -> UiSettings:
    ui = _tables(path, {"ui": {"": table.get("ui", {})}}, "ui")[""]
    _refuse_unknown(path, text, ui, UiSettings.model_fields, "ui.")
    merged = dict(ui)
    for key in UiSettings.model_fields:
        for source in (said.environment, said.flags):
            value = getattr(source, key)
            if value is not None:
                merged[key] = value
    try:
        return UiSettings(**merged)
    except ValidationError as error:
        raise ConfigError(f"{path}: [ui] {_first(error)}") from error


@dataclass(frozen=True, slots=True)
class _Said:
    """What the file's profile, the variables and the flags say, in rising order."""

    path: Path
    text: str
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
            if where == str(self.path):
                where += _line(self.text, first)
            raise ConfigError(f"{where}: {_first(error)}") from error

    def _of(self, key: str) -> tuple[tuple[str, Any], ...]:
        return (
            (str(self.path), self.table.get(key)),
            (f"OPSPORTAL_{key.upper()}", getattr(self.environment, key)),
            (_FLAG_OF.get(key, ""), getattr(self.flags, key, None)),
        )


_FLAG_OF = {"context": "--context", "namespace": "--namespace", "timeout_s": "--timeout"}


def _first(error: ValidationError | SettingsError) -> str:
    """The first thing that is wrong, without the value (it may be secret)."""
    if isinstance(error, SettingsError):
        return str(error)
    found = error.errors()[0]
    key = ".".join(str(part) for part in found["loc"])
    return f"`{key}`: {found['msg']}"

"""The configuration file: TOML, and where in it a mistake stands."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HEADER = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]")


class ConfigError(Exception):
    """A configuration that cannot be used; the message is one sentence that says what to mend."""


@dataclass(frozen=True, slots=True)
class KeySetting:
    """The keys of one binding (`R,f5`) as the file has them, and where it says so."""

    keys: str
    where: str


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What stands in the file; where there is none, nothing."""

    path: Path
    text: str
    table: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> ConfigFile:
        """Read it. Raises ConfigError where it is there and no TOML, with the line."""
        text = _text(path)
        try:
            return cls(path, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: not valid TOML: {error}") from error

    def where(self, key: str, table: str = "") -> str:
        """The path, with `, line N` of the line that sets the key in that table (`profiles.prod`).

        Where the table is written in another way: the first line that sets such a key, or opens
        a table of that name.
        """
        found = list(self._lines_of(key))
        named = next((number for number, inside in found if inside == table), None)
        number = named or next((number for number, _ in found), None)
        return f"{self.path}, line {number}" if number else str(self.path)

    def _lines_of(self, key: str) -> Iterator[tuple[int, str]]:
        """Numbers of the lines that may set the key, and the table that each stands in."""
        pattern = re.compile(rf"""^\s*(\[+\s*)?([\w."'-]+\.)?["']?{re.escape(key)}["']?\s*[=\].]""")
        table = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            header = _HEADER.match(line)
            table = header[1].replace('"', "") if header else table
            if pattern.match(line):
                yield number, table

    def refuse_unknown(self, table: Mapping[str, Any], known: Iterable[str], prefix: str) -> None:
        """Raises ConfigError where a key of that table of the file is none of those known."""
        known = tuple(known)
        for key in table:
            if key not in known:
                told = f"unknown key `{prefix}{key}`; {nearest(key, known)}"
                raise ConfigError(f"{self.where(key, prefix.rstrip('.'))}: {told}")

    def profiles(self) -> Mapping[str, Mapping[str, Any]]:
        """The tables `[profiles.NAME]`. Raises ConfigError where they are none."""
        found = self.table.get("profiles", {})
        if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
            raise ConfigError(f"{self.path}: profiles must be tables, such as [profiles.prod]")
        return found

    def ui(self) -> Mapping[str, Any]:
        """The table `[ui]`. Raises ConfigError where it is none."""
        return self._one_table("ui")

    def keys(self) -> Mapping[str, KeySetting]:
        """The table `[keys]`, by binding id. Raises ConfigError where it holds no keys.

        `view.sweep = "R"` says the same as `"view.sweep" = "R"`.
        """
        return dict(self._keys(self._one_table("keys"), ""))

    def _one_table(self, name: str) -> Mapping[str, Any]:
        found = self.table.get(name, {})
        if not isinstance(found, dict):
            raise ConfigError(f"{self.where(name)}: {name} must be a table: [{name}]")
        return found

    def _keys(self, table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, KeySetting]]:
        for key, value in table.items():
            name = f"{prefix}{key}"
            if isinstance(value, dict):
                yield from self._keys(value, f"{name}.")
            elif isinstance(value, str) and value.strip():
                yield name, KeySetting(value, self.where(name, "keys"))
            else:
                told = f'`keys.{name}` must name keys, such as "R" or "R,f5"'
                raise ConfigError(f"{self.where(name, 'keys')}: {told}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Half a sentence that helps who wrote a name that is not known."""
    known = tuple(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error

"""Secrecy: which values of an environment are secrets, and what of one may be shown. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from probes.model import EnvironmentSeen, EnvVar, ValueShown
from probes.text import HIDDEN, safe_text

_SECRET_NAME = re.compile(
    r"PASSW|TOKEN|SECRET|CREDENTIAL|PRIVATE|WEBHOOK|(?:^|_|API)KEYS?(?:_|$)|_(?:PWD|AUTH)$", re.I
)
_SECRET_VALUE = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*$|\s*-----BEGIN [A-Z ]*PRIVATE KEY")
"""A JSON Web Token or a key in PEM form, whatever it is called."""

_PLAIN_NAME = re.compile(
    r"(?:^|_)(?:HOST|PORT|USER|USERNAME|NAME|DB|DATABASE|REGION|ENDPOINT|MODE|SSLMODE|ENABLED)$",
    re.I,
)
_PLAIN_VALUES = frozenset({"true", "false", "none", "null", "default"})

_WORD = re.compile(r"\bpassword=(?:'((?:[^'\\]|\\.)+)'|([^\s'&]+))", re.I)
"""A password among `name=value` pairs, as libpq and others take them."""

_IN_ADDRESS = re.compile(r"(?<=://)([^/?#\s:@]*:)[^/?#\s]+(?=@)")

_LONGEST = 500
"""Characters of a value that are shown."""

_KEY = secrets.token_bytes(32)
"""Of this run alone: a fingerprint of another run says nothing."""


def secrets_of(environment: EnvironmentSeen) -> tuple[SecretStr, ...]:
    """The values that must never be shown: Secrets', those named like one, passwords in URLs.

    A Secret's host, port, user and the like are left out: hiding them would only hide evidence.
    """
    variables = environment.variables.values()
    return tuple(one for variable in variables for one in _secrets(variable))


def hides(variable: EnvVar) -> bool:
    """Whether its whole value is a secret: by where it comes from, its name, or its shape."""
    value = variable.value.get_secret_value()
    of_secret = variable.origin.kind == "Secret" and not _PLAIN_NAME.search(variable.name)
    return (of_secret and not _is_plain(value)) or looks_secret(variable.name, value)


def looks_secret(name: str, value: str) -> bool:
    """Whether such a setting is a secret, wherever it stands."""
    if _is_plain(value):
        return False
    return bool(_SECRET_NAME.search(name) or _SECRET_VALUE.match(value))


def _is_plain(value: str) -> bool:
    return value.casefold() in _PLAIN_VALUES


def shown(name: str, value: str, *, hidden: bool | None = None) -> ValueShown:
    """The setting as it may be shown. `hidden` says whether it is a secret, where that is known."""
    if looks_secret(name, value) if hidden is None else hidden:
        return ValueShown(name, fingerprint(value), secret=True)
    return ValueShown(name, safe_text(_without_passwords(value), _LONGEST))


def _without_passwords(value: str) -> str:
    return _WORD.sub(f"password={HIDDEN}", _IN_ADDRESS.sub(rf"\1{HIDDEN}", value))


def fingerprint(value: str) -> str:
    """`32 characters, print 1a2b3c4d`; `empty` where there is nothing.

    The print is the start of an HMAC-SHA256 under a key that each run of the program makes anew:
    within a run equal values have equal ones, and no table of prints leads back to a value.
    """
    if not value:
        return "empty"
    digest = hmac.new(_KEY, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
    return f"{len(value)} characters, print {digest[:8]}"


def passwords_in(value: str) -> Iterator[SecretStr]:
    """Passwords in an address, as they are written there and as they are meant."""
    found = [one or other for one, other in _WORD.findall(value)]
    with suppress(ValueError):  # no address after all
        found.append((urlsplit(value).password if "://" in value else None) or "")
    for password in filter(None, found):
        yield SecretStr(password)
        yield SecretStr(unquote(password))


def _secrets(variable: EnvVar) -> Iterator[SecretStr]:
    if hides(variable):
        yield variable.value
    yield from passwords_in(variable.value.get_secret_value())

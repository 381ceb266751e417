"""The DSN as the Go driver reads it: libpq's `keyword=value` text (pgx `pgconn/config.go`).

An empty value takes the next word for its own: `password= dbname=x` is the password `dbname=x`
and no database, which then is the one named after the user.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field

_SPACE = " \t\n\r\v\f"


class DsnError(Exception):
    """The DSN cannot be parsed; the text is the driver's, the password blanked out."""


@dataclass(frozen=True)
class Dsn:
    """Where and as whom to connect."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    sslmode: str

    def tls(self) -> ssl.SSLContext | str | bool:
        """What the sslmode asks of the connection, as asyncpg takes it: False is plain text."""
        if self.sslmode in ("disable", "allow"):
            return False
        if self.sslmode == "prefer":
            return "prefer"
        context = ssl.create_default_context()
        context.check_hostname = self.sslmode == "verify-full"
        if not self.sslmode.startswith("verify"):
            context.verify_mode = ssl.CERT_NONE
        return context


def parse_dsn(text: str) -> Dsn:
    """The driver's reading of the text. Raises DsnError."""
    try:
        words = _words(text)
        port = int(words.get("port", "5432"))
        if not 1 <= port <= 65535:
            raise ValueError("invalid port")
    except ValueError as error:
        shown = re.sub(r"password=\S*", "password=xxxxx", text)
        reason = "invalid port" if "int()" in str(error) else str(error)
        raise DsnError(f"cannot parse `{shown}`: {reason}") from None
    user = words.get("user", "")
    return Dsn(
        host=words.get("host", ""),
        port=port,
        user=user,
        password=words.get("password", ""),
        database=words.get("dbname") or user,
        sslmode=words.get("sslmode") or "prefer",
    )


def _words(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    while text:
        key, equals, rest = text.partition("=")
        if not equals or not key.strip(_SPACE):
            raise ValueError("failed to parse as keyword/value (invalid keyword/value)")
        found[key.strip(_SPACE)], text = _value(rest.lstrip(_SPACE))
    return found


def _value(text: str) -> tuple[str, str]:
    """One value and what follows it: up to the next space, or up to the closing quote."""
    quoted = text.startswith("'")
    position = 1 if quoted else 0
    taken: list[str] = []
    while position < len(text):
        letter = text[position]
        if letter == "\\":
            position += 1
            if position == len(text):
                raise ValueError("failed to parse as keyword/value (invalid backslash)")
            letter = text[position]
        elif letter == "'" if quoted else letter in _SPACE:
            return "".join(taken), text[position + 1 :]
        taken.append(letter)
        position += 1
    if quoted:
        raise ValueError("failed to parse as keyword/value (unterminated quoted string)")
    return "".join(taken), ""

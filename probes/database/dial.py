"""Connecting to PostgreSQL as ops-service's driver would, with every way to fail named.

Source of the sslmode rules: jackc/pgx `pgconn/config.go` and `pgconn/pgconn.go` (v5.7): `prefer`
falls back to plain text and `allow` to TLS, unless the server refuses the login itself.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from typing import Any, Protocol

import asyncpg
from pydantic import SecretStr

from probes.budget import Budget
from probes.model import DsnSeen, Failure, FailureKind, ProbeError
from probes.reach import Landing
from probes.text import Redactor, safe_text


class Connection(Protocol):
    """What is used of an asyncpg connection (the library has no types of its own)."""

    async def execute(self, query: str) -> str:
        """Run statements that give no rows."""

    async def fetch(self, query: str, *args: object) -> list[Mapping[str, Any]]:
        """The rows of one statement."""

    async def fetchrow(self, query: str, *args: object) -> Mapping[str, Any] | None:
        """The first row of one statement."""

    async def close(self, *, timeout: float) -> None:
        """Say goodbye, waiting at most that many seconds."""

    def terminate(self) -> None:
        """Drop the connection at once."""


ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    ValueError,
)
"""Everything the library raises for a server's sake; `OSError` has TimeoutError and TLS in it."""

_APPLICATION = "opsportal-tui"
_PLAIN = False
_ORDER: Mapping[str, tuple[bool, ...]] = {
    "disable": (_PLAIN,),
    "allow": (_PLAIN, True),
    "prefer": (True, _PLAIN),
}
"""Whether TLS is tried, in order; every other mode is TLS or nothing."""

_FINAL = frozenset({"28P01", "3D000", "42501"})
"""SQLSTATEs after which the driver does not try the other way: the server knows its mind."""

_KINDS: Mapping[str, FailureKind] = {
    "28P01": FailureKind.UNAUTHORIZED,
    "28000": FailureKind.UNAUTHORIZED,
    "3D000": FailureKind.NOT_FOUND,
    "42501": FailureKind.FORBIDDEN,
    "53300": FailureKind.REFUSED,
    "57P03": FailureKind.REFUSED,
    "57014": FailureKind.TIMEOUT,
    "55P03": FailureKind.TIMEOUT,
}


async def dial(dsn: DsnSeen, password: SecretStr, landing: Landing, timeout_s: float) -> Connection:
    """A connection, within `timeout_s` seconds over all tries. Raises ProbeError.

    The failure's `code` is the SQLSTATE where the server gave one; of two tries the one that
    says more is told.
    """
    budget = Budget(timeout_s, headroom=1.0)
    failures: list[Failure] = []
    for encrypted in _ORDER.get(dsn.sslmode, (True,)):
        try:
            return await _try(dsn, password, landing, encrypted, budget.left())
        except ProbeError as error:
            failures.append(error.failure)
            if error.failure.code in _FINAL or (encrypted and error.failure.code == "28000"):
                break
    raise ProbeError(next((one for one in failures if one.code), failures[-1]))


async def _try(
    dsn: DsnSeen, password: SecretStr, landing: Landing, encrypted: bool, timeout_s: float
) -> Connection:
    try:
        async with asyncio.timeout(timeout_s):
            connection: Connection = await asyncpg.connect(
                host=landing.host,
                port=landing.port,
                user=dsn.user,
                password=password.get_secret_value(),
                database=dsn.database,
                ssl=_context(dsn) if encrypted else False,
                timeout=timeout_s + 1,  # asyncio's limit counts; the library's own is 60 s
                statement_cache_size=0,  # a transaction pooler in between keeps no statements
                target_session_attrs="any",
                server_settings={"application_name": _APPLICATION},
            )
            return connection
    except ERRORS as error:
        raise ProbeError(failure_of(error, dsn, password, landing.route)) from error


def _context(dsn: DsnSeen) -> ssl.SSLContext:
    """TLS as the mode wants it: only the two `verify` modes look at the certificate."""
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.name = dsn.host
    context.check_hostname = dsn.sslmode == "verify-full"
    if dsn.sslmode not in ("verify-ca", "verify-full"):
        context.verify_mode = ssl.CERT_NONE
        return context
    context.load_default_certs()
    return context


class _NamedContext(ssl.SSLContext):
    """Speaks to the server by its own name, wherever the connection lands: an address, a tunnel."""

    name: str

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        return super().wrap_bio(incoming, outgoing, server_side, self.name, session)


def failure_of(
    error: BaseException, dsn: DsnSeen, password: SecretStr, route: str, *, asked: str = ""
) -> Failure:
    """The typed failure of a connection or a query, in one sentence without the password."""
    kind, sentence = _told(error, dsn)
    code = getattr(error, "sqlstate", None)
    return Failure(
        kind,
        safe_text(Redactor([password])(sentence)),
        asked=asked or f"connect {dsn.user}@{dsn.host}:{dsn.port}/{dsn.database}",
        route=route,
        code=code if isinstance(code, str) else "",
    )


def _told(error: BaseException, dsn: DsnSeen) -> tuple[FailureKind, str]:
    if isinstance(error, asyncpg.PostgresError):
        return _server_said(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return FailureKind.TLS, f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return FailureKind.TLS, f"the TLS handshake failed: {error.reason or 'no reason given'}"
    if isinstance(error, TimeoutError):
        return FailureKind.HUNG, "the server accepted the connection and then said nothing"
    if isinstance(error, socket.gaierror):
        return FailureKind.DNS, f"the name {dsn.host} does not resolve"
    if isinstance(error, ConnectionRefusedError):
        return FailureKind.REFUSED, f"{dsn.host}:{dsn.port} refuses the connection"
    return _connection_said(error)


def _connection_said(error: BaseException) -> tuple[FailureKind, str]:
    """What asyncpg raises as plain exceptions is told apart by its words only."""
    text = str(error)
    if "rejected SSL upgrade" in text:
        return FailureKind.TLS, "the server refused the TLS connection"
    if isinstance(error, ConnectionError):
        return FailureKind.RESET, "the connection was closed before the server answered"
    if isinstance(error, OSError):
        return FailureKind.REFUSED, f"no connection: {error.strerror or text}"
    return FailureKind.MALFORMED, f"what answers is no PostgreSQL server ({type(error).__name__})"


def _server_said(error: asyncpg.PostgresError) -> tuple[FailureKind, str]:
    code = error.sqlstate or ""
    text = _message(error)
    if code == "28000" and ("no encryption" in text or "SSL off" in text):
        return FailureKind.TLS, f"the server wants TLS: {text} (SQLSTATE {code})"
    if code.startswith("08") or isinstance(error, asyncpg.ConnectionDoesNotExistError):
        return FailureKind.RESET, "the connection was closed before the server answered"
    kind = _KINDS.get(code, FailureKind.MALFORMED)
    return kind, f"{text} (SQLSTATE {code})" if code else text


def _message(error: asyncpg.PostgresError) -> str:
    details: Any = error.as_dict()
    return str(details.get("message") or error)

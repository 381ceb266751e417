"""Database errors as the Go driver prints them (pgx v5 `pgconn/errors.go`)."""

from __future__ import annotations

import socket
import ssl

import asyncpg

from sandbox.opsservice.dsn import Dsn

CONNECTION_LOST = (
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    ConnectionResetError,
)
ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What asyncpg raises for a server that refuses, fails, hangs or is not there."""

_NOT_FROM_SERVER = (asyncpg.PostgresConnectionError, asyncpg.InternalClientError)
_PASSWORD_REFUSED = (asyncpg.InvalidPasswordError,)


class DatabaseError(Exception):
    """A statement or a connection failed; the text is the driver's."""


def statement_error(error: BaseException) -> str:
    """`ERROR: relation "x" does not exist (SQLSTATE 42P01)` and its like."""
    if isinstance(error, asyncpg.PostgresError) and not isinstance(error, _NOT_FROM_SERVER):
        return server_text(error)
    if isinstance(error, TimeoutError):
        return "timeout: context deadline exceeded"
    return "unexpected EOF"


def server_text(error: asyncpg.PostgresError) -> str:
    """What the server said: severity, message and SQLSTATE."""
    severity = getattr(error, "severity", None) or "ERROR"
    message = getattr(error, "message", None) or str(error)
    return f"{severity}: {message} (SQLSTATE {error.sqlstate})"


def connect_error(dsn: Dsn, address: str, error: BaseException) -> str:
    """Why a connection to `address` (`ip:port`) could not be made."""
    prefix = f"failed to connect to `user={dsn.user} database={dsn.database}`:"
    return f"{prefix} {address} ({dsn.host}): {_attempt(address, error)}"


def resolve_error(dsn: Dsn, lookup: str) -> str:
    """Why the host's name could not be resolved; `lookup` is Go's text."""
    prefix = f"failed to connect to `user={dsn.user} database={dsn.database}`:"
    return f"{prefix} hostname resolving error: {lookup}"


def _attempt(address: str, error: BaseException) -> str:
    if isinstance(error, asyncpg.PostgresError) and not isinstance(error, _NOT_FROM_SERVER):
        step = "failed SASL auth" if isinstance(error, _PASSWORD_REFUSED) else "server error"
        return f"{step}: {server_text(error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"tls error: tls: failed to verify certificate: x509: {_x509(error)}"
    if "rejected SSL upgrade" in str(error):
        return "tls error: server refused TLS connection"
    if isinstance(error, TimeoutError):
        return f"dial error: dial tcp {address}: i/o timeout"
    if isinstance(error, ConnectionRefusedError | socket.gaierror):
        return f"dial error: dial tcp {address}: connect: connection refused"
    return "failed to receive message: unexpected EOF"


def _x509(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in (10,):
        return "certificate has expired or is not yet valid"
    if error.verify_code in (62, 64):
        return f"certificate is not valid for this host: {error.verify_message}"
    return "certificate signed by unknown authority"

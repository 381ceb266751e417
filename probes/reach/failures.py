"""Why a connection failed, as one sentence that names who was asked."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator

from probes.model import FailureKind
from probes.text import safe_text

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_EXPIRED = 10
_NOT_YET_VALID = 9
_HOSTNAME_MISMATCH = 62
_IP_MISMATCH = 64

_UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


def told(error: BaseException, who: str) -> tuple[FailureKind, str]:
    """Kind and sentence of what a connection attempt or an exchange raised; `who` is the peer."""
    causes = list(_causes(error))
    for one in causes:
        if isinstance(one, ssl.SSLError):
            return FailureKind.TLS, tls_told(one, who)
    for one in causes:
        if isinstance(one, socket.gaierror):
            return FailureKind.DNS, f"the name of {who} does not resolve"
        if isinstance(one, ConnectionRefusedError):
            return FailureKind.REFUSED, f"{who} refuses the connection"
        if isinstance(one, TimeoutError):
            return FailureKind.TIMEOUT, f"no connection to {who}: nothing answers"
        if isinstance(one, ConnectionError):
            return FailureKind.RESET, f"{who} closed the connection without an answer"
        if isinstance(one, OSError) and one.errno in _UNREACHABLE:
            return FailureKind.REFUSED, f"there is no way to {who}: {one.strerror}"
    return FailureKind.RESET, f"{who} broke off the connection ({type(error).__name__})"


def tls_told(error: ssl.SSLError, who: str) -> str:
    """What is wrong with the TLS of `who`, told apart as far as OpenSSL does."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return _handshake_told(error, who)
    why = safe_text(error.verify_message or "no reason given")
    match error.verify_code:
        case code if code == _EXPIRED:
            return f"the certificate of {who} has expired: renew it"
        case code if code == _NOT_YET_VALID:
            return f"the certificate of {who} is not valid yet: compare the clocks"
        case code if code in (_HOSTNAME_MISMATCH, _IP_MISMATCH):
            return f"the certificate of {who} is for another name: {why}"
    return f"the certificate of {who} is not trusted: {why}"


def _handshake_told(error: ssl.SSLError, who: str) -> str:
    reason = (error.reason or "").casefold().replace("_", " ")
    if "wrong version" in reason or "http request" in reason or "record layer" in reason:
        return f"{who} does not speak TLS: is it http:// rather than https://?"
    if "certificate required" in reason or "bad certificate" in reason:
        return f"{who} does not accept our client certificate: {reason}"
    if "eof" in reason:
        return f"{who} closed the connection during the TLS handshake"
    return f"the TLS handshake with {who} failed: {safe_text(reason) or 'no reason given'}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything behind it, outermost first; groups are opened."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions)
        waiting.extend(behind for behind in (one.__cause__, one.__context__) if behind)

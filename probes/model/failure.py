"""Failure: why something could not be seen, as a value a judgement can read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """The ways a look at the world fails. `HUNG`: it connected, then never answered."""

    REFUSED = "refused"
    TIMEOUT = "timeout"
    DNS = "dns"
    TLS = "tls"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    MALFORMED = "malformed"
    RESET = "reset"
    TOO_LARGE = "too-large"
    HUNG = "hung"
    UNAVAILABLE = "unavailable"
    """What it depends on could not be seen: nothing was asked."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One typed failure.

    `sentence` says what went wrong in words a person can act on, without a secret in it;
    `asked` is the request that failed (`GET http://…`, `list pods in ops`);
    `route` how it was sent; `status` the HTTP status where there was one;
    `code` the server's own code where it has one (an SQLSTATE, a Kubernetes reason).
    """

    kind: FailureKind
    sentence: str
    asked: str = ""
    route: str = ""
    status: int | None = None
    code: str = ""
    excerpt: str = ""


class ProbeError(Exception):
    """Raised by the reaching code; carries the `Failure` that an observation will show."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure

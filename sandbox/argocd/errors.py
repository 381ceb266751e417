"""Argo CD's errors: a gRPC code and a message, as grpc-gateway turns them into HTTP.

Source: grpc-gateway v1 `runtime/errors.go` (HTTPStatusFromCode, and the error body).
"""

from __future__ import annotations

from typing import Any

_UNKNOWN, _INVALID_ARGUMENT, _NOT_FOUND, _ALREADY_EXISTS = 2, 3, 5, 6
_PERMISSION_DENIED, _FAILED_PRECONDITION, _UNIMPLEMENTED, _UNAUTHENTICATED = 7, 9, 12, 16

_NAMES = {
    _UNKNOWN: "Unknown",
    _INVALID_ARGUMENT: "InvalidArgument",
    _NOT_FOUND: "NotFound",
    _ALREADY_EXISTS: "AlreadyExists",
    _PERMISSION_DENIED: "PermissionDenied",
    _FAILED_PRECONDITION: "FailedPrecondition",
    _UNIMPLEMENTED: "Unimplemented",
    _UNAUTHENTICATED: "Unauthenticated",
}
_STATUS = {
    _INVALID_ARGUMENT: 400,
    _NOT_FOUND: 404,
    _ALREADY_EXISTS: 409,
    _PERMISSION_DENIED: 403,
    _FAILED_PRECONDITION: 400,
    _UNIMPLEMENTED: 405,
    _UNAUTHENTICATED: 401,
}


class GrpcError(Exception):
    """A failed call. `message` is what the body says; `str()` is what Go's `%v` prints."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"rpc error: code = {_NAMES[code]} desc = {message}")
        self.code = code
        self.message = message

    @property
    def status(self) -> int:
        """The HTTP status; what has none of its own is 500."""
        return _STATUS.get(self.code, 500)

    def body(self) -> dict[str, Any]:
        """The JSON that answers it."""
        return {"error": self.message, "code": self.code, "message": self.message}

    def within(self, context: str) -> GrpcError:
        """The same failure told from further out: Go's `%w` keeps the code and adds words."""
        return GrpcError(self.code, f"{context}: {self}")


def unknown(message: str) -> GrpcError:
    """500: an error without a code."""
    return GrpcError(_UNKNOWN, message)


def invalid_argument(message: str) -> GrpcError:
    """400 for what cannot be understood."""
    return GrpcError(_INVALID_ARGUMENT, message)


def not_found(message: str) -> GrpcError:
    """404."""
    return GrpcError(_NOT_FOUND, message)


def permission_denied(message: str = "permission denied") -> GrpcError:
    """403."""
    return GrpcError(_PERMISSION_DENIED, message)


def failed_precondition(message: str) -> GrpcError:
    """400 for what cannot be done in this state."""
    return GrpcError(_FAILED_PRECONDITION, message)


def unimplemented(message: str) -> GrpcError:
    """405 for a method that a path does not have."""
    return GrpcError(_UNIMPLEMENTED, message)


def unauthenticated(message: str) -> GrpcError:
    """401."""
    return GrpcError(_UNAUTHENTICATED, message)

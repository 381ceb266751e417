"""The API server's errors: HTTP status, reason and message as the real one words them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.kubernetes.access import Attributes
    from sandbox.kubernetes.resources import Resource


class ApiError(Exception):
    """A failed request; `body()` is the `Status` object that answers it."""

    def __init__(
        self, status: int, reason: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """The `Status` object (meta/v1) of this error."""
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "details": self.details or {},
            "code": self.status,
        }
        return {name: value for name, value in body.items() if value or name == "metadata"}


def _details(resource: Resource, name: str = "") -> dict[str, Any]:
    details = {"name": name, "group": resource.group, "kind": resource.plural}
    return {key: value for key, value in details.items() if value}


def not_found(resource: Resource, name: str) -> ApiError:
    """404 for an object that does not exist."""
    message = f'{resource.qualified} "{name}" not found'
    return ApiError(404, "NotFound", message, _details(resource, name))


def no_such_resource() -> ApiError:
    """404 for a group, version, resource or kind that is not served."""
    return ApiError(404, "NotFound", "the server could not find the requested resource")


def already_exists(resource: Resource, name: str) -> ApiError:
    """409 for a create of what is there."""
    message = f'{resource.qualified} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, _details(resource, name))


def conflict(resource: Resource, name: str, why: str = "") -> ApiError:
    """409 for an update based on an older resourceVersion, or a failed precondition."""
    why = why or (
        "the object has been modified; please apply your changes to the latest version "
        "and try again"
    )
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(resource, name))


def invalid(resource: Resource, name: str, field: str, why: str) -> ApiError:
    """422 for an object that validation refuses."""
    message = f'{resource.kind}{_dot(resource)} "{name}" is invalid: {field}: {why}'
    details = _details(resource, name) | {
        "kind": resource.kind,
        "causes": [{"reason": "FieldValueInvalid", "message": why, "field": field}],
    }
    return ApiError(422, "Invalid", message, details)


def _dot(resource: Resource) -> str:
    return f".{resource.group}" if resource.group else ""


def unprocessable(message: str) -> ApiError:
    """422 for a patch that cannot be applied, a failed JSON Patch test included."""
    return ApiError(422, "Invalid", message)


def bad_request(message: str) -> ApiError:
    """400 for what cannot be understood."""
    return ApiError(400, "BadRequest", message)


def denied(message: str) -> ApiError:
    """400 without a reason, for what a webhook denies that gives no code of its own.

    Source: k8s.io/apiserver, `pkg/admission/plugin/webhook/errors` (ToStatusErr).
    """
    return ApiError(400, "", message)


def unauthorized() -> ApiError:
    """401 for a request without a known credential."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def forbidden(user: str, asked: Attributes) -> ApiError:
    """403 in the words of the RBAC authorizer."""
    qualified = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    subject = f'{qualified} "{asked.name}"' if asked.name else qualified
    scope = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{user}" cannot {asked.verb} resource '
        f'"{asked.full_resource}" in API group "{asked.group}" {scope}'
    )
    details = {"name": asked.name, "group": asked.group, "kind": asked.resource}
    return ApiError(403, "Forbidden", message, {k: v for k, v in details.items() if v})


def forbidden_path(user: str, verb: str, path: str) -> ApiError:
    """403 for a path that is not a resource."""
    message = f'forbidden: User "{user}" cannot {verb} path "{path}"'
    return ApiError(403, "Forbidden", message)


def expired(asked: int, oldest: int) -> ApiError:
    """410 for a resourceVersion or a continue token that is no longer kept."""
    return ApiError(410, "Expired", f"too old resource version: {asked} ({oldest})")


def method_not_allowed() -> ApiError:
    """405 for a verb that the resource does not have."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message)


def unsupported_media_type(given: str, supported: tuple[str, ...]) -> ApiError:
    """415 for a body or a patch of an unknown type."""
    message = (
        f"the body of the request was in an unknown format - accepted media types include: "
        f"{', '.join(supported)}"
    )
    return ApiError(415, "UnsupportedMediaType", message, {"given": given} if given else None)


def service_unavailable(message: str) -> ApiError:
    """503, such as the proxy gives for a service that it cannot reach."""
    return ApiError(503, "ServiceUnavailable", message)

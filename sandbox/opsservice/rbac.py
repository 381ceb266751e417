"""What the asking user may do: `internal/middleware/rbac.go`, by the token's email."""

from __future__ import annotations

from sandbox.opsservice.context import Context
from sandbox.opsservice.database import Row
from sandbox.opsservice.http import Request, Response, failure
from sandbox.opsservice.pgtext import DatabaseError
from sandbox.opsservice.zaplog import Site

ROLES = {
    "any": ("admin", "pm", "viewer"),
    "pm": ("admin", "pm"),
    "admin": ("admin",),
}

_NOT_FOUND = Site(
    "middleware/rbac.go:28", "ops-service/internal/middleware.RequireAnyRole.RBACMiddleware.func1"
)
_BY_EMAIL = """
SELECT * FROM "portal_users"
WHERE email = $1 AND "portal_users"."deleted_at" IS NULL
ORDER BY "portal_users"."id" LIMIT 1"""


class UserNotFoundError(Exception):
    """There is no such portal user."""

    def __init__(self) -> None:
        super().__init__("user not found")


async def user_by_email(context: Context, email: str) -> Row:
    """The portal user. Raises UserNotFoundError or DatabaseError."""
    row = await context.database.row(_BY_EMAIL, email)
    if row is None:
        raise UserNotFoundError
    return row


async def require_role(context: Context, request: Request, role: str) -> Response | None:
    """Fills in the portal user, or refuses: any trouble with the database is a 403 too."""
    email = request.claim("email")
    if not email:
        return failure(401, "Email not found in token")
    try:
        user = await user_by_email(context, email)
    except (UserNotFoundError, DatabaseError) as error:
        fields = {"email": email, "error": str(error)}
        context.log.warn(_NOT_FOUND, "Portal user not found", fields)
        return failure(403, "Access denied: Not a portal user")
    # A hand-made table may lack columns: Go reads its zero values then.
    if not user.get("is_active"):
        return failure(403, "Access denied: User is inactive")
    if user.get("role") not in ROLES[role]:
        return failure(403, "Access denied: Insufficient permissions")
    request.portal_user = user
    return None

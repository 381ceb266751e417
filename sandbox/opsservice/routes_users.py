"""Portal users: login callback, profile, list (`auth_handler.go`, `user_handler.go`)."""

from __future__ import annotations

import uuid

from sandbox.opsservice import audit
from sandbox.opsservice.context import Context
from sandbox.opsservice.database import Row
from sandbox.opsservice.http import Request, Response, failure, internal_error, send_json, success
from sandbox.opsservice.pgtext import DatabaseError
from sandbox.opsservice.rbac import UserNotFoundError, user_by_email
from sandbox.opsservice.rows import user_response
from sandbox.opsservice.zaplog import Site

_ALL = """
SELECT * FROM "portal_users" WHERE "portal_users"."deleted_at" IS NULL ORDER BY created_at DESC"""
_BY_ID = """
SELECT * FROM "portal_users" WHERE id = $1 AND "portal_users"."deleted_at" IS NULL
ORDER BY "portal_users"."id" LIMIT 1"""
_ADMINS = """
SELECT count(*) AS count FROM "portal_users"
WHERE (role = 'admin' AND is_active = true) AND "portal_users"."deleted_at" IS NULL"""
_SEEN = """
UPDATE "portal_users" SET "last_login_at"=now(),"updated_at"=now(),
"name"=CASE WHEN name = '' THEN $2 ELSE name END,
"picture"=CASE WHEN $3 = '' THEN picture ELSE $3 END
WHERE "id" = $1"""
_CREATE = """
INSERT INTO "portal_users" ("id","created_at","updated_at","email","name","picture","role",
"is_active","last_login_at") VALUES ($1,now(),now(),$2,$3,$4,$5,true,now())"""


def _service(line: int) -> Site:
    go = "ops-service/internal/service.(*PortalUserService).GetOrCreateFromOAuth"
    return Site(f"service/portal_user_service.go:{line}", go)


async def callback(context: Context, request: Request) -> Response:
    """GET auth/callback: creates the user on the first login; the first one becomes admin."""
    email = request.claim("email")
    if not email:
        return failure(401, "Email not found in token")
    try:
        user, is_new = await _get_or_create(context, request, email)
    except DatabaseError:
        return internal_error()
    known = (str(user["id"]), user["email"])
    login = audit.Action("login", "portal_user", known[0], "OAuth login")
    await audit.record(context, known, login, request)
    return success({"isNew": is_new, "user": user_response(user)})


async def logout(_context: Context, _request: Request) -> Response:
    """POST auth/logout."""
    return send_json(200, {"success": True, "message": "Logged out successfully"})


async def me(_context: Context, request: Request) -> Response:
    """GET users/me."""
    return success(user_response(request.portal_user))


async def users(context: Context, _request: Request) -> Response:
    """GET admin/users."""
    try:
        rows = await context.database.fetch(_ALL)
    except DatabaseError:
        return internal_error()
    return success([user_response(row) for row in rows])


async def user_by_id(context: Context, request: Request) -> Response:
    """GET admin/users/:id."""
    try:
        row = await context.database.row(_BY_ID, uuid.UUID(request.params["id"]))
    except ValueError:
        return failure(400, "Invalid user ID")
    except DatabaseError:
        return internal_error()
    return success(user_response(row)) if row else failure(404, "User not found")


async def _get_or_create(context: Context, request: Request, email: str) -> tuple[Row, bool]:
    """The user, and whether it is new. Raises DatabaseError."""
    name, picture = request.claim("name"), request.claim("picture")
    try:
        user = await user_by_email(context, email)
    except UserNotFoundError:
        return await _create(context, email, name, picture), True
    try:
        await context.database.execute(_SEEN, user["id"], name, picture)
    except DatabaseError as error:
        context.log.warn(_service(61), "Failed to update user last login", {"error": str(error)})
        return user, False
    return await context.database.row(_BY_ID, user["id"]) or user, False


async def _create(context: Context, email: str, name: str, picture: str) -> Row:
    role = "viewer"
    admins = await context.database.row(_ADMINS)
    if admins is not None and admins["count"] == 0:
        role = "admin"
        message = "First portal user, granting admin role"
        context.log.info(_service(85), message, {"email": email})
    user_id = uuid.uuid4()
    await context.database.execute(_CREATE, user_id, email, name, picture, role)
    context.log.info(_service(92), "Created new portal user", {"email": email, "role": role})
    return await context.database.row(_BY_ID, user_id) or {}

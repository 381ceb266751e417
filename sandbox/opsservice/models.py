"""The three models that the service migrates, in their order (`internal/domain/*.go`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One field: `default` is the SQL of its default, empty for none."""

    name: str
    type: str
    not_null: bool = False
    default: str = ""
    primary: bool = False

    def definition(self) -> str:
        """The column's type with its NOT NULL and DEFAULT, as GORM writes it."""
        null = " NOT NULL" if self.not_null else ""
        return f"{self.type}{null}" + (f" DEFAULT {self.default}" if self.default else "")


@dataclass(frozen=True)
class Index:
    """One index over one column."""

    name: str
    column: str
    unique: bool = False


@dataclass(frozen=True)
class Model:
    """One table. No model has a UNIQUE constraint: uniqueness is an index."""

    table: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...]


_ID = Column("id", "uuid", default="gen_random_uuid()", primary=True)
_BASE = (
    _ID,
    Column("created_at", "timestamptz"),
    Column("updated_at", "timestamptz"),
    Column("deleted_at", "timestamptz"),
)

PORTAL_USER = Model(
    "portal_users",
    (
        *_BASE,
        Column("email", "text", not_null=True),
        Column("name", "text", not_null=True),
        Column("picture", "text"),
        Column("role", "varchar(20)", not_null=True, default="'viewer'"),
        Column("is_active", "boolean", default="true"),
        Column("last_login_at", "timestamptz"),
        Column("invited_by", "uuid"),
    ),
    (
        Index("idx_portal_users_deleted_at", "deleted_at"),
        Index("idx_portal_users_email", "email", unique=True),
    ),
)
AUDIT_LOG = Model(
    "audit_logs",
    (
        _ID,
        Column("user_id", "uuid", not_null=True),
        Column("user_email", "text", not_null=True),
        Column("action", "varchar(20)", not_null=True),
        Column("resource_type", "varchar(50)", not_null=True),
        Column("resource_id", "text", not_null=True),
        Column("details", "text"),
        Column("ip_address", "varchar(45)"),
        Column("user_agent", "text"),
        Column("created_at", "timestamptz"),
    ),
    (
        Index("idx_audit_logs_user_id", "user_id"),
        Index("idx_audit_logs_created_at", "created_at"),
    ),
)
APP_CONFIG = Model(
    "app_configs",
    (
        *_BASE,
        Column("key", "text", not_null=True),
        Column("value", "text", not_null=True),
        Column("description", "text"),
        Column("is_active", "boolean", default="true"),
        Column("updated_by", "uuid"),
    ),
    (
        Index("idx_app_configs_deleted_at", "deleted_at"),
        Index("idx_app_configs_key", "key", unique=True),
    ),
)
MODELS = (PORTAL_USER, AUDIT_LOG, APP_CONFIG)

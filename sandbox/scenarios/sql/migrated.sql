-- The other two tables as the migration leaves them.
CREATE TABLE audit_logs (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id       uuid NOT NULL,
  user_email    text NOT NULL,
  action        varchar(20) NOT NULL,
  resource_type varchar(50) NOT NULL,
  resource_id   text NOT NULL,
  details       text,
  ip_address    varchar(45),
  user_agent    text,
  created_at    timestamptz
);
CREATE INDEX idx_audit_logs_user_id ON audit_logs (user_id);
CREATE INDEX idx_audit_logs_created_at ON audit_logs (created_at);
CREATE TABLE app_configs (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at  timestamptz,
  updated_at  timestamptz,
  deleted_at  timestamptz,
  key         text NOT NULL,
  value       text NOT NULL,
  description text,
  is_active   boolean DEFAULT true,
  updated_by  uuid
);
CREATE INDEX idx_app_configs_deleted_at ON app_configs (deleted_at);
CREATE UNIQUE INDEX idx_app_configs_key ON app_configs (key);

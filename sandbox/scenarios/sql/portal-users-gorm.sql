-- portal_users as the migration leaves it.
CREATE TABLE portal_users (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at    timestamptz,
  updated_at    timestamptz,
  deleted_at    timestamptz,
  email         text NOT NULL,
  name          text NOT NULL,
  picture       text,
  role          varchar(20) NOT NULL DEFAULT 'viewer',
  is_active     boolean DEFAULT true,
  last_login_at timestamptz,
  invited_by    uuid
);
CREATE INDEX idx_portal_users_deleted_at ON portal_users (deleted_at);
CREATE UNIQUE INDEX idx_portal_users_email ON portal_users (email);

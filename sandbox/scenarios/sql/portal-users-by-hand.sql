-- What a person writes by hand: the inline UNIQUE is named portal_users_email_key.
CREATE TABLE portal_users (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at    timestamptz,
  updated_at    timestamptz,
  deleted_at    timestamptz,
  email         varchar(255) NOT NULL UNIQUE,
  name          text NOT NULL,
  picture       text,
  role          varchar(20) NOT NULL DEFAULT 'viewer',
  is_active     boolean DEFAULT true,
  last_login_at timestamptz,
  invited_by    uuid
);
CREATE INDEX idx_portal_users_deleted_at ON portal_users (deleted_at);

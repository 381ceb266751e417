-- The portal's administrator, wherever the table is there to hold one.
DO $$ BEGIN
  IF to_regclass('public.portal_users') IS NOT NULL THEN
    INSERT INTO portal_users (email, name, role, is_active, created_at, updated_at)
    SELECT 'admin@wealist.co.kr', 'Portal Admin', 'admin', true, now() - interval '9 days', now()
    WHERE NOT EXISTS (SELECT 1 FROM portal_users WHERE email = 'admin@wealist.co.kr');
  END IF;
END $$;

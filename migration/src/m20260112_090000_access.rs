//! Users, roles, and what a role may do.
//!
//! The function `touch_updated_at` comes first: every table that has `updated_at` hangs a trigger on it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}

const UP: &str = r"
CREATE FUNCTION touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION touch_updated_at() IS
    'Sets updated_at of a row that changed, so that raw SQL and upserts do not have to remember it';

CREATE TYPE user_status AS ENUM ('active', 'invited', 'suspended', 'disabled');
COMMENT ON TYPE user_status IS 'What a user may do with the account';

CREATE TABLE users (
    id            uuid        NOT NULL,
    email         text        NOT NULL,
    full_name     text        NOT NULL,
    password_hash text        NOT NULL,
    status        user_status NOT NULL DEFAULT 'active',
    is_system     boolean     NOT NULL DEFAULT false,
    last_login_at timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_email_check CHECK (email = lower(email) AND email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    CONSTRAINT users_full_name_check CHECK (btrim(full_name) <> ''),
    CONSTRAINT users_password_hash_check CHECK (password_hash <> '')
);
CREATE TRIGGER users_touch_updated_at BEFORE UPDATE ON users
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE users IS 'People and system accounts that can act in the system';
COMMENT ON COLUMN users.id IS 'Identifies the user; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN users.email IS 'The address to log in with, in lower case';
COMMENT ON COLUMN users.full_name IS 'The name as the person writes it';
COMMENT ON COLUMN users.password_hash IS 'The password as a PHC string; ! where no password can match';
COMMENT ON COLUMN users.status IS 'Whether the account may be used';
COMMENT ON COLUMN users.is_system IS 'True for accounts that the system needs and nobody may delete';
COMMENT ON COLUMN users.last_login_at IS 'When the user last logged in; null before the first time';
COMMENT ON COLUMN users.created_at IS 'When the row was written';
COMMENT ON COLUMN users.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE roles (
    id          uuid        NOT NULL,
    name        text        NOT NULL,
    description text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT roles_pkey PRIMARY KEY (id),
    CONSTRAINT roles_name_key UNIQUE (name),
    CONSTRAINT roles_name_check CHECK (name ~ '^[A-Z][A-Z0-9_]*$')
);
CREATE TRIGGER roles_touch_updated_at BEFORE UPDATE ON roles
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE roles IS 'Named sets of permissions';
COMMENT ON COLUMN roles.id IS 'Identifies the role; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN roles.name IS 'The name in upper case that code refers to, such as TEACHER';
COMMENT ON COLUMN roles.description IS 'Who should hold the role';
COMMENT ON COLUMN roles.created_at IS 'When the row was written';
COMMENT ON COLUMN roles.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE permissions (
    id          uuid        NOT NULL,
    code        text        NOT NULL,
    module      text        NOT NULL,
    action      text        NOT NULL,
    description text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT permissions_pkey PRIMARY KEY (id),
    CONSTRAINT permissions_code_key UNIQUE (code),
    CONSTRAINT permissions_module_action_key UNIQUE (module, action),
    CONSTRAINT permissions_code_check CHECK (code = upper(module || '_' || action)),
    CONSTRAINT permissions_module_check CHECK (module ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT permissions_action_check CHECK (action ~ '^[a-z][a-z0-9_]*$')
);
CREATE TRIGGER permissions_touch_updated_at BEFORE UPDATE ON permissions
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE permissions IS 'Single things that a role may do';
COMMENT ON COLUMN permissions.id IS 'Identifies the permission; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN permissions.code IS 'Module and action in upper case, such as STUDENT_READ';
COMMENT ON COLUMN permissions.module IS 'The part of the system, in lower case, such as student';
COMMENT ON COLUMN permissions.action IS 'What may be done there, in lower case, such as read';
COMMENT ON COLUMN permissions.description IS 'What the permission allows, for the person who grants it';
COMMENT ON COLUMN permissions.created_at IS 'When the row was written';
COMMENT ON COLUMN permissions.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE role_permissions (
    role_id       uuid        NOT NULL,
    permission_id uuid        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_permissions_pkey PRIMARY KEY (role_id, permission_id),
    CONSTRAINT role_permissions_role_id_fkey FOREIGN KEY (role_id)
        REFERENCES roles (id) ON DELETE CASCADE,
    CONSTRAINT role_permissions_permission_id_fkey FOREIGN KEY (permission_id)
        REFERENCES permissions (id) ON DELETE CASCADE
);
CREATE INDEX role_permissions_permission_id_idx ON role_permissions (permission_id);
COMMENT ON TABLE role_permissions IS 'Which role holds which permission';
COMMENT ON COLUMN role_permissions.role_id IS 'The role';
COMMENT ON COLUMN role_permissions.permission_id IS 'The permission that it holds';
COMMENT ON COLUMN role_permissions.created_at IS 'When the permission was given to the role';

CREATE TABLE user_roles (
    user_id    uuid        NOT NULL,
    role_id    uuid        NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    granted_by uuid,
    CONSTRAINT user_roles_pkey PRIMARY KEY (user_id, role_id),
    CONSTRAINT user_roles_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_roles_role_id_fkey FOREIGN KEY (role_id)
        REFERENCES roles (id) ON DELETE CASCADE,
    CONSTRAINT user_roles_granted_by_fkey FOREIGN KEY (granted_by)
        REFERENCES users (id) ON DELETE SET NULL
);
CREATE INDEX user_roles_role_id_idx ON user_roles (role_id);
CREATE INDEX user_roles_granted_by_idx ON user_roles (granted_by);
COMMENT ON TABLE user_roles IS 'Which user holds which role';
COMMENT ON COLUMN user_roles.user_id IS 'The user';
COMMENT ON COLUMN user_roles.role_id IS 'The role that the user holds';
COMMENT ON COLUMN user_roles.granted_at IS 'When the role was granted';
COMMENT ON COLUMN user_roles.granted_by IS 'Who granted the role; null for the system itself or a deleted user';
";

const DOWN: &str = r"
DROP TABLE user_roles;
DROP TABLE role_permissions;
DROP TABLE permissions;
DROP TABLE roles;
DROP TABLE users;
DROP TYPE user_status;
DROP FUNCTION touch_updated_at();
";

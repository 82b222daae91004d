//! Logins, and how a user wants the interface.
//!
//! depends-on: m20260112_090000_access

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
CREATE TYPE theme AS ENUM ('system', 'light', 'dark');
COMMENT ON TYPE theme IS 'The colours of the user interface';

CREATE TABLE sessions (
    id         uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    token_hash text        NOT NULL,
    ip         inet,
    user_agent text,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_token_hash_key UNIQUE (token_hash),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_token_hash_check CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT sessions_ip_check CHECK (masklen(ip) = CASE family(ip) WHEN 4 THEN 32 ELSE 128 END),
    CONSTRAINT sessions_expires_at_check CHECK (expires_at > created_at)
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);
CREATE TRIGGER sessions_touch_updated_at BEFORE UPDATE ON sessions
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE sessions IS 'Logins that were given a token';
COMMENT ON COLUMN sessions.id IS 'Identifies the session; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN sessions.user_id IS 'Who is logged in';
COMMENT ON COLUMN sessions.token_hash IS
    'SHA-256 of the token, as 64 lower-case hexadecimal digits; the token itself is never stored';
COMMENT ON COLUMN sessions.ip IS 'The address that the login came from; a single host';
COMMENT ON COLUMN sessions.user_agent IS 'What the client called itself';
COMMENT ON COLUMN sessions.expires_at IS 'When the token stops working';
COMMENT ON COLUMN sessions.revoked_at IS 'When the token was withdrawn before its time';
COMMENT ON COLUMN sessions.created_at IS 'When the row was written';
COMMENT ON COLUMN sessions.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE user_preferences (
    id            uuid        NOT NULL,
    user_id       uuid        NOT NULL,
    theme         theme       NOT NULL DEFAULT 'system',
    locale        text        NOT NULL DEFAULT 'en',
    timezone      text        NOT NULL DEFAULT 'UTC',
    notifications jsonb       NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_preferences_pkey PRIMARY KEY (id),
    CONSTRAINT user_preferences_user_id_key UNIQUE (user_id),
    CONSTRAINT user_preferences_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_preferences_locale_check CHECK (locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$'),
    CONSTRAINT user_preferences_timezone_check CHECK (timezone ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$'),
    CONSTRAINT user_preferences_notifications_check CHECK (jsonb_typeof(notifications) = 'object')
);
CREATE TRIGGER user_preferences_touch_updated_at BEFORE UPDATE ON user_preferences
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE user_preferences IS 'How a user wants the interface';
COMMENT ON COLUMN user_preferences.id IS 'Identifies the preferences; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN user_preferences.user_id IS 'Whose preferences they are';
COMMENT ON COLUMN user_preferences.theme IS 'The colours of the interface';
COMMENT ON COLUMN user_preferences.locale IS 'Language and region as a BCP 47 tag, such as pt-BR';
COMMENT ON COLUMN user_preferences.timezone IS
    'The zone that times are shown in, as an IANA name such as Europe/Lisbon';
COMMENT ON COLUMN user_preferences.notifications IS 'Which channel may carry which kind of notification, as an object';
COMMENT ON COLUMN user_preferences.created_at IS 'When the row was written';
COMMENT ON COLUMN user_preferences.updated_at IS 'When the row last changed; kept by a trigger';
";

const DOWN: &str = r"
DROP TABLE user_preferences;
DROP TABLE sessions;
DROP TYPE theme;
";

//! Who created and who changed a user, and a log of everything that was done.
//!
//! The keys and indexes on `users` are built in place: at this point of the history the table holds
//! staff alone, and scanning it takes no time that anybody would notice.
//!
//! depends-on: m20260112_090000_access
//! lint-ignore: adding-foreign-key-constraint users holds staff alone at this point
//! lint-ignore: require-concurrent-index-creation users holds staff alone at this point

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
ALTER TABLE users
    ADD COLUMN created_by uuid CONSTRAINT users_created_by_fkey REFERENCES users (id) ON DELETE SET NULL,
    ADD COLUMN updated_by uuid CONSTRAINT users_updated_by_fkey REFERENCES users (id) ON DELETE SET NULL;
CREATE INDEX users_created_by_idx ON users (created_by);
CREATE INDEX users_updated_by_idx ON users (updated_by);
COMMENT ON COLUMN users.created_by IS 'Who created the user; null for the first ones and for sign-ups';
COMMENT ON COLUMN users.updated_by IS 'Who changed the user last; null when nobody has';

CREATE TABLE audit_logs (
    id             uuid        NOT NULL,
    actor_id       uuid,
    action         text        NOT NULL,
    entity_type    text        NOT NULL,
    entity_id      uuid,
    before         jsonb,
    after          jsonb,
    correlation_id uuid,
    created_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT audit_logs_pkey PRIMARY KEY (id),
    CONSTRAINT audit_logs_actor_id_fkey FOREIGN KEY (actor_id)
        REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT audit_logs_action_check CHECK (btrim(action) <> '')
);
CREATE INDEX audit_logs_actor_id_idx ON audit_logs (actor_id);
CREATE INDEX audit_logs_entity_idx ON audit_logs (entity_type, entity_id, created_at);
CREATE INDEX audit_logs_correlation_id_idx ON audit_logs (correlation_id) WHERE correlation_id IS NOT NULL;
CREATE INDEX audit_logs_created_at_idx ON audit_logs (created_at);
COMMENT ON TABLE audit_logs IS 'Who did what to which row; only ever added to';
COMMENT ON COLUMN audit_logs.id IS 'Identifies the entry; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN audit_logs.actor_id IS 'Who did it; null for the system itself or a deleted user';
COMMENT ON COLUMN audit_logs.action IS 'What was done, such as user.suspend';
COMMENT ON COLUMN audit_logs.entity_type IS 'The table of the row that it was done to';
COMMENT ON COLUMN audit_logs.entity_id IS 'The key of that row; null where many rows were meant';
COMMENT ON COLUMN audit_logs.before IS 'The row before, without secrets; null where there was none';
COMMENT ON COLUMN audit_logs.after IS 'The row after, without secrets; null where there is none';
COMMENT ON COLUMN audit_logs.correlation_id IS 'Ties together what one request did';
COMMENT ON COLUMN audit_logs.created_at IS 'When it was done';
";

const DOWN: &str = r"
DROP TABLE audit_logs;
ALTER TABLE users
    DROP COLUMN updated_by,
    DROP COLUMN created_by;
";

//! Full classes get a waiting list: an enrollment may be `waitlisted`.
//!
//! PostgreSQL can add a value to an enumeration and cannot remove one. The way down therefore makes the type anew:
//! it takes down what speaks of the type (a check, a partial index, a default), turns the column over, and puts
//! everything back as it was. It refuses while an enrollment waits, because there is no other status that would be
//! true for it.
//!
//! depends-on: m20260309_093000_school_classes

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
        manager.get_connection().execute_unprepared(REFUSE_IF_USED).await?;
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}

const UP: &str = r"
ALTER TYPE enrollment_status ADD VALUE 'waitlisted' BEFORE 'active';
";

/// The lock comes first: otherwise somebody could join a waiting list between the question and the change.
const REFUSE_IF_USED: &str = r"
LOCK TABLE enrollments IN ACCESS EXCLUSIVE MODE;
DO $$
DECLARE
    waiting bigint := (SELECT count(*) FROM enrollments WHERE status = 'waitlisted');
BEGIN
    IF waiting > 0 THEN
        RAISE EXCEPTION 'cannot remove the status waitlisted: % enrollments have it', waiting
            USING ERRCODE = 'dependent_objects_still_exist',
                  HINT = 'Give those enrollments another status, or delete them, and try again.';
    END IF;
END
$$;
";

const DOWN: &str = r"
ALTER TYPE enrollment_status RENAME TO enrollment_status_with_waitlist;
CREATE TYPE enrollment_status AS ENUM ('active', 'completed', 'withdrawn');
COMMENT ON TYPE enrollment_status IS 'How far an enrollment has come';

DROP INDEX enrollments_active_idx;
ALTER TABLE enrollments
    DROP CONSTRAINT enrollments_status_ended_on_check,
    ALTER COLUMN status DROP DEFAULT;
ALTER TABLE enrollments
    ALTER COLUMN status TYPE enrollment_status USING status::text::enrollment_status;
ALTER TABLE enrollments
    ALTER COLUMN status SET DEFAULT 'active',
    ADD CONSTRAINT enrollments_status_ended_on_check
        CHECK ((status IN ('completed', 'withdrawn')) = (ended_on IS NOT NULL));
CREATE INDEX enrollments_active_idx ON enrollments (class_id) WHERE status = 'active';
COMMENT ON INDEX enrollments_active_idx IS 'Counts the places that are taken in a class';

DROP TYPE enrollment_status_with_waitlist;
";

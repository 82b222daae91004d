//! What is taught, by whom, to whom, and when.
//!
//! depends-on: m20260223_084500_school_people

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
CREATE TYPE enrollment_status AS ENUM ('active', 'completed', 'withdrawn');
COMMENT ON TYPE enrollment_status IS 'How far an enrollment has come';

CREATE TYPE weekday AS ENUM ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday');
COMMENT ON TYPE weekday IS 'A day of the week, in the order of ISO 8601';

CREATE TABLE subjects (
    id          uuid        NOT NULL,
    code        text        NOT NULL,
    name        text        NOT NULL,
    description text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT subjects_pkey PRIMARY KEY (id),
    CONSTRAINT subjects_code_key UNIQUE (code),
    CONSTRAINT subjects_code_check CHECK (code ~ '^[A-Z][A-Z0-9_-]*$')
);
CREATE TRIGGER subjects_touch_updated_at BEFORE UPDATE ON subjects
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE subjects IS 'What is taught';
COMMENT ON COLUMN subjects.id IS 'Identifies the subject; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN subjects.code IS 'The short name in upper case, such as MATH';
COMMENT ON COLUMN subjects.name IS 'The name in the timetable';
COMMENT ON COLUMN subjects.description IS 'What the subject covers';
COMMENT ON COLUMN subjects.created_at IS 'When the row was written';
COMMENT ON COLUMN subjects.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE classes (
    id         uuid        NOT NULL,
    code       text        NOT NULL,
    subject_id uuid        NOT NULL,
    teacher_id uuid        NOT NULL,
    term       text        NOT NULL,
    room       text,
    capacity   integer     NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT classes_pkey PRIMARY KEY (id),
    CONSTRAINT classes_code_term_key UNIQUE (code, term),
    CONSTRAINT classes_subject_id_fkey FOREIGN KEY (subject_id)
        REFERENCES subjects (id) ON DELETE RESTRICT,
    CONSTRAINT classes_teacher_id_fkey FOREIGN KEY (teacher_id)
        REFERENCES teachers (id) ON DELETE RESTRICT,
    CONSTRAINT classes_code_check CHECK (btrim(code) <> ''),
    CONSTRAINT classes_term_check CHECK (term ~ '^[0-9]{4}-[A-Za-z0-9]+$'),
    CONSTRAINT classes_capacity_check CHECK (capacity > 0)
);
CREATE INDEX classes_subject_id_idx ON classes (subject_id);
CREATE INDEX classes_teacher_id_idx ON classes (teacher_id);
CREATE TRIGGER classes_touch_updated_at BEFORE UPDATE ON classes
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE classes IS 'A subject taught by one teacher in one term';
COMMENT ON COLUMN classes.id IS 'Identifies the class; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN classes.code IS 'The name of the class within its term, such as MATH-7A';
COMMENT ON COLUMN classes.subject_id IS 'What is taught';
COMMENT ON COLUMN classes.teacher_id IS 'Who teaches';
COMMENT ON COLUMN classes.term IS 'The year and its part, such as 2026-autumn';
COMMENT ON COLUMN classes.room IS 'Where the class meets; null until a room is given';
COMMENT ON COLUMN classes.capacity IS 'How many students may be active at the same time';
COMMENT ON COLUMN classes.created_at IS 'When the row was written';
COMMENT ON COLUMN classes.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE enrollments (
    id          uuid              NOT NULL,
    student_id  uuid              NOT NULL,
    class_id    uuid              NOT NULL,
    status      enrollment_status NOT NULL DEFAULT 'active',
    enrolled_on date              NOT NULL DEFAULT CURRENT_DATE,
    ended_on    date,
    created_at  timestamptz       NOT NULL DEFAULT now(),
    updated_at  timestamptz       NOT NULL DEFAULT now(),
    CONSTRAINT enrollments_pkey PRIMARY KEY (id),
    CONSTRAINT enrollments_student_id_class_id_key UNIQUE (student_id, class_id),
    CONSTRAINT enrollments_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT,
    CONSTRAINT enrollments_class_id_fkey FOREIGN KEY (class_id)
        REFERENCES classes (id) ON DELETE RESTRICT,
    CONSTRAINT enrollments_ended_on_check CHECK (ended_on >= enrolled_on),
    CONSTRAINT enrollments_status_ended_on_check CHECK ((status IN ('completed', 'withdrawn')) = (ended_on IS NOT NULL))
);
CREATE INDEX enrollments_class_id_idx ON enrollments (class_id);
CREATE INDEX enrollments_active_idx ON enrollments (class_id) WHERE status = 'active';
CREATE TRIGGER enrollments_touch_updated_at BEFORE UPDATE ON enrollments
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE enrollments IS 'Which student takes which class';
COMMENT ON COLUMN enrollments.id IS 'Identifies the enrollment; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN enrollments.student_id IS 'Who takes the class';
COMMENT ON COLUMN enrollments.class_id IS 'The class';
COMMENT ON COLUMN enrollments.status IS 'How far the enrollment has come';
COMMENT ON COLUMN enrollments.enrolled_on IS 'The day of enrollment';
COMMENT ON COLUMN enrollments.ended_on IS 'The last day; null while it goes on';
COMMENT ON COLUMN enrollments.created_at IS 'When the row was written';
COMMENT ON COLUMN enrollments.updated_at IS 'When the row last changed; kept by a trigger';
COMMENT ON INDEX enrollments_active_idx IS 'Counts the places that are taken in a class';

CREATE TABLE schedules (
    id         uuid        NOT NULL,
    class_id   uuid        NOT NULL,
    weekday    weekday     NOT NULL,
    starts_at  time        NOT NULL,
    ends_at    time        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT schedules_pkey PRIMARY KEY (id),
    CONSTRAINT schedules_class_id_weekday_starts_at_key UNIQUE (class_id, weekday, starts_at),
    CONSTRAINT schedules_class_id_fkey FOREIGN KEY (class_id)
        REFERENCES classes (id) ON DELETE CASCADE,
    CONSTRAINT schedules_time_check CHECK (starts_at < ends_at)
);
CREATE TRIGGER schedules_touch_updated_at BEFORE UPDATE ON schedules
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE schedules IS 'When a class meets in each week';
COMMENT ON COLUMN schedules.id IS 'Identifies the meeting; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN schedules.class_id IS 'The class that meets';
COMMENT ON COLUMN schedules.weekday IS 'The day of the week';
COMMENT ON COLUMN schedules.starts_at IS 'The local time at which it starts';
COMMENT ON COLUMN schedules.ends_at IS 'The local time at which it ends';
COMMENT ON COLUMN schedules.created_at IS 'When the row was written';
COMMENT ON COLUMN schedules.updated_at IS 'When the row last changed; kept by a trigger';
";

const DOWN: &str = r"
DROP TABLE schedules;
DROP TABLE enrollments;
DROP TABLE classes;
DROP TABLE subjects;
DROP TYPE weekday;
DROP TYPE enrollment_status;
";

//! The people of the school.
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
CREATE TYPE student_status AS ENUM ('active', 'on_leave', 'graduated', 'withdrawn');
COMMENT ON TYPE student_status IS 'Where a student stands with the school';

CREATE TYPE guardian_relationship AS ENUM ('mother', 'father', 'grandparent', 'sibling', 'legal_guardian', 'other');
COMMENT ON TYPE guardian_relationship IS 'What a guardian is to a student';

CREATE TABLE teachers (
    id          uuid        NOT NULL,
    user_id     uuid        NOT NULL,
    employee_no text        NOT NULL,
    department  text        NOT NULL,
    hired_on    date        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT teachers_pkey PRIMARY KEY (id),
    CONSTRAINT teachers_user_id_key UNIQUE (user_id),
    CONSTRAINT teachers_employee_no_key UNIQUE (employee_no),
    CONSTRAINT teachers_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT teachers_employee_no_check CHECK (btrim(employee_no) <> '')
);
CREATE TRIGGER teachers_touch_updated_at BEFORE UPDATE ON teachers
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE teachers IS 'People who teach';
COMMENT ON COLUMN teachers.id IS 'Identifies the teacher; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN teachers.user_id IS 'The account of the teacher';
COMMENT ON COLUMN teachers.employee_no IS 'The number in the personnel files';
COMMENT ON COLUMN teachers.department IS 'The department that the teacher belongs to';
COMMENT ON COLUMN teachers.hired_on IS 'The first day of employment';
COMMENT ON COLUMN teachers.created_at IS 'When the row was written';
COMMENT ON COLUMN teachers.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE students (
    id          uuid           NOT NULL,
    user_id     uuid,
    student_no  text           NOT NULL,
    given_name  text           NOT NULL,
    family_name text           NOT NULL,
    birth_date  date           NOT NULL,
    grade_level smallint       NOT NULL,
    status      student_status NOT NULL DEFAULT 'active',
    created_at  timestamptz    NOT NULL DEFAULT now(),
    updated_at  timestamptz    NOT NULL DEFAULT now(),
    CONSTRAINT students_pkey PRIMARY KEY (id),
    CONSTRAINT students_user_id_key UNIQUE (user_id),
    CONSTRAINT students_student_no_key UNIQUE (student_no),
    CONSTRAINT students_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT students_student_no_check CHECK (btrim(student_no) <> ''),
    CONSTRAINT students_birth_date_check CHECK (birth_date >= DATE '1900-01-01'),
    CONSTRAINT students_grade_level_check CHECK (grade_level BETWEEN 1 AND 12)
);
CREATE INDEX students_name_idx ON students (family_name, given_name);
CREATE INDEX students_grade_level_idx ON students (grade_level) WHERE status = 'active';
CREATE TRIGGER students_touch_updated_at BEFORE UPDATE ON students
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE students IS 'People who are taught';
COMMENT ON COLUMN students.id IS 'Identifies the student; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN students.user_id IS 'The account of the student; null for those without one';
COMMENT ON COLUMN students.student_no IS 'The number in the school register';
COMMENT ON COLUMN students.given_name IS 'The given name';
COMMENT ON COLUMN students.family_name IS 'The family name';
COMMENT ON COLUMN students.birth_date IS 'The day of birth';
COMMENT ON COLUMN students.grade_level IS 'The year of schooling, from 1 to 12';
COMMENT ON COLUMN students.status IS 'Where the student stands with the school';
COMMENT ON COLUMN students.created_at IS 'When the row was written';
COMMENT ON COLUMN students.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE guardians (
    id          uuid        NOT NULL,
    user_id     uuid,
    given_name  text        NOT NULL,
    family_name text        NOT NULL,
    email       text,
    phone       text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT guardians_pkey PRIMARY KEY (id),
    CONSTRAINT guardians_user_id_key UNIQUE (user_id),
    CONSTRAINT guardians_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT guardians_email_check CHECK (email = lower(email) AND email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    CONSTRAINT guardians_phone_check CHECK (phone ~ '^[+][1-9][0-9]{6,14}$')
);
CREATE TRIGGER guardians_touch_updated_at BEFORE UPDATE ON guardians
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE guardians IS 'Grown-ups who answer for students';
COMMENT ON COLUMN guardians.id IS 'Identifies the guardian; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN guardians.user_id IS 'The account of the guardian; null for those without one';
COMMENT ON COLUMN guardians.given_name IS 'The given name';
COMMENT ON COLUMN guardians.family_name IS 'The family name';
COMMENT ON COLUMN guardians.email IS 'The address to write to, in lower case';
COMMENT ON COLUMN guardians.phone IS 'The number to call, as E.164: a plus sign and digits';
COMMENT ON COLUMN guardians.created_at IS 'When the row was written';
COMMENT ON COLUMN guardians.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE student_guardians (
    student_id   uuid                  NOT NULL,
    guardian_id  uuid                  NOT NULL,
    relationship guardian_relationship NOT NULL,
    is_primary   boolean               NOT NULL DEFAULT false,
    created_at   timestamptz           NOT NULL DEFAULT now(),
    updated_at   timestamptz           NOT NULL DEFAULT now(),
    CONSTRAINT student_guardians_pkey PRIMARY KEY (student_id, guardian_id),
    CONSTRAINT student_guardians_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE CASCADE,
    CONSTRAINT student_guardians_guardian_id_fkey FOREIGN KEY (guardian_id)
        REFERENCES guardians (id) ON DELETE CASCADE
);
CREATE INDEX student_guardians_guardian_id_idx ON student_guardians (guardian_id);
CREATE UNIQUE INDEX student_guardians_primary_key ON student_guardians (student_id) WHERE is_primary;
CREATE TRIGGER student_guardians_touch_updated_at BEFORE UPDATE ON student_guardians
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE student_guardians IS 'Which guardian answers for which student';
COMMENT ON COLUMN student_guardians.student_id IS 'The student';
COMMENT ON COLUMN student_guardians.guardian_id IS 'The guardian';
COMMENT ON COLUMN student_guardians.relationship IS 'What the guardian is to the student';
COMMENT ON COLUMN student_guardians.is_primary IS 'True for the one guardian who is called first';
COMMENT ON COLUMN student_guardians.created_at IS 'When the row was written';
COMMENT ON COLUMN student_guardians.updated_at IS 'When the row last changed; kept by a trigger';
COMMENT ON INDEX student_guardians_primary_key IS 'A student has at most one guardian who is called first';
";

const DOWN: &str = r"
DROP TABLE student_guardians;
DROP TABLE guardians;
DROP TABLE students;
DROP TABLE teachers;
DROP TYPE guardian_relationship;
DROP TYPE student_status;
";

//! How the students do: exams and attendance.
//!
//! A result carries the maximum of its exam in the foreign key, and the key follows the exam, so that
//! a plain check can hold the score between zero and that maximum.
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
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}

const UP: &str = r"
CREATE TYPE exam_kind AS ENUM ('quiz', 'midterm', 'final', 'project');
COMMENT ON TYPE exam_kind IS 'What an exam is for';

CREATE TYPE attendance_status AS ENUM ('present', 'absent', 'late', 'excused');
COMMENT ON TYPE attendance_status IS 'Whether a student was in class';

CREATE TABLE exams (
    id         uuid         NOT NULL,
    class_id   uuid         NOT NULL,
    title      text         NOT NULL,
    kind       exam_kind    NOT NULL,
    max_score  numeric(6,2) NOT NULL,
    held_on    date         NOT NULL,
    created_at timestamptz  NOT NULL DEFAULT now(),
    updated_at timestamptz  NOT NULL DEFAULT now(),
    CONSTRAINT exams_pkey PRIMARY KEY (id),
    CONSTRAINT exams_id_max_score_key UNIQUE (id, max_score),
    CONSTRAINT exams_class_id_fkey FOREIGN KEY (class_id)
        REFERENCES classes (id) ON DELETE CASCADE,
    CONSTRAINT exams_title_check CHECK (btrim(title) <> ''),
    CONSTRAINT exams_max_score_check CHECK (max_score > 0)
);
CREATE INDEX exams_class_id_idx ON exams (class_id);
CREATE INDEX exams_held_on_idx ON exams (held_on);
CREATE TRIGGER exams_touch_updated_at BEFORE UPDATE ON exams
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE exams IS 'Graded work of a class';
COMMENT ON COLUMN exams.id IS 'Identifies the exam; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN exams.class_id IS 'The class that is examined';
COMMENT ON COLUMN exams.title IS 'What the exam is called';
COMMENT ON COLUMN exams.kind IS 'What the exam is for';
COMMENT ON COLUMN exams.max_score IS 'The most points that can be reached';
COMMENT ON COLUMN exams.held_on IS 'The day of the exam';
COMMENT ON COLUMN exams.created_at IS 'When the row was written';
COMMENT ON COLUMN exams.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE exam_results (
    id         uuid         NOT NULL,
    exam_id    uuid         NOT NULL,
    student_id uuid         NOT NULL,
    score      numeric(6,2) NOT NULL,
    max_score  numeric(6,2) NOT NULL,
    remarks    text,
    created_at timestamptz  NOT NULL DEFAULT now(),
    updated_at timestamptz  NOT NULL DEFAULT now(),
    CONSTRAINT exam_results_pkey PRIMARY KEY (id),
    CONSTRAINT exam_results_exam_id_student_id_key UNIQUE (exam_id, student_id),
    CONSTRAINT exam_results_student_id_fkey FOREIGN KEY (student_id)
        REFERENCES students (id) ON DELETE RESTRICT,
    CONSTRAINT exam_results_exam_id_max_score_fkey FOREIGN KEY (exam_id, max_score)
        REFERENCES exams (id, max_score) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT exam_results_score_check CHECK (score BETWEEN 0 AND max_score)
);
CREATE INDEX exam_results_student_id_idx ON exam_results (student_id);
CREATE INDEX exam_results_exam_id_max_score_idx ON exam_results (exam_id, max_score);
CREATE TRIGGER exam_results_touch_updated_at BEFORE UPDATE ON exam_results
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE exam_results IS 'What a student reached in an exam';
COMMENT ON COLUMN exam_results.id IS 'Identifies the result; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN exam_results.exam_id IS 'The exam';
COMMENT ON COLUMN exam_results.student_id IS 'Who was examined';
COMMENT ON COLUMN exam_results.score IS 'The points reached, from zero to max_score';
COMMENT ON COLUMN exam_results.max_score IS
    'The maximum of the exam; follows the exam through the foreign key, so that a check can compare';
COMMENT ON COLUMN exam_results.remarks IS 'What the teacher adds';
COMMENT ON COLUMN exam_results.created_at IS 'When the row was written';
COMMENT ON COLUMN exam_results.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE attendance (
    id            uuid              NOT NULL,
    enrollment_id uuid              NOT NULL,
    day           date              NOT NULL,
    status        attendance_status NOT NULL,
    note          text,
    created_at    timestamptz       NOT NULL DEFAULT now(),
    updated_at    timestamptz       NOT NULL DEFAULT now(),
    CONSTRAINT attendance_pkey PRIMARY KEY (id),
    CONSTRAINT attendance_enrollment_id_day_key UNIQUE (enrollment_id, day),
    CONSTRAINT attendance_enrollment_id_fkey FOREIGN KEY (enrollment_id)
        REFERENCES enrollments (id) ON DELETE CASCADE
);
CREATE INDEX attendance_day_idx ON attendance (day);
CREATE TRIGGER attendance_touch_updated_at BEFORE UPDATE ON attendance
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE attendance IS 'Whether a student was in class on a day; the largest table of the school';
COMMENT ON COLUMN attendance.id IS 'Identifies the record; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN attendance.enrollment_id IS 'Who should have been in which class';
COMMENT ON COLUMN attendance.day IS 'The day of the class';
COMMENT ON COLUMN attendance.status IS 'Whether the student was there';
COMMENT ON COLUMN attendance.note IS 'Why, where somebody wrote it down';
COMMENT ON COLUMN attendance.created_at IS 'When the row was written';
COMMENT ON COLUMN attendance.updated_at IS 'When the row last changed; kept by a trigger';
";

const DOWN: &str = r"
DROP TABLE attendance;
DROP TABLE exam_results;
DROP TABLE exams;
DROP TYPE attendance_status;
DROP TYPE exam_kind;
";

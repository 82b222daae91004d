//! What users do with the festival: follow, save, attend, review, and be told.
//!
//! depends-on: m20260112_090000_access
//! depends-on: m20260413_100000_festival_catalogue

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
CREATE TYPE event_attendance_status AS ENUM ('interested', 'going', 'attended');
COMMENT ON TYPE event_attendance_status IS 'What a user has to do with an event';

CREATE TYPE notification_kind AS ENUM (
    'event_published',
    'event_changed',
    'event_cancelled',
    'event_reminder',
    'review_requested'
);
COMMENT ON TYPE notification_kind IS 'What a notification tells';

CREATE TABLE instructor_follows (
    user_id       uuid        NOT NULL,
    instructor_id uuid        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT instructor_follows_pkey PRIMARY KEY (user_id, instructor_id),
    CONSTRAINT instructor_follows_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT instructor_follows_instructor_id_fkey FOREIGN KEY (instructor_id)
        REFERENCES instructors (id) ON DELETE CASCADE
);
CREATE INDEX instructor_follows_instructor_id_idx ON instructor_follows (instructor_id);
COMMENT ON TABLE instructor_follows IS 'Which user follows which instructor';
COMMENT ON COLUMN instructor_follows.user_id IS 'Who follows';
COMMENT ON COLUMN instructor_follows.instructor_id IS 'Who is followed';
COMMENT ON COLUMN instructor_follows.created_at IS 'When the user began to follow';

CREATE TABLE musician_follows (
    user_id     uuid        NOT NULL,
    musician_id uuid        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT musician_follows_pkey PRIMARY KEY (user_id, musician_id),
    CONSTRAINT musician_follows_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT musician_follows_musician_id_fkey FOREIGN KEY (musician_id)
        REFERENCES musicians (id) ON DELETE CASCADE
);
CREATE INDEX musician_follows_musician_id_idx ON musician_follows (musician_id);
COMMENT ON TABLE musician_follows IS 'Which user follows which musician';
COMMENT ON COLUMN musician_follows.user_id IS 'Who follows';
COMMENT ON COLUMN musician_follows.musician_id IS 'Who is followed';
COMMENT ON COLUMN musician_follows.created_at IS 'When the user began to follow';

CREATE TABLE saved_events (
    user_id    uuid        NOT NULL,
    event_id   uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saved_events_pkey PRIMARY KEY (user_id, event_id),
    CONSTRAINT saved_events_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT saved_events_event_id_fkey FOREIGN KEY (event_id)
        REFERENCES events (id) ON DELETE CASCADE
);
CREATE INDEX saved_events_event_id_idx ON saved_events (event_id);
COMMENT ON TABLE saved_events IS 'Which user keeps which event in mind';
COMMENT ON COLUMN saved_events.user_id IS 'Who saved it';
COMMENT ON COLUMN saved_events.event_id IS 'What was saved';
COMMENT ON COLUMN saved_events.created_at IS 'When the event was saved';

CREATE TABLE event_attendances (
    id         uuid                    NOT NULL,
    event_id   uuid                    NOT NULL,
    user_id    uuid                    NOT NULL,
    status     event_attendance_status NOT NULL DEFAULT 'interested',
    created_at timestamptz             NOT NULL DEFAULT now(),
    updated_at timestamptz             NOT NULL DEFAULT now(),
    CONSTRAINT event_attendances_pkey PRIMARY KEY (id),
    CONSTRAINT event_attendances_event_id_user_id_key UNIQUE (event_id, user_id),
    CONSTRAINT event_attendances_event_id_fkey FOREIGN KEY (event_id)
        REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT event_attendances_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX event_attendances_user_id_idx ON event_attendances (user_id);
CREATE TRIGGER event_attendances_touch_updated_at BEFORE UPDATE ON event_attendances
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE event_attendances IS 'Who comes to an event';
COMMENT ON COLUMN event_attendances.id IS 'Identifies the attendance; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN event_attendances.event_id IS 'The event';
COMMENT ON COLUMN event_attendances.user_id IS 'Who comes';
COMMENT ON COLUMN event_attendances.status IS 'How far it has come';
COMMENT ON COLUMN event_attendances.created_at IS 'When the row was written';
COMMENT ON COLUMN event_attendances.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE reviews (
    id         uuid        NOT NULL,
    event_id   uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    rating     smallint    NOT NULL,
    body       text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT reviews_pkey PRIMARY KEY (id),
    CONSTRAINT reviews_event_id_user_id_key UNIQUE (event_id, user_id),
    CONSTRAINT reviews_event_id_fkey FOREIGN KEY (event_id)
        REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT reviews_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT reviews_rating_check CHECK (rating BETWEEN 1 AND 5)
);
CREATE INDEX reviews_user_id_idx ON reviews (user_id);
CREATE TRIGGER reviews_touch_updated_at BEFORE UPDATE ON reviews
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE reviews IS 'What visitors say about an event';
COMMENT ON COLUMN reviews.id IS 'Identifies the review; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN reviews.event_id IS 'What is reviewed';
COMMENT ON COLUMN reviews.user_id IS 'Who reviews';
COMMENT ON COLUMN reviews.rating IS 'From 1, poor, to 5, excellent';
COMMENT ON COLUMN reviews.body IS 'The review in words';
COMMENT ON COLUMN reviews.created_at IS 'When the row was written';
COMMENT ON COLUMN reviews.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE notifications (
    id         uuid              NOT NULL,
    user_id    uuid              NOT NULL,
    kind       notification_kind NOT NULL,
    payload    jsonb             NOT NULL DEFAULT '{}',
    read_at    timestamptz,
    created_at timestamptz       NOT NULL DEFAULT now(),
    updated_at timestamptz       NOT NULL DEFAULT now(),
    CONSTRAINT notifications_pkey PRIMARY KEY (id),
    CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id)
        REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT notifications_payload_check CHECK (jsonb_typeof(payload) = 'object')
);
CREATE INDEX notifications_user_id_idx ON notifications (user_id);
CREATE TRIGGER notifications_touch_updated_at BEFORE UPDATE ON notifications
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE notifications IS 'What a user is told';
COMMENT ON COLUMN notifications.id IS 'Identifies the notification; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN notifications.user_id IS 'Who is told';
COMMENT ON COLUMN notifications.kind IS 'What it tells';
COMMENT ON COLUMN notifications.payload IS 'What the text is made from, as an object; its keys depend on the kind';
COMMENT ON COLUMN notifications.read_at IS 'When the user read it; null until then';
COMMENT ON COLUMN notifications.created_at IS 'When the row was written';
COMMENT ON COLUMN notifications.updated_at IS 'When the row last changed; kept by a trigger';
";

const DOWN: &str = r"
DROP TABLE notifications;
DROP TABLE reviews;
DROP TABLE event_attendances;
DROP TABLE saved_events;
DROP TABLE musician_follows;
DROP TABLE instructor_follows;
DROP TYPE notification_kind;
DROP TYPE event_attendance_status;
";

//! What the festival has to offer.
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
CREATE TYPE event_status AS ENUM ('draft', 'published', 'cancelled', 'completed', 'archived');
COMMENT ON TYPE event_status IS 'Where an event is in its life';

CREATE TABLE venues (
    id           uuid         NOT NULL,
    slug         text         NOT NULL,
    name         text         NOT NULL,
    address      text,
    city         text         NOT NULL,
    country_code text         NOT NULL,
    timezone     text         NOT NULL,
    latitude     numeric(8,6),
    longitude    numeric(9,6),
    capacity     integer      NOT NULL,
    created_at   timestamptz  NOT NULL DEFAULT now(),
    updated_at   timestamptz  NOT NULL DEFAULT now(),
    CONSTRAINT venues_pkey PRIMARY KEY (id),
    CONSTRAINT venues_slug_key UNIQUE (slug),
    CONSTRAINT venues_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT venues_country_code_check CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT venues_timezone_check CHECK (timezone ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$'),
    CONSTRAINT venues_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT venues_longitude_check CHECK (longitude BETWEEN -180 AND 180),
    CONSTRAINT venues_coordinates_check CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CONSTRAINT venues_capacity_check CHECK (capacity > 0)
);
CREATE INDEX venues_country_code_city_idx ON venues (country_code, city);
CREATE TRIGGER venues_touch_updated_at BEFORE UPDATE ON venues
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE venues IS 'Places where events are held';
COMMENT ON COLUMN venues.id IS 'Identifies the venue; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN venues.slug IS 'The name in addresses: lower-case words joined by hyphens';
COMMENT ON COLUMN venues.name IS 'The name of the place';
COMMENT ON COLUMN venues.address IS 'Street and number';
COMMENT ON COLUMN venues.city IS 'The city';
COMMENT ON COLUMN venues.country_code IS 'The country as two upper-case letters of ISO 3166-1';
COMMENT ON COLUMN venues.timezone IS 'The zone of the place, as an IANA name such as Europe/Lisbon';
COMMENT ON COLUMN venues.latitude IS 'Degrees north, from -90 to 90; null where unknown';
COMMENT ON COLUMN venues.longitude IS 'Degrees east, from -180 to 180; null where unknown';
COMMENT ON COLUMN venues.capacity IS 'How many people the place holds';
COMMENT ON COLUMN venues.created_at IS 'When the row was written';
COMMENT ON COLUMN venues.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE instructors (
    id           uuid        NOT NULL,
    slug         text        NOT NULL,
    name         text        NOT NULL,
    bio          text,
    specialties  text[]      NOT NULL DEFAULT '{}',
    social_links jsonb       NOT NULL DEFAULT '{}',
    verified     boolean     NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT instructors_pkey PRIMARY KEY (id),
    CONSTRAINT instructors_slug_key UNIQUE (slug),
    CONSTRAINT instructors_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT instructors_name_check CHECK (btrim(name) <> ''),
    CONSTRAINT instructors_social_links_check CHECK (jsonb_typeof(social_links) = 'object')
);
CREATE INDEX instructors_specialties_idx ON instructors USING gin (specialties);
CREATE TRIGGER instructors_touch_updated_at BEFORE UPDATE ON instructors
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE instructors IS 'People who teach at events';
COMMENT ON COLUMN instructors.id IS 'Identifies the instructor; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN instructors.slug IS 'The name in addresses: lower-case words joined by hyphens';
COMMENT ON COLUMN instructors.name IS 'The name on the programme';
COMMENT ON COLUMN instructors.bio IS 'Who the instructor is, in a few sentences';
COMMENT ON COLUMN instructors.specialties IS 'What the instructor teaches, in lower case';
COMMENT ON COLUMN instructors.social_links IS 'Addresses by network, as an object of strings';
COMMENT ON COLUMN instructors.verified IS 'True when somebody has checked that the person is who they say';
COMMENT ON COLUMN instructors.created_at IS 'When the row was written';
COMMENT ON COLUMN instructors.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE musicians (
    id          uuid        NOT NULL,
    slug        text        NOT NULL,
    name        text        NOT NULL,
    bio         text,
    genres      text[]      NOT NULL DEFAULT '{}',
    instruments text[]      NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT musicians_pkey PRIMARY KEY (id),
    CONSTRAINT musicians_slug_key UNIQUE (slug),
    CONSTRAINT musicians_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT musicians_name_check CHECK (btrim(name) <> '')
);
CREATE INDEX musicians_genres_idx ON musicians USING gin (genres);
CREATE TRIGGER musicians_touch_updated_at BEFORE UPDATE ON musicians
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE musicians IS 'People and groups who play at events';
COMMENT ON COLUMN musicians.id IS 'Identifies the musician; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN musicians.slug IS 'The name in addresses: lower-case words joined by hyphens';
COMMENT ON COLUMN musicians.name IS 'The name on the programme';
COMMENT ON COLUMN musicians.bio IS 'Who the musician is, in a few sentences';
COMMENT ON COLUMN musicians.genres IS 'What the musician plays, in lower case';
COMMENT ON COLUMN musicians.instruments IS 'What it is played on, in lower case';
COMMENT ON COLUMN musicians.created_at IS 'When the row was written';
COMMENT ON COLUMN musicians.updated_at IS 'When the row last changed; kept by a trigger';

CREATE TABLE events (
    id                    uuid         NOT NULL,
    slug                  text         NOT NULL,
    title                 text         NOT NULL,
    description           text,
    venue_id              uuid         NOT NULL,
    status                event_status NOT NULL DEFAULT 'draft',
    starts_at             timestamptz  NOT NULL,
    ends_at               timestamptz  NOT NULL,
    timezone              text         NOT NULL,
    currency              text         NOT NULL,
    capacity              integer      NOT NULL,
    registration_deadline timestamptz,
    created_at            timestamptz  NOT NULL DEFAULT now(),
    updated_at            timestamptz  NOT NULL DEFAULT now(),
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_slug_key UNIQUE (slug),
    CONSTRAINT events_venue_id_fkey FOREIGN KEY (venue_id)
        REFERENCES venues (id) ON DELETE RESTRICT,
    CONSTRAINT events_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT events_title_check CHECK (btrim(title) <> ''),
    CONSTRAINT events_time_check CHECK (starts_at < ends_at),
    CONSTRAINT events_timezone_check CHECK (timezone ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$'),
    CONSTRAINT events_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT events_capacity_check CHECK (capacity > 0),
    CONSTRAINT events_registration_deadline_check CHECK (registration_deadline <= starts_at)
);
CREATE INDEX events_venue_id_idx ON events (venue_id);
CREATE INDEX events_status_starts_at_idx ON events (status, starts_at);
CREATE TRIGGER events_touch_updated_at BEFORE UPDATE ON events
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE events IS 'What is held at a venue';
COMMENT ON COLUMN events.id IS 'Identifies the event; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN events.slug IS 'The name in addresses: lower-case words joined by hyphens';
COMMENT ON COLUMN events.title IS 'The name on the programme';
COMMENT ON COLUMN events.description IS 'What awaits the visitor';
COMMENT ON COLUMN events.venue_id IS 'Where it is held';
COMMENT ON COLUMN events.status IS 'Where the event is in its life';
COMMENT ON COLUMN events.starts_at IS 'When it starts';
COMMENT ON COLUMN events.ends_at IS 'When it ends';
COMMENT ON COLUMN events.timezone IS 'The zone that its times are shown in, as an IANA name';
COMMENT ON COLUMN events.currency IS 'What tickets are paid in, as three upper-case letters of ISO 4217';
COMMENT ON COLUMN events.capacity IS 'How many people may come';
COMMENT ON COLUMN events.registration_deadline IS 'When registration closes; null while it stays open until the start';
COMMENT ON COLUMN events.created_at IS 'When the row was written';
COMMENT ON COLUMN events.updated_at IS 'When the row last changed; kept by a trigger';
";

const DOWN: &str = r"
DROP TABLE events;
DROP TABLE musicians;
DROP TABLE instructors;
DROP TABLE venues;
DROP TYPE event_status;
";

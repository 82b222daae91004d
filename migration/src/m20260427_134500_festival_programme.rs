//! Who appears at an event, and what it costs.
//!
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
CREATE TABLE event_instructors (
    event_id      uuid        NOT NULL,
    instructor_id uuid        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT event_instructors_pkey PRIMARY KEY (event_id, instructor_id),
    CONSTRAINT event_instructors_event_id_fkey FOREIGN KEY (event_id)
        REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT event_instructors_instructor_id_fkey FOREIGN KEY (instructor_id)
        REFERENCES instructors (id) ON DELETE RESTRICT
);
CREATE INDEX event_instructors_instructor_id_idx ON event_instructors (instructor_id);
COMMENT ON TABLE event_instructors IS 'Which instructor teaches at which event';
COMMENT ON COLUMN event_instructors.event_id IS 'The event';
COMMENT ON COLUMN event_instructors.instructor_id IS 'The instructor';
COMMENT ON COLUMN event_instructors.created_at IS 'When the instructor was put on the programme';

CREATE TABLE event_musicians (
    event_id    uuid        NOT NULL,
    musician_id uuid        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT event_musicians_pkey PRIMARY KEY (event_id, musician_id),
    CONSTRAINT event_musicians_event_id_fkey FOREIGN KEY (event_id)
        REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT event_musicians_musician_id_fkey FOREIGN KEY (musician_id)
        REFERENCES musicians (id) ON DELETE RESTRICT
);
CREATE INDEX event_musicians_musician_id_idx ON event_musicians (musician_id);
COMMENT ON TABLE event_musicians IS 'Which musician plays at which event';
COMMENT ON COLUMN event_musicians.event_id IS 'The event';
COMMENT ON COLUMN event_musicians.musician_id IS 'The musician';
COMMENT ON COLUMN event_musicians.created_at IS 'When the musician was put on the programme';

CREATE TABLE pricing_tiers (
    id             uuid          NOT NULL,
    event_id       uuid          NOT NULL,
    name           text          NOT NULL,
    price          numeric(12,2) NOT NULL,
    quantity       integer       NOT NULL,
    sales_start_at timestamptz,
    sales_end_at   timestamptz,
    created_at     timestamptz   NOT NULL DEFAULT now(),
    updated_at     timestamptz   NOT NULL DEFAULT now(),
    CONSTRAINT pricing_tiers_pkey PRIMARY KEY (id),
    CONSTRAINT pricing_tiers_event_id_name_key UNIQUE (event_id, name),
    CONSTRAINT pricing_tiers_event_id_fkey FOREIGN KEY (event_id)
        REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT pricing_tiers_name_check CHECK (btrim(name) <> ''),
    CONSTRAINT pricing_tiers_price_check CHECK (price >= 0),
    CONSTRAINT pricing_tiers_quantity_check CHECK (quantity > 0),
    CONSTRAINT pricing_tiers_sales_check CHECK (sales_start_at < sales_end_at)
);
CREATE TRIGGER pricing_tiers_touch_updated_at BEFORE UPDATE ON pricing_tiers
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE pricing_tiers IS 'Kinds of tickets for an event';
COMMENT ON COLUMN pricing_tiers.id IS 'Identifies the kind of ticket; time-ordered (UUID version 7 layout)';
COMMENT ON COLUMN pricing_tiers.event_id IS 'The event that the ticket is for';
COMMENT ON COLUMN pricing_tiers.name IS 'What the ticket is called';
COMMENT ON COLUMN pricing_tiers.price IS 'What it costs, in the currency of the event';
COMMENT ON COLUMN pricing_tiers.quantity IS 'How many are for sale';
COMMENT ON COLUMN pricing_tiers.sales_start_at IS 'When the sale begins; null for at once';
COMMENT ON COLUMN pricing_tiers.sales_end_at IS 'When the sale ends; null for never';
COMMENT ON COLUMN pricing_tiers.created_at IS 'When the row was written';
COMMENT ON COLUMN pricing_tiers.updated_at IS 'When the row last changed; kept by a trigger';
";

const DOWN: &str = r"
DROP TABLE pricing_tiers;
DROP TABLE event_musicians;
DROP TABLE event_instructors;
";

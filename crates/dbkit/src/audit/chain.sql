-- Links the events of the audit trail: each carries a hash of itself and of the one before it.
-- This is a released step and never changes.

-- ALTER TABLE waits for every reader, and everybody else waits behind it: not for long.
SET LOCAL lock_timeout = '5s';

ALTER TABLE seaworthy.audit_events
    ADD COLUMN position bigint,
    ADD COLUMN prev_hash bytea,
    ADD COLUMN hash bytea,
    DROP CONSTRAINT audit_events_outcome_check,
    ADD CONSTRAINT audit_events_outcome_check
        CHECK (outcome IN ('intent', 'step', 'done', 'failed'));

-- A JSON array tells where a field ends, and its text depends on no setting of the session.
CREATE FUNCTION seaworthy.audit_event_hash(event seaworthy.audit_events) RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        event.position, encode(event.prev_hash, 'hex'), event.id,
        (extract(epoch FROM event.at) * 1000000)::bigint,
        event.operation_id, event.tool, event.command, event.outcome, event.environment,
        event.actor, event.host, event.role, event.detail
    )::text, 'UTF8'))
$$;

-- Chains what is there already. Of all statements, this one may change it.
ALTER TABLE seaworthy.audit_events DISABLE TRIGGER audit_events_append_only;
DO $$
DECLARE
    event seaworthy.audit_events;
    head bytea := decode(repeat('00', 32), 'hex');
    place bigint := 0;
BEGIN
    FOR event IN SELECT * FROM seaworthy.audit_events ORDER BY id LOOP
        place := place + 1;
        event.position := place;
        event.prev_hash := head;
        head := seaworthy.audit_event_hash(event);
        UPDATE seaworthy.audit_events
        SET position = place, prev_hash = event.prev_hash, hash = head
        WHERE id = event.id;
    END LOOP;
END $$;
ALTER TABLE seaworthy.audit_events ENABLE TRIGGER audit_events_append_only;

ALTER TABLE seaworthy.audit_events
    ALTER COLUMN position SET NOT NULL,
    ALTER COLUMN prev_hash SET NOT NULL,
    ALTER COLUMN hash SET NOT NULL,
    ADD CONSTRAINT audit_events_position_key UNIQUE (position);
COMMENT ON COLUMN seaworthy.audit_events.position IS 'Its place in the chain, from 1 without gaps';
COMMENT ON COLUMN seaworthy.audit_events.prev_hash IS
    'The hash of the event before it; 32 zero bytes for the first';
COMMENT ON COLUMN seaworthy.audit_events.hash IS 'SHA-256 of its place, prev_hash and all other columns';

-- As its owner, because a role that may only insert must be able to find the head of the chain.
--
-- One writer at a time, or two events would follow the same one. This lock is waited for, although
-- whoever waits holds a snapshot that CREATE INDEX CONCURRENTLY waits for in turn. It is harmless:
-- the transaction that holds the lock consists of one INSERT, so it ends within milliseconds and
-- never builds an index.
CREATE FUNCTION seaworthy.chain_audit_event() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('seaworthy.audit_events', 0));
    SELECT e.position, e.hash INTO head
    FROM seaworthy.audit_events e ORDER BY e.position DESC LIMIT 1;
    NEW.position := coalesce(head.position, 0) + 1;
    NEW.prev_hash := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
    NEW.hash := seaworthy.audit_event_hash(NEW);
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION seaworthy.chain_audit_event() FROM PUBLIC;
CREATE TRIGGER audit_events_chain BEFORE INSERT ON seaworthy.audit_events
    FOR EACH ROW EXECUTE FUNCTION seaworthy.chain_audit_event()

-- How long the chain is, its head, and where it is first broken. The hash is spelled out: who can
-- change the events can change the function that hashed them.
WITH event AS (
    SELECT e.*, sha256(convert_to(jsonb_build_array(
            e.position, encode(e.prev_hash, 'hex'), e.id,
            (extract(epoch FROM e.at) * 1000000)::bigint,
            e.operation_id, e.tool, e.command, e.outcome, e.environment,
            e.actor, e.host, e.role, e.detail
        )::text, 'UTF8')) AS found
    FROM seaworthy.audit_events e
),
link AS (
    SELECT *,
        lag(position, 1, 0::bigint) OVER along + 1 AS expected,
        lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER along AS before
    FROM event
    WINDOW along AS (ORDER BY position, id)
),
broken AS (
    SELECT * FROM link
    WHERE position IS DISTINCT FROM expected OR prev_hash IS DISTINCT FROM before
        OR hash IS DISTINCT FROM found
    ORDER BY position, id LIMIT 1
),
-- Whether what the broken event claims to be stands elsewhere in the chain.
elsewhere AS (
    SELECT
        EXISTS (SELECT FROM event e WHERE e.hash = b.prev_hash) AS predecessor,
        EXISTS (
            SELECT FROM event e
            WHERE e.position <> b.position AND b.hash = sha256(convert_to(jsonb_build_array(
                b.position, encode(b.prev_hash, 'hex'), e.id,
                (extract(epoch FROM e.at) * 1000000)::bigint,
                e.operation_id, e.tool, e.command, e.outcome, e.environment,
                e.actor, e.host, e.role, e.detail
            )::text, 'UTF8'))
        ) AS content
    FROM broken b
)
SELECT
    (SELECT count(*) FROM event),
    head.position,
    encode(head.hash, 'hex'),
    least(b.position, b.expected),
    CASE
        WHEN b.position > b.expected THEN 'removed'
        WHEN b.position < b.expected OR elsewhere.content THEN 'reordered'
        WHEN b.prev_hash = b.before THEN 'changed'
        WHEN elsewhere.predecessor THEN 'reordered'
        WHEN b.hash = b.found THEN 'unlinked'
        WHEN b.position IS NOT NULL THEN 'removed'
    END
FROM (SELECT) AS always
LEFT JOIN (SELECT position, hash FROM event ORDER BY position DESC LIMIT 1) AS head ON true
LEFT JOIN broken b ON true
LEFT JOIN elsewhere ON true

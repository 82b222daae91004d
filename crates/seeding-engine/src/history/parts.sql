ALTER TABLE seaworthy.seed_runs
    ADD COLUMN scale bigint,
    ADD COLUMN shard text,
    ADD COLUMN git_revision text,
    ADD COLUMN error text,
    ALTER COLUMN finished_at DROP NOT NULL,
    DROP CONSTRAINT seed_runs_status_check,
    ADD CONSTRAINT seed_runs_status_check
        CHECK (status IN ('running', 'applied', 'failed', 'interrupted', 'undone'));
COMMENT ON TABLE seaworthy.seed_runs IS 'Seedings; what failed before its first commit leaves no trace';
COMMENT ON COLUMN seaworthy.seed_runs.id IS 'Also the id of the operation in the audit trail';
COMMENT ON COLUMN seaworthy.seed_runs.scale IS 'How many cells of the generated seeds were asked for';
CREATE TABLE seaworthy.seed_tables (
    id bigint GENERATED ALWAYS AS IDENTITY,
    run_id uuid NOT NULL,
    seed_id text NOT NULL,
    version integer NOT NULL,
    table_name text NOT NULL,
    first_cell bigint NOT NULL,
    end_cell bigint NOT NULL,
    key_column text NOT NULL,
    key_from text NOT NULL,
    key_before text NOT NULL,
    rows bigint NOT NULL,
    bytes bigint NOT NULL,
    fingerprint text NOT NULL,
    duration_ms bigint NOT NULL,
    removed_by uuid,
    CONSTRAINT seed_tables_pkey PRIMARY KEY (id),
    CONSTRAINT seed_tables_run_id_fkey FOREIGN KEY (run_id)
        REFERENCES seaworthy.seed_runs (id) ON DELETE CASCADE,
    CONSTRAINT seed_tables_cells_check CHECK (first_cell < end_cell)
);
CREATE INDEX seed_tables_run_id_idx ON seaworthy.seed_tables (run_id);
COMMENT ON TABLE seaworthy.seed_tables IS 'Which keys of which table each committed part of a generated seed wrote';
COMMENT ON COLUMN seaworthy.seed_tables.key_before IS 'The first key after the range';
COMMENT ON COLUMN seaworthy.seed_tables.fingerprint IS 'Sum of the hashes of the rows as binary COPY shows them';
COMMENT ON COLUMN seaworthy.seed_tables.removed_by IS 'The operation that took the rows away again';
CREATE TABLE seaworthy.seed_rows (
    id bigint GENERATED ALWAYS AS IDENTITY,
    run_id uuid NOT NULL,
    seed_id text NOT NULL,
    table_name text NOT NULL,
    action text NOT NULL,
    key jsonb NOT NULL,
    before jsonb,
    after jsonb NOT NULL,
    removed_by uuid,
    CONSTRAINT seed_rows_pkey PRIMARY KEY (id),
    CONSTRAINT seed_rows_run_id_fkey FOREIGN KEY (run_id)
        REFERENCES seaworthy.seed_runs (id) ON DELETE CASCADE,
    CONSTRAINT seed_rows_action_check CHECK (action IN ('created', 'updated')),
    CONSTRAINT seed_rows_before_check CHECK ((action = 'updated') = (before IS NOT NULL))
);
CREATE INDEX seed_rows_run_id_idx ON seaworthy.seed_rows (run_id);
COMMENT ON TABLE seaworthy.seed_rows IS 'Which rows the small seeds wrote, and what those they changed were like before'

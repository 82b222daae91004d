-- Our ledger of migrations, its runs, and the schemas that it has seen.
CREATE TABLE seaworthy.migration_runs (
    id uuid NOT NULL,
    command text NOT NULL,
    environment text NOT NULL,
    actor text NOT NULL,
    host text NOT NULL,
    tool_version text NOT NULL,
    sea_orm_version text NOT NULL,
    git_revision text,
    backup text,
    receipt jsonb,
    reason text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    outcome text,
    CONSTRAINT migration_runs_pkey PRIMARY KEY (id),
    CONSTRAINT migration_runs_outcome_check CHECK (outcome IN ('done', 'failed', 'half_way'))
);
COMMENT ON TABLE seaworthy.migration_runs IS 'One row for each command that changed the schema; its id joins it to the audit trail';
CREATE TABLE seaworthy.migration_ledger (
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    state text NOT NULL,
    direction text NOT NULL,
    transactional boolean NOT NULL,
    depends_on text[] NOT NULL DEFAULT '{}',
    source_sha256 text,
    sql_sha256 text,
    up_sql text[],
    down_sql text[],
    down_exact boolean NOT NULL DEFAULT false,
    statements_done integer NOT NULL DEFAULT 0,
    run_id uuid NOT NULL,
    applied_at timestamptz,
    duration_ms bigint,
    rolled_back_at timestamptz,
    rollback_run_id uuid,
    snapshot_before text,
    snapshot_after text,
    reason text,
    CONSTRAINT migration_ledger_pkey PRIMARY KEY (id),
    CONSTRAINT migration_ledger_run_fkey FOREIGN KEY (run_id) REFERENCES seaworthy.migration_runs (id),
    CONSTRAINT migration_ledger_state_check
        CHECK (state IN ('intent', 'applied', 'dirty', 'rolled_back', 'baselined')),
    CONSTRAINT migration_ledger_direction_check CHECK (direction IN ('up', 'down'))
);
CREATE UNIQUE INDEX migration_ledger_live_key ON seaworthy.migration_ledger (name) WHERE state <> 'rolled_back';
CREATE INDEX migration_ledger_run_id_idx ON seaworthy.migration_ledger (run_id);
CREATE TABLE seaworthy.migration_snapshots (
    fingerprint text NOT NULL,
    objects jsonb NOT NULL,
    taken_at timestamptz NOT NULL,
    CONSTRAINT migration_snapshots_pkey PRIMARY KEY (fingerprint)
);
COMMENT ON TABLE seaworthy.migration_snapshots IS 'Schemas as they were before and after migrations';
CREATE TABLE seaworthy.migration_schema (
    singleton boolean NOT NULL DEFAULT true,
    fingerprint text NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT migration_schema_pkey PRIMARY KEY (singleton),
    CONSTRAINT migration_schema_is_one_row CHECK (singleton),
    CONSTRAINT migration_schema_fingerprint_fkey FOREIGN KEY (fingerprint)
        REFERENCES seaworthy.migration_snapshots (fingerprint)
);
COMMENT ON TABLE seaworthy.migration_schema IS 'The schema as the last run of migrations left it'

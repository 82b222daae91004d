CREATE TABLE seaworthy.seed_runs (
    id uuid NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    environment text NOT NULL,
    seed bigint NOT NULL,
    as_of date NOT NULL,
    generator_version integer NOT NULL,
    tool_version text NOT NULL,
    actor text NOT NULL,
    status text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    CONSTRAINT seed_runs_pkey PRIMARY KEY (id),
    CONSTRAINT seed_runs_number_key UNIQUE (number),
    CONSTRAINT seed_runs_environment_check
        CHECK (environment IN ('development', 'testing', 'staging', 'production')),
    CONSTRAINT seed_runs_status_check CHECK (status IN ('applied', 'undone')),
    CONSTRAINT seed_runs_time_check CHECK (started_at <= finished_at)
);
COMMENT ON TABLE seaworthy.seed_runs IS 'Seedings that were committed; a failed one leaves no trace';
COMMENT ON COLUMN seaworthy.seed_runs.number IS 'The order of runs, which clocks cannot be trusted with';
COMMENT ON COLUMN seaworthy.seed_runs.seed IS 'The seed number that invented rows are a function of';
COMMENT ON COLUMN seaworthy.seed_runs.as_of IS 'The day that is today in invented rows';
CREATE TABLE seaworthy.seed_run_seeds (
    run_id uuid NOT NULL,
    ordinal integer NOT NULL,
    seed_id text NOT NULL,
    version integer NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    unchanged bigint NOT NULL,
    duration_ms bigint NOT NULL,
    CONSTRAINT seed_run_seeds_pkey PRIMARY KEY (run_id, seed_id),
    CONSTRAINT seed_run_seeds_run_id_ordinal_key UNIQUE (run_id, ordinal),
    CONSTRAINT seed_run_seeds_run_id_fkey FOREIGN KEY (run_id)
        REFERENCES seaworthy.seed_runs (id) ON DELETE CASCADE
);
CREATE INDEX seed_run_seeds_seed_id_idx ON seaworthy.seed_run_seeds (seed_id);
COMMENT ON TABLE seaworthy.seed_run_seeds IS 'What each seed of a run did, in the order of doing it'

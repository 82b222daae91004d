//! Tables that are taken apart for a load and put together after it.

use integration_tests::{TestDatabase, sql};
use seeding_engine::{
    after_load::{analyze, set_sequences},
    bulk_mode::{BulkModeError, Unsuitable, choose, put_together, take_apart},
    copy::{Bulk, RefusalKind},
};

use super::{Made, begin, count, id, load, look, notes};

/// What the catalog says, by another way than the engine: what `\d` prints.
const CATALOG: &str = "
    SELECT string_agg(line, E'\n' ORDER BY line COLLATE \"C\") FROM (
        SELECT indexdef || coalesce(' -- ' || obj_description(format('%I', indexname)::regclass), '') AS line
        FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT format('%s %s %s %s %s %s', conrelid::regclass, conname, contype, convalidated,
            pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint'))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT format('%s %s %s', indexrelid::regclass, indisclustered, indisreplident) FROM pg_index
        WHERE indrelid::regclass::text NOT LIKE 'pg_%'
    ) AS lines
";

async fn catalog(test: &TestDatabase) -> String {
    sql::value(test.db(), CATALOG).await
}

async fn parts(bulk: &Bulk) -> i64 {
    sql::value(
        bulk,
        "SELECT (SELECT count(*) FROM pg_indexes WHERE schemaname = 'public')
            + (SELECT count(*) FROM pg_constraint
                WHERE contype = 'f' AND connamespace = 'public'::regnamespace)",
    )
    .await
}

#[tokio::test]
async fn every_table_of_the_schema_is_put_together_as_it_was() {
    let test = TestDatabase::migrated().await;
    let tables: Vec<String> = sql::column(
        test.db(),
        "SELECT relname::text FROM pg_class
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname",
    )
    .await;
    let tables: Vec<_> = tables.iter().map(String::as_str).collect();
    let before = catalog(&test).await;
    let bulk = begin(&test).await;
    let there = parts(&bulk).await;
    let taken = take_apart(&bulk, &tables).await.unwrap();
    assert_eq!(parts(&bulk).await, 0, "all of {there} are gone");
    assert_eq!(taken.parts(), usize::try_from(there).unwrap());
    put_together(taken, &bulk, &|_| {}).await.unwrap();
    bulk.commit().await.unwrap();
    assert_eq!(catalog(&test).await, before);
}

#[tokio::test]
async fn one_table_keeps_what_others_need() {
    let test = TestDatabase::migrated().await;
    let before = catalog(&test).await;
    let bulk = begin(&test).await;
    let taken = take_apart(&bulk, &["exams"]).await.unwrap();
    let left: Vec<String> = sql::column(
        &bulk,
        "SELECT indexname::text FROM pg_indexes WHERE tablename = 'exams' ORDER BY 1",
    )
    .await;
    // The foreign key of exam_results needs it; the primary key is needed by nobody.
    assert_eq!(left, ["exams_id_max_score_key"]);
    put_together(taken, &bulk, &|_| {}).await.unwrap();
    bulk.commit().await.unwrap();
    assert_eq!(catalog(&test).await, before);
}

/// One of each kind of thing that an index or a constraint can have.
const STRANGE: &str = r#"
    CREATE EXTENSION btree_gist;
    CREATE TABLE "Strange 'table'" (
        id uuid, code text NOT NULL, span int4range, number integer, parent uuid, note text, other uuid,
        CONSTRAINT "Strange key" PRIMARY KEY (id) INCLUDE (note),
        CONSTRAINT deferred UNIQUE (code, number) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT filled UNIQUE (number) WITH (fillfactor = 70),
        CONSTRAINT apart EXCLUDE USING gist (number WITH =, span WITH &&) WHERE (note IS NULL),
        CONSTRAINT "It's a parent" FOREIGN KEY (parent) REFERENCES "Strange 'table'" (id)
            ON DELETE SET NULL DEFERRABLE,
        CONSTRAINT other UNIQUE (other)
    );
    ALTER TABLE "Strange 'table'" ADD CONSTRAINT later FOREIGN KEY (other)
        REFERENCES "Strange 'table'" (other) NOT VALID;
    CREATE INDEX "Lower; code" ON "Strange 'table'" (lower(code) text_pattern_ops DESC NULLS LAST)
        WHERE number > 0;
    ALTER INDEX "Lower; code" ALTER COLUMN 1 SET STATISTICS 500;
    CREATE INDEX clustered ON "Strange 'table'" USING btree (note COLLATE "C") INCLUDE (id);
    ALTER TABLE "Strange 'table'" CLUSTER ON clustered;
    CREATE INDEX hashed ON "Strange 'table'" USING hash (code);
    CREATE UNIQUE INDEX replicated ON "Strange 'table'" (id, code);
    ALTER TABLE "Strange 'table'" REPLICA IDENTITY USING INDEX replicated;
    COMMENT ON INDEX "Lower; code" IS 'it''s "lower"';
    COMMENT ON CONSTRAINT "Strange key" ON "Strange 'table'" IS 'the key';
    COMMENT ON INDEX "Strange key" IS 'its index';
    COMMENT ON CONSTRAINT "It's a parent" ON "Strange 'table'" IS E'with a \\ and a \n';
    CREATE TABLE doubled (id uuid PRIMARY KEY, parent uuid REFERENCES doubled);
    CREATE UNIQUE INDEX doubled_again ON doubled (id);
    CREATE TABLE grouped (id integer PRIMARY KEY, name text, made date);
    CREATE INDEX grouped_made_idx ON grouped (made);
    CREATE VIEW groups AS SELECT id, name, count(*) FROM grouped GROUP BY id;
"#;

#[tokio::test]
async fn the_strangest_table_is_put_together_as_it_was() {
    let test = TestDatabase::empty().await;
    sql::run(test.db(), STRANGE).await;
    let before = catalog(&test).await;
    let bulk = begin(&test).await;
    let taken = take_apart(&bulk, &["Strange 'table'", "doubled", "grouped"]).await.unwrap();
    let left: Vec<String> = sql::column(
        &bulk,
        "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    )
    .await;
    assert_eq!(left, ["doubled_pkey", "grouped_pkey", "replicated"]);
    put_together(taken, &bulk, &|_| {}).await.unwrap();
    bulk.commit().await.unwrap();
    assert_eq!(catalog(&test).await, before);
}

#[tokio::test]
async fn any_difference_is_noticed() {
    for (change, noticed) in [
        ("CREATE INDEX stray ON notes (note)", "stray"),
        ("ALTER TABLE notes ADD CONSTRAINT more CHECK (note <> '')", "more"),
        ("ALTER TABLE notes ALTER note SET NOT NULL", "note"),
        ("CREATE TABLE others (id uuid REFERENCES referenced)", "others"),
    ] {
        let test = notes().await;
        sql::run(test.db(), "CREATE TABLE referenced (id uuid PRIMARY KEY)").await;
        let bulk = begin(&test).await;
        sql::run(&bulk, "CREATE TABLE early (id uuid REFERENCES referenced)").await;
        let taken = take_apart(&bulk, &["notes", "referenced"]).await.unwrap();
        sql::run(&bulk, change).await;
        let error = put_together(taken, &bulk, &|_| {}).await.unwrap_err();
        let BulkModeError::Different { gone, new } = error else { panic!("{error:?}") };
        assert!(gone.is_empty() && new.iter().any(|entry| entry.contains(noticed)), "{new:?}");
    }
}

#[tokio::test]
async fn what_is_lost_is_noticed() {
    let test = notes().await;
    sql::run(test.db(), "ALTER TABLE notes ADD CONSTRAINT long CHECK (length(note) > 3)").await;
    let bulk = begin(&test).await;
    let taken = take_apart(&bulk, &["notes"]).await.unwrap();
    sql::run(&bulk, "ALTER TABLE notes DROP CONSTRAINT long").await;
    let error = put_together(taken, &bulk, &|_| {}).await.unwrap_err();
    let BulkModeError::Different { gone, new } = error else { panic!("{error:?}") };
    assert!(new.is_empty() && gone.len() == 1 && gone[0].contains("long"), "{gone:?}");
}

#[tokio::test]
async fn rows_that_break_a_rule_are_refused_when_it_comes_back() {
    let test = notes().await;
    sql::run(test.db(), "ALTER TABLE notes ADD parent uuid REFERENCES notes").await;
    let columns = &["id", "note", "parent"];
    let twice = Made::source("notes", columns, |cell| {
        vec![vec![id(cell, 0), "the same".into(), None::<uuid::Uuid>.into()]]
    });
    let orphan = Made::source("notes", columns, |cell| {
        vec![vec![id(cell, 0), format!("{cell}").into(), id(77, 7)]]
    });
    for (source, kind) in [(twice, RefusalKind::NotUnique), (orphan, RefusalKind::ForeignKey)] {
        let mut bulk = begin(&test).await;
        let taken = take_apart(&bulk, &["notes"]).await.unwrap();
        load(&mut bulk, source, 0..2, &|_| {}).await.unwrap();
        let error = put_together(taken, &bulk, &|_| {}).await.unwrap_err();
        let BulkModeError::Refused { table, refusal } = error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), refusal.kind), ("notes", kind));
        bulk.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_killed_load_leaves_every_index() {
    let test = TestDatabase::migrated().await;
    let before = catalog(&test).await;
    let bulk = begin(&test).await;
    let taken = take_apart(&bulk, &["attendance", "enrollments", "exam_results"]).await.unwrap();
    let pid: i32 = sql::value(&bulk, "SELECT pg_backend_pid()").await;
    sql::run(test.db(), &format!("SELECT pg_terminate_backend({pid}, 10000)")).await;
    assert!(put_together(taken, &bulk, &|_| {}).await.is_err());
    assert!(bulk.commit().await.is_err());
    assert_eq!(catalog(&test).await, before);
}

#[tokio::test]
async fn only_a_table_that_is_ours_and_nearly_empty_is_taken_apart() {
    let test = notes().await;
    sql::run(
        test.db(),
        "CREATE TABLE parts (id uuid, note text) PARTITION BY HASH (id);
         CREATE TABLE part PARTITION OF parts FOR VALUES WITH (MODULUS 1, REMAINDER 0);
         CREATE VIEW seen AS SELECT * FROM notes;
         INSERT INTO notes SELECT gen_random_uuid(), n::text FROM generate_series(1, 2001) AS n",
    )
    .await;
    let stranger = test.role("").await;
    sql::run(test.db(), "GRANT SELECT ON notes TO PUBLIC").await;
    let chosen = async |bulk: &Bulk, table: &str, incoming| {
        choose(bulk, table, incoming).await.unwrap().unsuitable
    };
    let bulk = look(&test).await;
    assert_eq!(chosen(&bulk, "notes", 20_010).await, None);
    assert_eq!(chosen(&bulk, "notes", 20_000).await, Some(Unsuitable::Filled { incoming: 20_000 }));
    assert_eq!(
        chosen(&bulk, "notes", 19_999).await,
        Some(Unsuitable::FewRows { incoming: 19_999 })
    );
    assert_eq!(chosen(&bulk, "parts", 20_000).await, Some(Unsuitable::NotPlain));
    assert_eq!(chosen(&bulk, "part", 20_000).await, Some(Unsuitable::Related));
    assert_eq!(chosen(&bulk, "seen", 20_000).await, Some(Unsuitable::NotPlain));
    assert_eq!(chosen(&bulk, "nowhere", 20_000).await, Some(Unsuitable::NotPlain));
    let bulk = Bulk::look(&stranger, &sql::options()).await.unwrap();
    assert_eq!(chosen(&bulk, "notes", 30_000).await, Some(Unsuitable::NotOurs));
}

#[tokio::test]
async fn sequences_go_forward_and_never_back() {
    let test = TestDatabase::empty().await;
    sql::run(
        test.db(),
        r#"CREATE TABLE "Its" (
            a bigint GENERATED ALWAYS AS IDENTITY, b serial, c bigint GENERATED BY DEFAULT AS IDENTITY
        );
        INSERT INTO "Its" (a, b, c) OVERRIDING SYSTEM VALUE VALUES (41, 1, NULL) "#
            .replace("c bigint GENERATED BY DEFAULT AS IDENTITY", "c integer")
            .as_str(),
    )
    .await;
    sql::run(test.db(), r#"SELECT setval('"Its_b_seq"', 90)"#).await;
    set_sequences(test.db(), &["Its"]).await.unwrap();
    analyze(test.db(), &["Its"]).await.unwrap();
    let next = r#"INSERT INTO "Its" DEFAULT VALUES RETURNING format('%s %s', a, b)"#;
    assert_eq!(sql::value::<String>(test.db(), next).await, "42 91");
    assert_eq!(count(&test, r#""Its""#).await, 2);
    let planned = "SELECT reltuples::bigint FROM pg_class WHERE relname = 'Its'";
    assert_eq!(sql::value::<i64>(test.db(), planned).await, 1);
}

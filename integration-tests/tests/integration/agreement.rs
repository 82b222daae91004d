//! The entities describe the schema that the migrations make, in both directions.
//!
//! PostgreSQL is the judge: one database is made by the migrations, another from the entities, and
//! the two catalogs are compared. What entities cannot say (checks, partial indexes, triggers,
//! comments) is left out.

use std::collections::BTreeSet;

use entity::prelude as entities;
use integration_tests::{TestDatabase, sql};
use migration_engine::Snapshot;
use sea_orm::{DatabaseConnection, EntityName as _, EntityTrait};

/// Calls `$action!(Entity)` for every entity and collects the results.
macro_rules! for_each_entity {
    ($action:ident) => {
        for_each_entity!($action:
            AuditLog Permission Role RolePermission Session User UserPreference UserRole
            Event EventAttendance EventInstructor EventMusician Instructor InstructorFollow
            Musician MusicianFollow Notification PricingTier Review SavedEvent Venue
            Attendance Class Enrollment Exam ExamResult Guardian Schedule Student
            StudentGuardian Subject Teacher)
    };
    ($action:ident: $($entity:ident)*) => {
        [$($action!($entity)),*]
    };
}

/// What both can say of a schema, as one line for each fact.
async fn facts(db: &DatabaseConnection) -> BTreeSet<String> {
    let snapshot = Snapshot::take(db).await.unwrap();
    let of =
        |kind| snapshot.of_kind(kind).map(move |(name, text)| format!("{kind} {name}: {text}"));
    // A default may be written in more ways than one, and entities know only some.
    let columns = of("column").map(|line| {
        let end = line.find(" DEFAULT ").unwrap_or(line.len());
        line[..end].to_owned()
    });
    // Constraints are known by what they say, because entities do not name them.
    let keys = snapshot.of_kind("constraint").filter_map(|(name, text)| {
        let table = name.rsplit_once('.').unwrap().0;
        let is_key = ["PRIMARY KEY", "FOREIGN KEY"].iter().any(|kind| text.starts_with(kind));
        is_key.then(|| format!("key of {table}: {text}"))
    });
    let tables = snapshot.of_kind("table").map(|(name, _)| format!("table {name}"));
    let all = tables.chain(columns).chain(of("column_order")).chain(of("type")).chain(keys);
    all.filter(|fact| !fact.contains("public.seaql_migrations")).collect()
}

#[tokio::test]
async fn a_schema_made_from_the_entities_is_the_one_that_the_migrations_make() {
    let (migrated, built) = (TestDatabase::migrated().await, TestDatabase::empty().await);
    built.db().get_schema_registry("entity::*").apply(built.db()).await.unwrap();
    let (migrated, built) = (facts(migrated.db()).await, facts(built.db()).await);
    assert!(migrated.len() > 300, "{} facts are hardly all", migrated.len());
    let only = |a: &BTreeSet<String>, b| a.difference(b).cloned().collect::<Vec<_>>().join("\n");
    let (undescribed, imagined) = (only(&migrated, &built), only(&built, &migrated));
    assert!(
        undescribed.is_empty() && imagined.is_empty(),
        "only the database has:\n{undescribed}\n\nonly the entities have:\n{imagined}"
    );
}

#[tokio::test]
async fn every_table_has_one_entity_and_every_entity_a_table() {
    macro_rules! table {
        ($entity:ident) => {
            entities::$entity.table_name().to_owned()
        };
    }
    let mut described = for_each_entity!(table);
    described.sort();
    assert_eq!(described.len(), 32);
    let test = TestDatabase::migrated().await;
    let query = "SELECT relname::text FROM pg_class
                 WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
                   AND relname <> 'seaql_migrations' ORDER BY relname COLLATE \"C\"";
    assert_eq!(sql::column::<String>(test.db(), query).await, described);
}

#[tokio::test]
async fn every_entity_reads_every_value_that_its_table_can_hold() {
    let test = TestDatabase::migrated().await;
    sql::run(test.db(), FILL_EVERY_TABLE).await;
    macro_rules! count {
        ($entity:ident) => {
            (entities::$entity.table_name(), rows::<entities::$entity>(test.db()).await)
        };
    }
    for (table, read) in for_each_entity!(count) {
        let query = format!("SELECT count(*) FROM {table}");
        let there: i64 = sql::value(test.db(), &query).await;
        assert!(there >= 2, "{table} has {there} rows");
        assert_eq!(read, usize::try_from(there).unwrap(), "{table}");
    }
}

async fn rows<E: EntityTrait>(db: &DatabaseConnection) -> usize {
    E::find().all(db).await.unwrap_or_else(|error| panic!("{:?}: {error}", E::default())).len()
}

/// Writes into each table one row with as many nulls as it may have, and one without nulls for each
/// label of its longest enumeration. Only types matter here, so keys and checks are turned off.
const FILL_EVERY_TABLE: &str = r#"
SET session_replication_role = replica;
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
                WHERE contype = 'c' AND connamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', item.place, item.conname);
    END LOOP;
    FOR item IN
        SELECT c.oid::regclass AS place,
               string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
               string_agg(sample, ', ' ORDER BY a.attnum) AS filled,
               string_agg(CASE WHEN a.attnotnull THEN sample ELSE 'NULL' END, ', '
                          ORDER BY a.attnum) AS sparse,
               greatest(1, max(labels)) AS rows
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_type t ON t.oid = a.atttypid
        CROSS JOIN LATERAL (
            SELECT count(*) AS labels FROM pg_enum WHERE enumtypid = t.oid
        ) enumeration
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN t.typtype = 'e' THEN
                    format('(enum_range(NULL::%s))[1 + i %% %s]', t.oid::regtype, labels)
                WHEN t.typcategory = 'A' THEN
                    format('ARRAY[md5(i::text)]::%s', format_type(a.atttypid, a.atttypmod))
                ELSE CASE t.typname
                    WHEN 'uuid' THEN 'gen_random_uuid()'
                    WHEN 'text' THEN 'md5(random()::text)'
                    WHEN 'varchar' THEN 'left(md5(random()::text), 8)'
                    WHEN 'bool' THEN 'i % 2 = 0'
                    WHEN 'int2' THEN 'i::int2' WHEN 'int4' THEN 'i::int4' WHEN 'int8' THEN 'i::int8'
                    WHEN 'numeric' THEN format('1.5::%s', format_type(a.atttypid, a.atttypmod))
                    WHEN 'timestamptz' THEN 'now()'
                    WHEN 'date' THEN 'current_date'
                    WHEN 'time' THEN 'localtime'
                    WHEN 'inet' THEN '''2001:db8::7''::inet'
                    WHEN 'jsonb' THEN '''{"a": [1, null]}''::jsonb'
                    -- Anything else ends in an error that names the column.
                    ELSE format('(no_sample_of_type_%s_for_%s())', t.typname, a.attname)
                END
            END AS sample
        ) samples
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
          AND c.relname <> 'seaql_migrations' AND a.attidentity = ''
        GROUP BY c.oid
    LOOP
        EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(0, 0) i',
                       item.place, item.columns, item.sparse);
        EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM generate_series(1, %s) i',
                       item.place, item.columns, item.filled, item.rows);
    END LOOP;
END
$$;
"#;

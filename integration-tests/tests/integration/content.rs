//! What is in a database, as a test counts and hashes it: with nothing of the programs under test.

use dbkit::Literal;
use integration_tests::{TestDatabase, sql};
use sea_orm::{ConnectionTrait, DatabaseConnection};

/// What our programs write down of themselves, also when they are refused.
const TRAIL: [&str; 2] = ["seaworthy.audit_events", "seaworthy.installed"];

/// A line for each table: its name, how many rows it has, and a hash of them.
pub(crate) type Content = Vec<String>;

/// The content of every table.
pub(crate) async fn whole(db: &DatabaseConnection) -> Content {
    let query = "SELECT format('%I.%I', n.nspname, c.relname)
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                 ORDER BY 1";
    of(db, &sql::column(db, query).await, "to_jsonb(t)").await
}

/// The content of every table but the audit trail.
pub(crate) async fn but_the_trail(db: &DatabaseConnection) -> Content {
    let is_trail = |line: &String| TRAIL.iter().any(|table| line.starts_with(table));
    whole(db).await.into_iter().filter(|line| !is_trail(line)).collect()
}

/// The content of the team's own tables.
pub(crate) async fn of_the_team(db: &DatabaseConnection) -> Content {
    whole(db).await.into_iter().filter(|line| line.starts_with("public.")).collect()
}

/// The content of `tables`, each row as the SQL expression `row` has it, where `t` is the table.
pub(crate) async fn of(db: &impl ConnectionTrait, tables: &[String], row: &str) -> Content {
    let digest = |table: &String| {
        format!(
            "SELECT concat_ws(' ', {name}, count(*), md5(string_agg(row, E'\\n' ORDER BY row)))
             FROM (SELECT ({row})::text COLLATE \"C\" AS row FROM {table} AS t) AS rows",
            name = Literal(table),
        )
    };
    let digests: Vec<_> = tables.iter().map(digest).collect();
    if digests.is_empty() {
        return Vec::new();
    }
    let mut content: Content = sql::column(db, &digests.join(" UNION ALL ")).await;
    // A parallel plan gives the parts of a UNION in any order.
    content.sort();
    content
}

/// The team's tables that have rows, with how many.
pub(crate) async fn filled(test: &TestDatabase) -> Vec<(String, u64)> {
    let count = |line: &String| {
        let (table, rest) = line.split_once(' ').unwrap();
        let rows = rest.split(' ').next().unwrap().parse().unwrap();
        (table.trim_start_matches("public.").to_owned(), rows)
    };
    let counts = of_the_team(test.db()).await.iter().map(count).collect::<Vec<_>>();
    counts.into_iter().filter(|(table, rows)| table != "seaql_migrations" && *rows > 0).collect()
}

/// Fails with the tables that differ.
#[track_caller]
pub(crate) fn assert_same(before: &[String], after: &[String]) {
    let only = |a: &[String], b: &[String]| {
        a.iter().filter(|line| !b.contains(line)).cloned().collect::<Vec<_>>().join("\n")
    };
    assert!(before == after, "before:\n{}\nafter:\n{}", only(before, after), only(after, before));
    assert!(!before.is_empty(), "nothing was compared");
}

//! `seeder export`: the same rows as a run writes, without any database.

use std::fs;

use integration_tests::{Program, Run, TestDatabase, sql};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use serde_json::Value;

use super::{DAY, assert_failed, fill};
use crate::content::{Content, assert_same, of};

/// Runs `seeder export` where no database is to be found.
async fn export(arguments: &str) -> Run {
    Program::new("seeder").await.args("export").args(DAY).args(arguments).run().await
}

/// The tables that seeds fill, without what a default or a late value decides.
async fn seeded(db: &DatabaseConnection) -> Content {
    let tables = "SELECT format('%I.%I', 'public', relname) FROM pg_class WHERE relkind = 'r'
                  AND relnamespace = 'public'::regnamespace AND relname <> 'seaql_migrations'
                  ORDER BY 1";
    let decided_elsewhere =
        "to_jsonb(t) - '{created_at, updated_at, granted_at, password_hash}'::text[]";
    of(db, &sql::column(db, tables).await, decided_elsewhere).await
}

#[tokio::test]
async fn the_script_makes_the_rows_that_a_run_makes() {
    let (run, loaded) = (TestDatabase::migrated().await, TestDatabase::migrated().await);
    fill(&run).await;
    let exported = export("--format sql").await;
    assert_eq!((exported.code, exported.stderr.as_str()), (0, ""), "{exported}");
    // The first line is for psql alone.
    let (first, script) = exported.stdout.split_once('\n').unwrap();
    assert_eq!(first, "\\set ON_ERROR_STOP on");
    loaded.db().execute_unprepared(script).await.unwrap();
    assert_same(&seeded(run.db()).await, &seeded(loaded.db()).await);
}

#[tokio::test]
async fn every_form_has_the_same_rows() {
    let lines = export("--format ndjson --scale 2").await;
    assert_eq!(lines.code, 0, "{}", lines.stderr);
    let rows: Vec<Value> =
        lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().all(|row| row["table"].is_string() && row["row"].is_object()));

    let run = export("--format csv --scale 2 --output folder").await;
    assert_eq!(run.code, 0, "{run}");
    let counts =
        run.stdout.lines().filter_map(|line| line.split_whitespace().last()?.parse::<u64>().ok());
    // The last line is that of all.
    let total = counts.max().unwrap();
    assert_eq!(total, rows.len() as u64);
    assert!(total > 10_000, "{total}");
}

#[tokio::test]
async fn the_files_of_a_folder_are_loaded_in_their_order() {
    let (run, loaded) = (TestDatabase::migrated().await, TestDatabase::migrated().await);
    fill(&run).await;
    let folder = tempfile::tempdir().unwrap();
    let seeder = Program::new("seeder").await.args("export --format csv").args(DAY);
    let exported = seeder.arg("--output").arg(folder.path()).run().await;
    assert_eq!(exported.code, 0, "{exported}");
    let script = fs::read_to_string(folder.path().join("load.sql")).unwrap();
    let copies: Vec<&str> = script.lines().filter(|line| line.starts_with("\\copy ")).collect();
    assert!(copies.len() > 30, "{script}");
    for copy in copies {
        let (before, rest) = copy.split_once(" FROM '").unwrap();
        let (file, after) = rest.split_once('\'').unwrap();
        let statement = format!("{} FROM STDIN{after}", before.replacen('\\', "", 1));
        let data = fs::read(folder.path().join(file)).unwrap();
        let mut pool = loaded.db().get_postgres_connection_pool().acquire().await.unwrap();
        let mut copy = pool.copy_in_raw(&statement).await.unwrap();
        copy.send(data).await.unwrap();
        copy.finish().await.unwrap();
    }
    assert_same(&seeded(run.db()).await, &seeded(loaded.db()).await);
}

#[tokio::test]
async fn what_is_there_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.sql");
    fs::write(&path, "mine").unwrap();
    let export = async |arguments: &str| {
        let seeder = Program::new("seeder").await.args("export --only reference.access");
        seeder.args(arguments).arg("--output").arg(&path).run().await
    };
    assert_failed(&export("").await, 4, "is there already");
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");

    let run = export("--force").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(fs::read_to_string(&path).unwrap().ends_with("COMMIT;\n"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn invented_rows_are_not_exported_for_production() {
    let run = export("--env production --format ndjson").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("\"table\":\"roles\""), "{run}");
    assert!(!run.stdout.contains("\"table\":\"students\""), "{run}");
    assert_failed(&export("--env production --only demo.personas").await, 4, "may not run in");
}

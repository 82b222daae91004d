//! Names that would mean something to a shell, a file system or libpq are names here.

use integration_tests::{Program, TestDatabase, sql, unique_name};

use super::{Place, tree};
use crate::{
    content::{assert_same, whole},
    seeder::document,
};

const HOSTILE: [&str; 7] = [
    "; rm -rf ~ $(id) `id`",
    "../../../etc/passwd",
    "a' host=evil.example dbname='x",
    "\"; DROP DATABASE postgres; --",
    "host=evil.example",
    "postgres://evil.example/x?y#z%20",
    "Ü 漢字 \u{1F3A1} \u{202e}%s\t\\",
];

#[tokio::test]
async fn whatever_a_backup_is_called_it_stays_in_its_folder() {
    let place = Place::small().await;
    for name in HOSTILE {
        let program = place.program("create --format json --name").await.arg(name);
        let run = program.run().await;
        assert_eq!(run.code, 0, "{run}");
        let id = document(&run)["data"]["id"].as_str().unwrap().to_owned();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        assert!(id.chars().all(is_plain), "{id}");
    }
    place.assert_sound(HOSTILE.len()).await;
    let outside = tree(place.folder.path());
    assert!(outside.iter().all(|path| path.starts_with(place.backups())), "{outside:?}");
}

#[tokio::test]
async fn a_database_may_have_any_name() {
    let server = TestDatabase::empty().await;
    for name in ["a' host=x \" $(id)", "../x?y#z%20=;--", "Ü 漢 \u{202e}%s\\"] {
        // Not one byte more than the 63 that a name can have.
        let (old, new) = (format!("{} {name}", unique_name()), format!("{} {name}", unique_name()));
        let create = format!("CREATE DATABASE {} TEMPLATE template0", dbkit::Identifier(&old));
        sql::run(server.db(), &create).await;
        let url = server.url().with_database(&old);
        let db = sql::pool(&url).await;
        sql::run(&db, super::SMALL).await;
        let before = whole(&db).await;
        db.close().await.unwrap();

        let folder = tempfile::tempdir().unwrap();
        for arguments in [vec!["create"], vec!["restore", "--to", &new]] {
            let mut program = Program::new("backup").await.on(&url);
            program = program.env("BACKUP_DIR", folder.path().join("backups"));
            for argument in arguments {
                program = program.arg(argument);
            }
            let run = program.run().await;
            assert_eq!(run.code, 0, "{name}: {run}");
        }
        let db = sql::pool(&server.url().with_database(&new)).await;
        let mut after = whole(&db).await;
        after.retain(|line| !line.starts_with("seaworthy."));
        assert_same(&before, &after);
        db.close().await.unwrap();
        for database in [&old, &new] {
            let drop = format!("DROP DATABASE {} WITH (FORCE)", dbkit::Identifier(database));
            sql::run(server.db(), &drop).await;
        }
    }
}

#[tokio::test]
async fn tables_may_have_any_name_and_any_type() {
    let place = Place::small().await;
    let hostile = r#"
        CREATE SCHEMA "select * from ""x""";
        CREATE TYPE mood AS ENUM ('so; so', '''');
        CREATE TABLE "select * from ""x"""."t; --" ("a'b" mood, "%s" bytea, "\" text[], "t" int4range,
            f float8, i interval, ts timestamptz, j json);
        INSERT INTO "select * from ""x"""."t; --" VALUES ('''', '\x00ff', ARRAY['a,b', NULL, '{}'],
            '[1,3)', 0.1::float8 + 0.2, '1 mon -1 day', '-infinity', '{"a" : 1}');
        CREATE TABLE parent (id int) PARTITION BY RANGE (id);
        CREATE TABLE child PARTITION OF parent FOR VALUES FROM (0) TO (10);
        INSERT INTO parent SELECT generate_series(0, 9);
        CREATE VIEW v AS SELECT * FROM people;
        CREATE MATERIALIZED VIEW mv AS SELECT count(*) FROM people;
        SELECT lo_from_bytea(0, '\xdeadbeef')"#;
    sql::run(place.test.db(), hostile).await;
    let before = whole(place.test.db()).await;
    place.create().await;
    let new = unique_name();
    let run = place.run(&format!("restore --to {new}")).await;
    assert_eq!(run.code, 0, "{run}");
    let db = sql::pool(&place.test.url().with_database(&new)).await;
    let mut after = whole(&db).await;
    after.retain(|line| !line.starts_with("seaworthy."));
    assert_same(&before, &after);
    let objects = "SELECT encode(lo_get(oid), 'hex') FROM pg_largeobject_metadata";
    assert_eq!(sql::column::<String>(&db, objects).await, ["deadbeef"]);
}

//! A newer `pg_restore` tells an older server what it does not know.

use std::{fs, process::Command};

use dbkit::postgres::find_clients;
use integration_tests::{search, server, sql, unique_name};
use tempfile::TempDir;

use super::{Place, forged};
use crate::{
    content::{assert_same, but_the_trail},
    watching::path,
};

/// Client programs that say they are of version 17, and of which `pg_restore` sets what that one does.
async fn seventeen() -> TempDir {
    let major = server().await.version.major();
    let clients = find_clients(&search()).await;
    let client = clients.iter().rev().find(|client| client.version.major() >= major).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let real = client.bin_dir.display();
    let programs = [
        ("pg_dump", format!("exec {real}/pg_dump \"$@\"")),
        ("psql", format!("exec {real}/psql \"$@\"")),
        (
            "pg_restore",
            format!(
                "case \"$*\" in *--dbname*) echo 'pg_restore: error: too much is said' >&2; exit 1;; esac\n\
                 {real}/pg_restore \"$@\" | sed '0,/^SET lock_timeout = 0;/s//&\\nSET transaction_timeout = 0;/'"
            ),
        ),
    ];
    for (name, script) in programs {
        let wrapper = format!(
            "#!/bin/sh\ncase $1 in --version) echo '{name} (PostgreSQL) 17.0'; exit;; esac\n{script}\n"
        );
        // A shell writes it: a file that this process has just written cannot be run while another
        // test's child still holds a copy of the descriptor.
        let install = "cd \"$0\" && printf %s \"$2\" >\"$1\" && chmod 755 \"$1\"";
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(install).arg(folder.path()).args([name, &wrapper]);
        assert!(shell.status().unwrap().success());
    }
    folder
}

#[tokio::test]
async fn what_an_older_server_does_not_know_is_left_out_of_every_way_to_restore() {
    if server().await.version.major() >= 17 {
        return;
    }
    let place = Place::small().await;
    // Rows that look like what is left out, and large objects, which a script writes in a way of its own.
    let rows = "CREATE TABLE lines (line text);
                INSERT INTO lines VALUES ('SET transaction_timeout = 0;'), ('COMMIT;'), ('BEGIN;');
                SELECT lo_from_bytea(0, 'large')";
    sql::run(place.test.db(), rows).await;
    let before = but_the_trail(place.test.db()).await;
    let path_of_backup = place.create().await;
    let manifest = fs::read_to_string(path_of_backup.join("manifest.json")).unwrap();
    let line = manifest.lines().find(|line| line.contains("\"pg_dump_version\"")).unwrap();
    forged(&path_of_backup, line, "    \"pg_dump_version\": 170000");
    let clients = seventeen().await;
    let search = format!("{}:{}", clients.path().display(), path());
    let new = unique_name();
    for arguments in [
        format!("--to {new}"),
        "--mode swap --yes --no-safety-backup".to_owned(),
        "--mode in-place --yes --no-safety-backup".to_owned(),
        "--tables lines --yes --no-safety-backup".to_owned(),
    ] {
        let program = place.program(&format!("restore {arguments}")).await;
        let run = program.env("PATH", &search).run().await;
        assert_eq!(run.code, 0, "{arguments}: {run}");
        assert_same(&before, &place.content_of(&place.test.name()).await);
    }
    assert_same(&before, &place.content_of(&new).await);
}

//! Who can open a backup, and what happens to everybody else.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
};

use integration_tests::{sql, unique_name};

use super::{Place, tree};
use crate::seeder::{assert_failed, document};

impl Place {
    /// A connection to what has the database's name now: a swap cuts off all there were.
    async fn fresh(&self) -> sea_orm::DatabaseConnection {
        sql::pool(self.test.url()).await
    }

    /// Makes an identity in a file of this place; the file and its recipient.
    async fn identity(&self, name: &str) -> (PathBuf, String) {
        let file = self.folder.path().join(name);
        let program = self.program("keys generate --format json --output").await.arg(&file);
        let run = program.run().await;
        assert_eq!(run.code, 0, "{run}");
        (file, document(&run)["data"]["recipient"].as_str().unwrap().to_owned())
    }
}

#[tokio::test]
async fn a_backup_opens_for_its_recipients_and_nobody_else() {
    let place = Place::small().await;
    let (operations, one) = place.identity("operations.txt").await;
    let (escrow, other) = place.identity("escrow.txt").await;
    let (stranger, _) = place.identity("stranger.txt").await;
    assert_eq!(operations.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    // The machine that makes it has no identity at all.
    let create = place.program("create").await.env("BACKUP_RECIPIENTS", format!("{one}, {other}"));
    let run = create.without("BACKUP_IDENTITY_FILE").run().await;
    assert_eq!(run.code, 0, "{run}");

    for file in [&operations, &escrow] {
        let verify = place.program("verify").await.env("BACKUP_IDENTITY_FILE", file);
        assert_eq!(verify.run().await.code, 0);
    }
    for command in ["verify", "verify --level hash", "restore --to not_made"] {
        let run = place.program(command).await.env("BACKUP_IDENTITY_FILE", &stranger).run().await;
        assert_failed(&run, 1, "none of the identities opens it");
        assert!(run.stderr.contains("BACKUP_IDENTITY_FILE"), "{run}");
    }
    let blind = place.program("verify").await.without("BACKUP_IDENTITY_FILE").run().await;
    assert_failed(&blind, 1, "no identity is at hand");
    let blind = place.program("verify --level hash").await.without("BACKUP_IDENTITY_FILE");
    let run = blind.run().await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stdout.contains("it was not opened"), "{run}");
}

#[tokio::test]
async fn a_passphrase_opens_what_it_sealed() {
    let place = Place::small().await;
    let with = async |phrase: &str, command: &str| {
        let program = place.program(command).await.without("BACKUP_IDENTITY_FILE");
        program.env("BACKUP_PASSPHRASE", phrase).run().await
    };
    assert_eq!(with("correct horse", "create").await.code, 0);
    assert_eq!(with("correct horse", "verify").await.code, 0);
    assert_failed(&with("battery staple", "verify").await, 1, "the passphrase is wrong");
    let without = place.run("verify").await;
    assert_failed(&without, 1, "with a passphrase, and none is at hand");
    let to = unique_name();
    assert_eq!(with("correct horse", &format!("restore --to {to}")).await.code, 0);
    for path in tree(&place.backups()).iter().filter(|path| path.is_file()) {
        assert!(!String::from_utf8_lossy(&fs::read(path).unwrap()).contains("correct horse"));
    }
    let both = place.program("create").await.env("BACKUP_PASSPHRASE", "x");
    let both = both.env("BACKUP_RECIPIENTS", "none").run().await;
    assert_failed(&both, 2, "one or the other");
}

#[tokio::test]
async fn production_is_never_backed_up_in_the_clear_by_default() {
    let place = Place::small().await;
    let create = async |recipients: Option<&str>| {
        let mut program = place.program("create --env production").await;
        program = program.without("BACKUP_IDENTITY_FILE");
        if let Some(recipients) = recipients {
            program = program.env("BACKUP_RECIPIENTS", recipients);
        }
        program.run().await
    };
    let refused = create(None).await;
    assert_failed(&refused, 4, "nobody has said who can open the backups of a production database");
    assert!(refused.stderr.contains("`backup keys generate`"), "{refused}");
    assert_failed(&create(Some("age1nonsense")).await, 2, "`age1nonsense` is no recipient");
    let secret = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
    let leaked = create(Some(secret)).await;
    assert_failed(&leaked, 2, "it is a secret identity");
    assert!(!format!("{leaked}").contains("GQ9778"), "{leaked}");
    let open = create(Some("none")).await;
    assert_eq!(open.code, 0, "{open}");
    assert!(tree(&place.backups()).iter().any(|path| path.ends_with("dump.pgc.zst")));
}

#[tokio::test]
async fn keys_make_themselves_at_the_first_backup_of_a_workspace_and_are_private() {
    let place = Place::small().await;
    let workspace = place.folder.path().join("workspace");
    fs::create_dir_all(workspace.join(".seaworthy")).unwrap();
    let within = async |command: &str| {
        let program = place.program(command).await.within(&workspace);
        program.without("BACKUP_IDENTITY_FILE").without("BACKUP_SIGNING_KEY_FILE").run().await
    };
    let run = within("create").await;
    assert_eq!(run.code, 0, "{run}");
    assert!(run.stderr.contains("made the key that opens your backups, "), "{run}");
    assert!(run.stderr.contains("made the key that signs your backups, ed25519:"), "{run}");
    for file in ["identity.txt", "signing.key"] {
        let file = workspace.join(".seaworthy/backup-keys").join(file);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = within("create").await;
    assert!(!again.stderr.contains("made the key"), "{again}");
    assert_eq!(within("verify").await.code, 0);
}

#[tokio::test]
async fn a_key_that_others_can_read_is_refused() {
    let place = Place::small().await;
    let (file, _) = place.identity("identity.txt").await;
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let run = place.program("create").await.env("BACKUP_IDENTITY_FILE", &file).run().await;
    assert_failed(&run, 4, "can be read by others");
    assert!(run.stderr.contains("chmod 600"), "{run}");
    let again = place.program("keys generate --output").await.arg(&file).run().await;
    assert_eq!(again.code, 4, "{again}");
    let missing = place.program("verify").await.env("BACKUP_IDENTITY_FILE", "/nowhere/key");
    assert_failed(&missing.run().await, 1, "there is no folder");
}

#[tokio::test]
async fn keys_check_proves_which_identities_open_the_newest_backup() {
    let place = Place::small().await;
    let (mine, recipient) = place.identity("mine.txt").await;
    let (_, escrow) = place.identity("escrow.txt").await;
    let create = place.program("create").await;
    let create = create.env("BACKUP_RECIPIENTS", format!("{recipient} {escrow}"));
    assert_eq!(create.run().await.code, 0);
    let check = async |file: &PathBuf| {
        let program = place.program("keys check --format json").await;
        let run = program.env("BACKUP_IDENTITY_FILE", file).run().await;
        (document(&run)["data"].clone(), run.code)
    };
    let (answer, code) = check(&mine).await;
    assert_eq!((code, &answer["identities"][0]["opens"]), (0, &true.into()), "{answer}");
    assert_eq!(answer["absent"].as_array().unwrap().len(), 1, "{answer}");
    let (stranger, _) = place.identity("stranger.txt").await;
    let (answer, code) = check(&stranger).await;
    assert_eq!((code, &answer["identities"][0]["opens"]), (3, &false.into()), "{answer}");
}

#[tokio::test]
async fn a_backup_is_sealed_for_others_with_the_same_content() {
    let place = Place::small().await;
    let (old_file, old) = place.identity("old.txt").await;
    let (new_file, new) = place.identity("new.txt").await;
    let create = place.program("create").await.env("BACKUP_RECIPIENTS", &old);
    assert_eq!(create.run().await.code, 0);
    let rekey = async |command: &str, identity: &PathBuf| {
        let program = place.program(command).await.env("BACKUP_RECIPIENTS", &new);
        program.env("BACKUP_IDENTITY_FILE", identity).run().await
    };
    assert_failed(&rekey("keys rekey latest", &new_file).await, 1, "none of the identities");
    assert_eq!(place.list().await.0.len(), 1);
    let done = rekey("keys rekey latest --remove-old --format json", &old_file).await;
    assert_eq!(done.code, 0, "{done}");
    assert_eq!(document(&done)["data"]["removed_old"], true);
    let (backups, _) = place.list().await;
    assert_eq!(backups.len(), 1);
    let to = unique_name();
    let restore = place.program(&format!("restore latest --to {to}")).await;
    let run = restore.env("BACKUP_IDENTITY_FILE", &new_file).run().await;
    assert_eq!(run.code, 0, "{run}");
    let closed = place.program("verify").await.env("BACKUP_IDENTITY_FILE", &old_file).run().await;
    assert_eq!(closed.code, 1, "{closed}");
}

/// Whatever seals it, it comes back by every way: a combination that nobody has tried is a broken one.
#[tokio::test]
async fn every_way_of_restoring_opens_every_kind_of_seal() {
    every_way_opens_every_seal(Place::small).await;
}

#[tokio::test]
async fn every_way_of_restoring_opens_every_kind_of_seal_in_an_object_store() {
    every_way_opens_every_seal(Place::small_with_objects).await;
}

async fn every_way_opens_every_seal(kept: impl AsyncFn() -> Place) {
    let seals = [("BACKUP_RECIPIENTS", "none"), ("BACKUP_PASSPHRASE", "a phrase"), ("X", "keys")];
    for (seal, compress) in seals.into_iter().flat_map(|seal| [(seal, "none"), (seal, "3")]) {
        let place = kept().await;
        let run = async |command: &str| {
            let mut program = place.program(command).await.env(seal.0, seal.1);
            if seal.0 == "BACKUP_PASSPHRASE" {
                program = program.without("BACKUP_IDENTITY_FILE");
            }
            let run = program.run().await;
            assert_eq!(run.code, 0, "{seal:?}: {run}");
            run
        };
        let some = document(
            &run(&format!("create --tables people --compress {compress} --format json")).await,
        );
        let some = some["data"]["id"].as_str().unwrap().to_owned();
        let all = document(&run(&format!("create --compress {compress} --format json")).await);
        let id = all["data"]["id"].as_str().unwrap();
        run(&format!("verify {id} --level restore")).await;
        let ways = ["--mode swap", "--mode in-place", "--tables people"].map(|way| (id, way));
        for (id, way) in ways.into_iter().chain([(some.as_str(), "--tables people")]) {
            sql::run(&place.fresh().await, "DELETE FROM people WHERE id > 7").await;
            run(&format!("restore {id} {way} --yes")).await;
            let rows: i64 = sql::value(&place.fresh().await, "SELECT count(*) FROM people").await;
            assert_eq!(rows, 200, "{seal:?} {way}");
        }
        let to = unique_name();
        run(&format!("restore {id} --to {to}")).await;
        let db = sql::pool(&place.test.url().with_database(&to)).await;
        assert_eq!(sql::value::<i64>(&db, "SELECT count(*) FROM people").await, 200);
    }
}

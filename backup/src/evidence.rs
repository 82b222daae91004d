//! The proof that a backup was verified, beside the backup.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{Backup, Verification, durable, id};

/// More verifications than this within one second are refused.
const SAME_SECOND: u32 = 100;

/// Writes down what a verification found, in a file of its own, and returns where it is.
///
/// Nothing is overwritten: every verification leaves its own `verify-<time>.json`.
pub fn record(backup: &Backup, verification: &Verification) -> io::Result<PathBuf> {
    let mut json = serde_json::to_vec_pretty(verification)?;
    json.push(b'\n');
    let time = id::file_time(verification.checked_at);
    // Under a name that says so until it is whole.
    let unfinished = backup.path.join(format!("verify-{time}-{}.unfinished", std::process::id()));
    durable::write_file(&unfinished, &json)?;
    publish(&unfinished, &backup.path, &time)
        .inspect_err(|_| drop(std::fs::remove_file(&unfinished)))
}

fn publish(unfinished: &Path, folder: &Path, time: &str) -> io::Result<PathBuf> {
    let names = (1..=SAME_SECOND).map(|number| match number {
        1 => format!("verify-{time}.json"),
        _ => format!("verify-{time}-{number}.json"),
    });
    for name in names {
        let path = folder.join(name);
        match durable::publish(unfinished, &path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            published => return published.map(|()| path),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chrono::DateTime;

    use super::*;
    use crate::{Finding, Level, manifest::tests::manifest};

    #[test]
    fn every_verification_leaves_its_own_file() {
        let place = tempfile::tempdir().unwrap();
        let manifest = manifest("20261120T214530Z_manual_9f1c02ab");
        let verification = Verification {
            id: manifest.id.clone(),
            checked_at: DateTime::from_timestamp(1_795_211_130, 0).unwrap(),
            level: Level::Structure,
            pg_restore_version: Some(150_018),
            findings: vec![Finding::Missing { file: "x".to_owned() }],
        };
        let backup = Backup { path: place.path().to_owned(), manifest };
        let names = ["verify-20261120T214530Z.json", "verify-20261120T214530Z-2.json"];
        for name in names {
            let path = record(&backup, &verification).unwrap();
            assert_eq!(path, place.path().join(name));
            assert!(fs::read_to_string(path).unwrap().contains(r#""level": "structure""#));
        }
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }
}

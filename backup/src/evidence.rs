//! The proof that a backup was verified, beside the backup.

use std::io;

use crate::{Backup, Verification, id};

/// More verifications than this within one second are refused.
const SAME_SECOND: u32 = 100;

/// Writes down what a verification found, in a file of its own, and returns its name.
///
/// Nothing is overwritten: every verification leaves its own `verify-<time>.json`.
pub async fn record(backup: &Backup, verification: &Verification) -> io::Result<String> {
    let mut json = serde_json::to_vec_pretty(verification)?;
    json.push(b'\n');
    let time = id::file_time(verification.checked_at);
    let names = (1..=SAME_SECOND).map(|number| match number {
        1 => format!("verify-{time}.json"),
        _ => format!("verify-{time}-{number}.json"),
    });
    for name in names {
        match backup.place.add(&name, &json).await {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            added => return added.map(|()| name),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chrono::DateTime;

    use super::*;
    use crate::{Finding, Level, Place, manifest::tests::manifest};

    #[tokio::test]
    async fn every_verification_leaves_its_own_file() {
        let place = tempfile::tempdir().unwrap();
        let manifest = manifest("20261120T214530Z_manual_9f1c02ab");
        let verification = Verification {
            id: manifest.id.clone(),
            checked_at: DateTime::from_timestamp(1_795_211_130, 0).unwrap(),
            level: Level::Structure,
            unpacked: true,
            pg_restore_version: Some(150_018),
            server_version: None,
            findings: vec![Finding::Missing { file: "x".to_owned() }],
        };
        let backup = Backup { place: Place::Folder(place.path().to_owned()), manifest };
        let names = ["verify-20261120T214530Z.json", "verify-20261120T214530Z-2.json"];
        for name in names {
            assert_eq!(record(&backup, &verification).await.unwrap(), name);
            assert!(
                fs::read_to_string(place.path().join(name))
                    .unwrap()
                    .contains(r#""level": "structure""#)
            );
        }
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }
}

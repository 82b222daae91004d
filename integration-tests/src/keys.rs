//! The keys of the backups that tests make, the same for all programs of all tests.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    sync::OnceLock,
};

use backup::{Identities, Opening, Recipients, Sealing, Signer};

use crate::place;

/// A key from age's own tests, which opens nothing of value.
const IDENTITY: &str = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";

const SEED: [u8; 32] = [7; 32];

/// The variables that tell our programs which keys to use.
pub fn variables() -> [(&'static str, PathBuf); 2] {
    let folder = folder();
    [
        ("BACKUP_IDENTITY_FILE", folder.join("identity.txt")),
        ("BACKUP_SIGNING_KEY_FILE", folder.join("signing.key")),
    ]
}

/// Those keys, for a test that makes a backup itself.
pub fn sealing() -> Sealing {
    let recipients = identities().recipients();
    Sealing { recipients: Recipients::Keys(recipients), signer: signer() }
}

/// What opens the backups of tests.
pub fn opening() -> Opening {
    Opening { identities: identities(), trusted: vec![signer().key()] }
}

/// Who signs the backups of tests.
pub fn signer() -> Signer {
    Signer::from_seed(&SEED)
}

fn identities() -> Identities {
    Identities::parse(IDENTITY).expect("a key is a key")
}

/// Made once by each process; others write the same.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = place::shared_folder("backup-keys");
        fs::create_dir_all(&folder).expect("a folder can be made");
        let seed = "07".repeat(SEED.len());
        for (name, text) in [("identity.txt", IDENTITY), ("signing.key", &seed)] {
            let unfinished = folder.join(format!("{name}.{}", std::process::id()));
            fs::write(&unfinished, text).expect("a file can be written");
            let private = Permissions::from_mode(0o600);
            fs::set_permissions(&unfinished, private).expect("a file of ours can be private");
            fs::rename(&unfinished, folder.join(name)).expect("a file can be renamed");
        }
        folder
    })
}

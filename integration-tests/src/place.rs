//! Where the build put things, and where the tests keep theirs: beside it, out of git's sight.

use std::{
    env,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::PathBuf,
};

use uuid::Uuid;

/// The folder of the build's binaries, such as `target/debug`.
pub(crate) fn binaries() -> PathBuf {
    let executable = env::current_exe().expect("the system knows which program this is");
    let folder = executable.parent().expect("a program lies in a folder");
    // Test executables lie one folder deeper than the binaries.
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    folder.to_owned()
}

/// The folder of the test processes that share one server.
pub(crate) fn shared_folder(server: &str) -> PathBuf {
    binaries().join("seaworthy-tests").join(server)
}

/// A short name for a text that no other text has.
pub(crate) fn fingerprint(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:08x}", hasher.finish() >> 32)
}

/// What the names of this build's databases and roles have in common, so that two checkouts, or
/// two machines, that use one server do not sweep away each other's.
pub(crate) fn build_name() -> String {
    let host = nix::unistd::gethostname().unwrap_or_default();
    fingerprint(&format!("{} {}", host.display(), binaries().display()))
}

/// A name that nothing else on the server has, and by which the sweep knows it.
pub fn unique_name() -> String {
    #[expect(clippy::disallowed_methods, reason = "two tests must never share a name")]
    let unique = Uuid::new_v4().simple().to_string();
    // A name has 63 bytes, and tests want to add something.
    format!("test_{}_{}", build_name(), &unique[..16])
}

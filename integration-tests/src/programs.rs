//! Our binaries, built before the first test runs one.
//!
//! `cargo test` builds the binaries of a package for its own tests alone, and ours belong to other
//! packages. So the first test that wants one runs `cargo build`, which takes a moment if nothing
//! has changed, and a stale binary is never tested.

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use anyhow::{Context as _, Result, ensure};

use crate::{place, server::variable};

/// What cargo tells the tests of their package. A build script that looks at these, such as that of `ring`, would
/// find them changed with every other build, and most of the tree would be compiled anew.
const OF_THE_TESTS: [&str; 9] = [
    "OUT_DIR",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

const PACKAGES: [&str; 3] = ["migration", "seeder", "backup"];

/// Where the program `name` is.
pub(crate) fn find(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let folder = place::binaries();
        build_once(&folder).expect("the binaries can be built");
        folder
    };
    let program = FOLDER.get_or_init(build).join(name);
    assert!(program.exists(), "`{}` is not there: run the tests with cargo", program.display());
    program
}

/// nextest has a process for every test and one number for them all; otherwise there is just this
/// process.
fn build_once(binaries: &Path) -> Result<()> {
    let Some(cargo) = variable("CARGO") else { return Ok(()) };
    let folder = place::shared_folder("programs");
    fs::create_dir_all(&folder)?;
    let lock = folder.join("lock");
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(lock)?;
    lock.lock()?;
    let run = variable("NEXTEST_RUN_ID").map(|run| run.to_string_lossy().into_owned());
    let built_for = folder.join("built-for");
    if run.is_some() && fs::read_to_string(&built_for).ok() == run {
        return Ok(());
    }
    build(Path::new(&cargo), binaries)?;
    fs::write(&built_for, run.unwrap_or_default())?;
    Ok(())
}

/// The tests are part of what is built, so that the features of shared dependencies come out as
/// they are in the test run, and nothing has to be compiled twice.
fn build(cargo: &Path, binaries: &Path) -> Result<()> {
    let profile = match binaries.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--bins", "--test", "integration", "--profile", profile]);
    command.arg("--target-dir").arg(binaries.parent().unwrap_or(binaries));
    command.args(["--package", "integration-tests"]);
    for package in PACKAGES {
        command.args(["--package", package]);
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for name in OF_THE_TESTS {
        command.env_remove(name);
    }
    let output = command.output().context("run cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo build failed:\n{said}");
    Ok(())
}

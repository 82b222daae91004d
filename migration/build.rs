//! Puts the headers of the migrations, the lock file and what the ledger notes of this build into the crate, so
//! that a deployed binary needs no sources.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

fn main() -> io::Result<()> {
    // A folder stands for everything in it, new files included.
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=migrations.lock");
    match migration_header::generate(Path::new("src")) {
        Ok(code) => fs::write(out("metadata.rs"), code)?,
        Err(error) => println!("cargo::error={error}"),
    }
    // There is none before `migration lock` has run for the first time.
    fs::write(out("migrations.lock"), fs::read("migrations.lock").unwrap_or_default())?;
    println!("cargo::rustc-env=SEA_ORM_VERSION={}", sea_orm_version().unwrap_or_default());
    println!("cargo::rustc-env=GIT_REVISION={}", git_revision().unwrap_or_default());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script so where to write")]
fn out(file: &str) -> PathBuf {
    Path::new(&env::var_os("OUT_DIR").unwrap_or_default()).join(file)
}

/// As the workspace's lock file has it: the crate itself does not say.
fn sea_orm_version() -> Option<String> {
    let here = env::current_dir().ok()?;
    let lock =
        here.ancestors().map(|folder| folder.join("Cargo.lock")).find(|file| file.is_file())?;
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = fs::read_to_string(lock).ok()?;
    let package = text.split("[[package]]").find(|text| text.contains("\nname = \"sea-orm\"\n"))?;
    Some(package.split("version = \"").nth(1)?.split('"').next()?.to_owned())
}

/// The commit that is built; nothing outside of a repository.
fn git_revision() -> Option<String> {
    let answer = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
    };
    let log = answer(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).is_file() {
        println!("cargo::rerun-if-changed={log}");
    }
    answer(&["rev-parse", "HEAD"])
}

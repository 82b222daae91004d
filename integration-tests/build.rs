//! Puts a digest of the migrations into the harness, which names its template after it.
//!
//! At build time and not when the tests run: the template is made by the migrations that were
//! compiled, whatever has been written to the files since.

use std::{
    error::Error,
    fs,
    hash::{DefaultHasher, Hasher as _},
};

const MIGRATIONS: &str = "../migration/src";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={MIGRATIONS}");
    let mut files = fs::read_dir(MIGRATIONS)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.as_os_str().as_encoded_bytes());
        hasher.write(&fs::read(file)?);
    }
    println!("cargo::rustc-env=MIGRATIONS_DIGEST={:016x}", hasher.finish());
    Ok(())
}

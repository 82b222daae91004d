//! The Rust code with which a build script puts all headers into a binary.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use thiserror::Error;

use crate::{HeaderError, Metadata, parse};

/// Why the headers cannot be read.
#[derive(Debug, Error)]
pub enum GenerateError {
    /// The folder or a file in it.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A header line.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

/// `pub fn metadata()`, which returns what the header of every migration in `src_dir` says, sorted
/// by name.
pub fn generate(src_dir: &Path) -> Result<String, GenerateError> {
    let mut found = Vec::new();
    for path in files(src_dir)? {
        let source = fs::read_to_string(&path).map_err(failed(&path))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if is_migration(&name, &source) {
            found.push(parse(&name, &source)?);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let items: String = found.iter().map(literal).collect();
    Ok(format!(
        "/// What the header of every migration file says.\n\
         pub fn metadata() -> Vec<migration_engine::Metadata> {{\n    vec![\n{items}    ]\n}}\n"
    ))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, GenerateError> {
    let entries = fs::read_dir(folder).map_err(failed(folder))?;
    let mut files = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, io::Error>>()
        .map_err(failed(folder))?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    Ok(files)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> GenerateError {
    |source| GenerateError::Read { path: path.to_owned(), source }
}

/// A file of the usual name, or one that has another and holds a migration all the same.
fn is_migration(name: &str, source: &str) -> bool {
    let usual =
        name.strip_prefix('m').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    usual || source.contains("impl MigrationTrait for ")
}

fn literal(metadata: &Metadata) -> String {
    let ignored = metadata.lint_ignore.iter().map(|ignore| {
        format!(
            "migration_engine::LintIgnore {{ rule: {:?}.to_owned(), why: {:?}.to_owned() }}",
            ignore.rule, ignore.why
        )
    });
    format!(
        "        migration_engine::Metadata {{ name: {:?}.to_owned(), depends_on: {}, \
         irreversible: {}, pre_checks: {}, post_checks: {}, lock_budget: {}, lint_ignore: {}, \
         imports_entity: {}, source_sha256: {:?}.to_owned() }},\n",
        metadata.name,
        strings(&metadata.depends_on),
        option(metadata.irreversible.as_ref().map(|why| format!("{why:?}.to_owned()"))),
        strings(&metadata.pre_checks),
        strings(&metadata.post_checks),
        option(metadata.lock_budget.map(duration)),
        list(ignored),
        metadata.imports_entity,
        metadata.source_sha256,
    )
}

fn strings(values: &[String]) -> String {
    list(values.iter().map(|value| format!("{value:?}.to_owned()")))
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { "Vec::new()".to_owned() } else { format!("vec![{}]", items.join(", ")) }
}

fn option(value: Option<String>) -> String {
    value.map_or_else(|| "None".to_owned(), |value| format!("Some({value})"))
}

/// In the largest unit that fits, as a person would write it.
fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (unit, number) = match millis {
        _ if millis.is_multiple_of(60_000) => ("mins", millis / 60_000),
        _ if millis.is_multiple_of(1000) => ("secs", millis / 1000),
        _ => ("millis", millis),
    };
    format!("std::time::Duration::from_{unit}({number})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated(files: &[(&str, &str)]) -> Result<String, GenerateError> {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            fs::write(folder.path().join(file), text).unwrap();
        }
        generate(folder.path())
    }

    #[test]
    fn every_migration_is_listed_by_name_and_nothing_else_is() {
        let code = generated(&[
            ("m2_b.rs", "//! lock-budget: 2s\n"),
            ("m1_a.rs", "//! lint-ignore: ban-drop-column it is \"empty\"\n"),
            ("renamed.rs", "impl MigrationTrait for Migration {}"),
            ("lib.rs", "mod m1_a;"),
            ("notes.txt", "m3"),
        ])
        .unwrap();
        let names: Vec<_> = code.matches("Metadata { name: ").collect();
        assert_eq!(names.len(), 3, "{code}");
        assert!(code.find("m1_a").unwrap() < code.find("m2_b").unwrap(), "{code}");
        assert!(code.contains("Some(std::time::Duration::from_secs(2))"), "{code}");
        assert!(code.contains(r#"why: "it is \"empty\"".to_owned()"#), "{code}");
    }

    #[test]
    fn a_wrong_line_is_one_line_of_error() {
        let error = generated(&[("m1_a.rs", "//! depend-on: m0\n")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`m1_a.rs` line 1: `depend-on:` is no key; did you mean `depends-on:`?"
        );
    }
}

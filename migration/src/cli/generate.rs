//! `migration generate`: a new file, and its place in the list.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

use super::from_entities;

const TEMPLATE: &str = include_str!("template.txt");

#[derive(Args)]
pub(super) struct Flags {
    /// What it does, in words: letters, digits, blanks and underscores
    name: String,
    /// Fill it with what brings the database to what the entities need
    #[arg(long)]
    from_entities: bool,
}

#[derive(Debug, Serialize)]
struct Generated {
    name: String,
    file: PathBuf,
}

pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let filled = if flags.from_entities {
        Some(from_entities::text(&flags.name, context).await?)
    } else {
        None
    };
    context.answer(&generate(&sources, &flags.name, filled, context.clock.now())?)
}

/// Writes the file, `filled` or from the template, and adds it to the list.
fn generate(
    sources: &Path,
    words: &str,
    filled: Option<String>,
    now: DateTime<Utc>,
) -> Result<Generated, Failure> {
    let slug = slug(words)?;
    let name = format!("m{}_{slug}", now.format("%Y%m%d_%H%M%S"));
    let list = sources.join("lib.rs");
    let text = fs::read_to_string(&list).unwrap_or_default();
    let Some(listed) = with_entry(&text, &name) else { return Err(no_list(&list)) };
    if let Some(existing) = of_the_same_words(&text, &slug) {
        return Err(taken(&sources.join(format!("{existing}.rs"))));
    }
    let file = sources.join(format!("{name}.rs"));
    let contents = filled.unwrap_or_else(|| contents(words, last_listed(&text)));
    fs::File::create_new(&file)?.write_all(contents.as_bytes())?;
    fs::write(&list, listed)?;
    Ok(Generated { name, file })
}

/// The name as a part of a Rust module's name.
fn slug(name: &str) -> Result<String, Failure> {
    let slug = name.trim().to_lowercase().replace(' ', "_");
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !slug.is_empty() && slug.len() <= 64 && slug.chars().all(fits) {
        return Ok(slug);
    }
    Err(Failure::message(
        Exit::Usage,
        "generate.name",
        format!("`{name}` cannot be the name of a migration"),
    )
    .hint("use letters, digits, blanks and underscores, as in `add room to classes`"))
}

fn no_list(list: &Path) -> Failure {
    Failure::message(
        Exit::Failed,
        "generate.list",
        format!("{} has no `vec![…]` of migrations to add to", list.display()),
    )
    .hint("run this from the workspace that this binary was built in")
}

fn taken(file: &Path) -> Failure {
    Failure::message(
        Exit::Usage,
        "generate.taken",
        format!("a migration of this name is there already: {}", file.display()),
    )
    .hint("say what the new one does differently, or edit that one if nobody has applied it yet")
}

/// The modules of the list, in the order of `lib.rs`.
fn modules(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let name = line.strip_prefix("mod ")?.strip_suffix(';')?;
        name.starts_with('m').then_some(name)
    })
}

/// The migration that says the same words at another time.
fn of_the_same_words<'a>(text: &'a str, slug: &str) -> Option<&'a str> {
    modules(text).find(|name| name.splitn(3, '_').nth(2) == Some(slug))
}

/// The migration at the end of the list.
fn last_listed(text: &str) -> Option<&str> {
    let (before, _) = text.rsplit_once("::Migration)")?;
    before.rsplit_once("Box::new(").map(|(_, name)| name)
}

/// The first migration depends on nothing.
fn contents(words: &str, last: Option<&str>) -> String {
    let template = TEMPLATE.replace("{words}", words.trim());
    match last {
        Some(last) => template.replace("{last}", last),
        None => template.replace("//!\n//! depends-on: {last}\n", ""),
    }
}

/// The text of `lib.rs` with one more module and one more migration at the end of the list.
fn with_entry(text: &str, name: &str) -> Option<String> {
    let last_module = text.rmatch_indices("\nmod m").next()?.0 + 1;
    let after_module = last_module + text[last_module..].find('\n')? + 1;
    let start = text.find("vec![")?;
    let end = start + text[start..].find(']')?;
    let indent = " ".repeat(8);
    let head = &text[..after_module];
    let middle = text[after_module..end].trim_end();
    let comma = if middle.ends_with(['[', ',']) { "" } else { "," };
    let tail = &text[end..];
    Some(format!(
        "{head}mod {name};\n{middle}{comma}\n{indent}    Box::new({name}::Migration),\n{indent}{tail}"
    ))
}

impl Answer for Generated {
    const SCHEMA: &'static str = "seaworthy/migration.generate/1";

    fn text(&self) -> String {
        format!(
            "Wrote {}\nNow write its up() and its down(), then run `migration lint` and `migration lock`.",
            self.file.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "
mod m20260101_000000_a;
mod m20260102_000000_add_b;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000000_a::Migration),
            Box::new(m20260102_000000_add_b::Migration),
        ]
    }
}
";

    fn in_folder(words: &str) -> (tempfile::TempDir, Result<Generated, Failure>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("lib.rs"), LIST).unwrap();
        let now = DateTime::from_timestamp(1_770_000_000, 0).unwrap();
        let generated = generate(folder.path(), words, None, now);
        (folder, generated)
    }

    #[test]
    fn a_new_migration_is_listed_last() {
        let (folder, generated) = in_folder("Add C");
        assert_eq!(generated.unwrap().name, "m20260202_024000_add_c");
        let expected = LIST
            .replace("_add_b;\n", "_add_b;\nmod m20260202_024000_add_c;\n")
            .replace("(m20260102_000000_add_b::Migration),\n", "(m20260102_000000_add_b::Migration),\n            Box::new(m20260202_024000_add_c::Migration),\n");
        assert_eq!(fs::read_to_string(folder.path().join("lib.rs")).unwrap(), expected);
    }

    #[test]
    fn its_header_is_understood_and_names_the_last_one() {
        let (_folder, generated) = in_folder("add c");
        let Generated { name, file } = generated.unwrap();
        let header = migration_header::parse(&name, &fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(header.depends_on, ["m20260102_000000_add_b"]);
        let first = migration_header::parse("m1", &contents("first", None)).unwrap();
        assert_eq!(first.depends_on, Vec::<String>::new());
    }

    #[test]
    fn the_same_words_twice_are_refused_and_nothing_is_written() {
        let (folder, generated) = in_folder("Add B");
        let failure = generated.unwrap_err();
        assert_eq!((failure.exit(), failure.class()), (Exit::Usage, "generate.taken"));
        assert!(failure.to_string().contains("m20260102_000000_add_b.rs"), "{failure}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(folder.path().join("lib.rs")).unwrap(), LIST);
    }

    #[test]
    fn a_name_that_is_no_module_is_refused() {
        assert_eq!(slug("Add room to classes").unwrap(), "add_room_to_classes");
        for name in ["", "add-room", "räume", "../x", "a;b"] {
            assert_eq!(slug(name).unwrap_err().exit(), Exit::Usage, "{name}");
        }
    }
}

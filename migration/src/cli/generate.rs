//! `migration generate`: a new file, and its place in the list.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;
use terminal::{Answer, Context, Exit, Failure};

const TEMPLATE: &str = include_str!("template.txt");

#[derive(Args)]
pub(super) struct Flags {
    /// What it does, in words: letters, digits, blanks and underscores
    name: String,
}

#[derive(Serialize)]
struct Generated {
    name: String,
    file: PathBuf,
}

pub(super) fn run(flags: &Flags, context: &Context) -> Result<Exit, Failure> {
    let words = slug(&flags.name)?;
    let name = format!("m{}_{words}", context.clock.now().format("%Y%m%d_%H%M%S"));
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = sources.join(format!("{name}.rs"));
    let list = sources.join("lib.rs");
    let listed = fs::read_to_string(&list).ok().and_then(|text| with_entry(&text, &name));
    let Some(listed) = listed else {
        return Err(Failure::message(
            Exit::Failed,
            "generate.list",
            format!("{} has no `vec![…]` of migrations to add to", list.display()),
        )
        .hint("run this from the workspace that this binary was built in"));
    };
    fs::File::create_new(&file)?.write_all(TEMPLATE.replace("{words}", &flags.name).as_bytes())?;
    fs::write(&list, listed)?;
    context.answer(&Generated { name, file })
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
        format!("Wrote {}\nNow write its up() and its down().", self.file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "
mod m1_a;
mod m2_b;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m1_a::Migration),
            Box::new(m2_b::Migration),
        ]
    }
}
";

    #[test]
    fn a_new_migration_is_listed_last() {
        let expected = LIST.replace("mod m2_b;\n", "mod m2_b;\nmod m3_c;\n").replace(
            "(m2_b::Migration),\n",
            "(m2_b::Migration),\n            Box::new(m3_c::Migration),\n",
        );
        assert_eq!(with_entry(LIST, "m3_c").unwrap(), expected);
    }

    #[test]
    fn a_name_that_is_no_module_is_refused() {
        assert_eq!(slug("Add room to classes").unwrap(), "add_room_to_classes");
        for name in ["", "add-room", "räume", "../x", "a;b"] {
            assert_eq!(slug(name).unwrap_err().exit(), Exit::Usage, "{name}");
        }
    }
}

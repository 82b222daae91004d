//! `migration generate --from-entities`: the text of a migration that brings the schema to what the
//! entities need.

use std::fmt::Write as _;

use migration::{Migrator, MigratorTrait as _};
use migration_engine::entities::{Question, Remedy, remedy};
use sea_orm_migration::{MigrationStatus, sea_orm::DatabaseConnection};
use terminal::{Context, Exit, Failure};

use super::registry;

const TEMPLATE: &str = include_str!("from_entities.txt");

/// The text of a migration called `words`, from the differences between entities and database.
pub(super) async fn text(words: &str, context: &Context) -> Result<String, Failure> {
    let definitions = registry::definitions().await?;
    let opened = context.open(context.locate().await?).await?;
    let last = newest(&opened.db).await?;
    let ledger = Migrator::migration_table_name().to_string();
    let remedy = remedy(&opened.db, &definitions, &ledger).await.map_err(Failure::database)?;
    if remedy == Remedy::default() {
        return Err(Failure::message(
            Exit::Failed,
            "generate.nothing",
            format!("{} is what the entities need: there is nothing to write", opened.place()),
        ));
    }
    Ok(file(words, last.as_deref(), &remedy))
}

/// The newest migration, where all are applied: what is pending would be written a second time.
async fn newest(db: &DatabaseConnection) -> Result<Option<String>, Failure> {
    let all = Migrator::get_migration_with_status_read_only(db).await.map_err(Failure::database)?;
    if let Some(pending) = all.iter().find(|found| found.status() == MigrationStatus::Pending) {
        let message = format!("{} is pending, and the entities may wait for it", pending.name());
        return Err(Failure::message(Exit::Failed, "generate.pending", message)
            .hint("run `migration up` first"));
    }
    Ok(all.last().map(|migration| migration.name().to_owned()))
}

fn file(words: &str, depends_on: Option<&str>, remedy: &Remedy) -> String {
    let header =
        depends_on.map_or_else(String::new, |name| format!("//!\n//! depends-on: {name}\n"));
    TEMPLATE
        .replace("{words}\n", &format!("{words}\n{header}"))
        .replace("{questions}\n", &questions(&remedy.questions))
        .replace("{up}", &constant(&remedy.up))
        .replace("{down}", &constant(&remedy.down))
}

/// Questions as comments, behind a line that does not compile.
fn questions(questions: &[Question]) -> String {
    if questions.is_empty() {
        return String::new();
    }
    let mut text =
        "compile_error!(\"answer the questions below, then remove them and this line\");\n"
            .to_owned();
    for Question { about, options } in questions {
        let _ = write!(text, "\n// {about}. Either\n");
        for option in options {
            let _ = writeln!(text, "// - {option}");
        }
    }
    text + "\n"
}

/// Statements as a raw string with as many marks as it takes.
fn constant(statements: &[String]) -> String {
    let sql: String = statements.iter().map(|sql| sql.clone() + ";\n").collect();
    let mut marks = String::new();
    while sql.contains(&format!("\"{marks}")) {
        marks.push('#');
    }
    format!("r{marks}\"\n{sql}\"{marks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_file_has_the_statements_and_what_it_depends_on() {
        let remedy = Remedy {
            up: strings(&["CREATE TABLE \"rooms\" (\n    \"id\" uuid NOT NULL\n)"]),
            down: strings(&["DROP TABLE rooms"]),
            questions: Vec::new(),
        };
        let text = file("add rooms", Some("m1_a"), &remedy);
        assert!(text.starts_with("//! add rooms\n//!\n//! depends-on: m1_a\n\nuse "), "{text}");
        assert!(text.contains("const UP: &str = r#\"\nCREATE TABLE \"rooms\" (\n"), "{text}");
        assert!(text.contains("const DOWN: &str = r\"\nDROP TABLE rooms;\n\";"), "{text}");
        assert!(!text.contains("compile_error!"), "{text}");
    }

    #[test]
    fn a_question_keeps_the_file_from_compiling() {
        let question =
            Question { about: "column x: it is odd".to_owned(), options: strings(&["a", "b"]) };
        let remedy = Remedy { questions: vec![question], ..Remedy::default() };
        let text = file("ask", None, &remedy);
        assert!(text.contains("compile_error!(\"answer the questions"), "{text}");
        assert!(text.contains("\n// column x: it is odd. Either\n// - a\n// - b\n"), "{text}");
    }

    #[test]
    fn no_sql_ends_its_string() {
        assert_eq!(constant(&strings(&["a\"##b\"#"])), "r###\"\na\"##b\"#;\n\"###");
    }
}

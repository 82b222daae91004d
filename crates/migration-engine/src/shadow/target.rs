//! What of the target a shadow must share, for migrations to behave the same.

use std::fmt::Write as _;

use dbkit::Literal;
use serde_json::Value;
use sqlx::PgConnection;

/// What the columns of `pg_database` are called depends on the server's version.
const DATABASE: &str = "
SELECT to_jsonb(d)::text, pg_encoding_to_char(d.encoding)::text, current_schema()::text,
       current_setting('search_path')
FROM pg_catalog.pg_database d WHERE d.datname = current_database()";

const EXTENSIONS: &str = "
SELECT e.extname::text, e.extversion, n.nspname::text
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql' ORDER BY e.oid";

/// The facts about a target.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) schema: String,
    pub(super) search_path: String,
    pub(super) extensions: Vec<Extension>,
    encoding: String,
    /// Its row of `pg_database`.
    database: Value,
}

/// An extension that the target has.
#[derive(Debug)]
pub(super) struct Extension {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) schema: String,
}

/// Asks the target for them. Reads only.
pub(super) async fn look(session: &mut PgConnection) -> Result<Target, sqlx::Error> {
    type Row = (String, String, Option<String>, String);
    let (database, encoding, schema, search_path): Row =
        sqlx::query_as(DATABASE).fetch_one(&mut *session).await?;
    let extensions: Vec<(String, String, String)> =
        sqlx::query_as(EXTENSIONS).fetch_all(session).await?;
    let extension = |(name, version, schema)| Extension { name, version, schema };
    Ok(Target {
        schema: schema.unwrap_or_else(|| "public".to_owned()),
        search_path,
        extensions: extensions.into_iter().map(extension).collect(),
        encoding,
        database: serde_json::from_str(&database).unwrap_or_default(),
    })
}

impl Target {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.database["datname"].as_str().unwrap_or_default()
    }

    /// The clauses of `CREATE DATABASE` that give another database the same encoding and locale.
    pub(super) fn clauses(&self) -> String {
        let text = |column: &str| self.database[column].as_str();
        let mut clauses = format!("ENCODING {}", Literal(&self.encoding));
        let mut add = |keyword: &str, value: Option<&str>| {
            if let Some(value) = value {
                let _ = write!(clauses, " {keyword} {}", Literal(value));
            }
        };
        add("LC_COLLATE", text("datcollate"));
        add("LC_CTYPE", text("datctype"));
        // The provider's column came with PostgreSQL 15, the built-in provider with 17, which also
        // gave the locale's column its new name.
        let locale = text("datlocale").or_else(|| text("daticulocale"));
        match text("datlocprovider") {
            Some("i") => {
                add("LOCALE_PROVIDER", Some("icu"));
                add("ICU_LOCALE", locale);
                add("ICU_RULES", text("daticurules"));
            }
            Some("b") => {
                add("LOCALE_PROVIDER", Some("builtin"));
                add("BUILTIN_LOCALE", locale);
            }
            _ => {}
        }
        clauses
    }
}

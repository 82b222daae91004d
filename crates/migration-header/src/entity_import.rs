//! Whether a migration speaks of the crate `entity`.
//!
//! This looks at the text and does not parse Rust: it knows the ways in which people write it.

/// Whether `source` imports from `entity` or names something in it by its path.
pub(crate) fn found_in(source: &str) -> bool {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    code.split(';').any(|item| {
        match item.trim_start().trim_start_matches("pub ").strip_prefix("use ") {
            Some(path) => is_entity(path.trim_start_matches("::").trim_start_matches('{')),
            None => named_by_path(item),
        }
    })
}

fn is_entity(path: &str) -> bool {
    let crate_name = path.split(|c: char| !c.is_alphanumeric() && c != '_').next();
    crate_name == Some("entity")
}

/// `entity::users::Entity`, and neither `sea_orm::entity::…` nor the SQL `entity::text`.
fn named_by_path(item: &str) -> bool {
    item.match_indices("entity::").any(|(place, found)| {
        let before = item[..place].chars().next_back();
        let is_root = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        let after = item[place + found.len()..]
            .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        is_root && after.starts_with("::")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_of_the_entities_is_found() {
        for code in [
            "use entity::users;",
            "use ::entity::prelude::*;",
            "use sea_orm_migration::prelude::*;\nuse entity as today;",
            "fn f() { entity::users::Entity::find(); }",
        ] {
            assert!(found_in(code), "{code}");
        }
    }

    #[test]
    fn what_is_only_called_entity_is_not() {
        for code in [
            "use sea_orm::entity::prelude::*;",
            "use sea_orm::{\n    entity::prelude::*,\n};",
            "// use entity::users;",
            "let sql = \"SELECT entity::text FROM audit_log\";",
            "use my_entity::users;",
        ] {
            assert!(!found_in(code), "{code}");
        }
    }
}

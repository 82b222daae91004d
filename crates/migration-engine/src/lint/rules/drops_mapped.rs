//! A table or column that an entity still maps is dropped: every query through the entity fails.

use crate::lint::{
    Breach, File, Harm, Rule, Subject,
    statement::{Action, Kind, Statement},
};

pub(super) const RULE: Rule = Rule {
    name: "drops-mapped",
    harm: Harm::Fails,
    instead: "\
// first a release whose entity does not have it; for a column that stays for a while:
#[sea_orm(ignore)]
// then, when no older version runs any more, the migration that drops it",
    check,
};

fn check(file: &File, subject: &Subject) -> Vec<Breach> {
    file.statements
        .iter()
        .flat_map(dropped)
        .filter(|object| subject.mapped.contains(object))
        .map(|object| Breach::general(format!("an entity still maps {object}")))
        .collect()
}

fn dropped(statement: &Statement) -> Vec<String> {
    match &statement.kind {
        Kind::DropTable { tables } => tables.clone(),
        Kind::AlterTable { table, actions } => {
            let columns = actions.iter().filter_map(|action| match action {
                Action::DropColumn { column } => Some(format!("{table}.{column}")),
                _ => None,
            });
            columns.collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::example;

    const UP: [&str; 2] = ["DROP TABLE IF EXISTS notes", "ALTER TABLE users DROP COLUMN nick"];

    #[test]
    fn bad_while_an_entity_has_it() {
        assert_eq!(
            example::mapped(&RULE, &UP, &["public.notes", "public.users", "public.users.nick"]),
            ["an entity still maps public.notes", "an entity still maps public.users.nick"]
        );
    }

    #[test]
    fn good_when_no_entity_has_it() {
        assert!(example::mapped(&RULE, &UP, &["public.users", "public.users.id"]).is_empty());
    }
}

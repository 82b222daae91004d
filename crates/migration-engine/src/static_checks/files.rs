//! The list against the files.

use migration_header::Metadata;

use crate::{Finding, near};

pub(super) fn check(names: &[String], metadata: &[Metadata]) -> Vec<Finding> {
    let is_listed = |file: &&Metadata| names.contains(&file.name);
    let has_file = |name: &&String| metadata.iter().any(|file| file.name == **name);
    let unlisted = metadata.iter().filter(|file| !is_listed(file)).map(|file| {
        let message = "its file is not in the list, so it never runs";
        Finding::error("static.unlisted", &file.name, message)
            .hint("add it to `migrations()` in src/lib.rs, or remove the file")
    });
    let fileless = names.iter().filter(|name| !has_file(name)).map(|name| {
        let finding = Finding::error(
            "static.unlisted",
            name,
            "it is listed, and there is no file of this name",
        );
        match near::nearest(name, metadata.iter().map(|file| file.name.as_str())) {
            Some(near) => finding
                .hint(format!("was `{near}` meant? A file that is renamed is another migration")),
            None => finding,
        }
    });
    let modern = metadata.iter().filter(|file| file.imports_entity).map(|file| {
        let message = "it imports the entities, which change while history does not";
        Finding::error("static.entity", &file.name, message)
            .hint("write the SQL out, or copy what it needs of the entity into the file")
    });
    unlisted.chain(fileless).chain(modern).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, imports_entity: bool) -> Metadata {
        Metadata { name: name.to_owned(), imports_entity, ..Metadata::default() }
    }

    #[test]
    fn a_file_for_every_name_is_fine() {
        assert_eq!(check(&["m1_a".to_owned()], &[file("m1_a", false)]), []);
    }

    #[test]
    fn what_is_on_one_side_only_is_named() {
        let found = check(&["m1_rooms".to_owned()], &[file("m1_room", false)]);
        let said: Vec<_> =
            found.iter().map(|it| format!("{}: {}", it.subject, it.message)).collect();
        assert_eq!(
            said,
            [
                "m1_room: its file is not in the list, so it never runs",
                "m1_rooms: it is listed, and there is no file of this name"
            ]
        );
        assert!(found[1].hint.as_deref().unwrap().starts_with("was `m1_room` meant?"));
    }

    #[test]
    fn a_file_that_imports_the_entities_is_named() {
        let found = check(&["m1_a".to_owned()], &[file("m1_a", true)]);
        assert_eq!(found[0].check, "static.entity");
    }
}

//! What migrations declare to depend on.

use std::collections::BTreeSet;

use migration_header::Metadata;

use crate::{Finding, near};

pub(super) fn check(names: &[String], metadata: &[Metadata]) -> Vec<Finding> {
    let declared = metadata
        .iter()
        .flat_map(|file| file.depends_on.iter().map(|dependency| (file.name.as_str(), dependency)));
    declared
        .filter_map(|(name, dependency)| wrong(names, name, dependency))
        .chain(cycles(metadata))
        .collect()
}

fn wrong(names: &[String], name: &str, dependency: &str) -> Option<Finding> {
    let place = |name: &str| names.iter().position(|other| other == name);
    let finding = |message: String| Finding::error("static.dependency", name, message);
    if name == dependency {
        return Some(finding("it depends on itself".to_owned()));
    }
    match (place(name), place(dependency)) {
        (_, None) => {
            let finding =
                finding(format!("it depends on `{dependency}`, which is not in the list"));
            Some(match near::nearest(dependency, names.iter().map(String::as_str)) {
                Some(near) => finding.hint(format!("did you mean `{near}`?")),
                None => finding,
            })
        }
        (Some(own), Some(other)) if other > own => {
            Some(finding(format!("it depends on {dependency}, which comes later")))
        }
        _ => None,
    }
}

/// Every circle once, as the path that leads around it.
fn cycles(metadata: &[Metadata]) -> Vec<Finding> {
    let (mut done, mut found) = (BTreeSet::new(), Vec::new());
    for file in metadata {
        walk(metadata, &file.name, &mut Vec::new(), &mut done, &mut found);
    }
    found
}

fn walk<'a>(
    metadata: &'a [Metadata],
    name: &'a str,
    path: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
    found: &mut Vec<Finding>,
) {
    if let Some(start) = path.iter().position(|seen| *seen == name) {
        // One that depends on itself has its own finding.
        if path.len() - start > 1 {
            let circle = [&path[start..], &[name]].concat().join(" → ");
            found.push(Finding::error(
                "static.cycle",
                name,
                format!("dependencies go round in a circle: {circle}"),
            ));
        }
        return;
    }
    if !done.insert(name) {
        return;
    }
    path.push(name);
    let file = metadata.iter().find(|file| file.name == name);
    for dependency in file.map_or(&[][..], |file| &file.depends_on) {
        walk(metadata, dependency, path, done, found);
    }
    path.pop();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(edges: &[(&str, &[&str])]) -> Vec<String> {
        let metadata: Vec<_> = edges
            .iter()
            .map(|(name, depends_on)| Metadata {
                name: (*name).to_owned(),
                depends_on: depends_on.iter().map(|name| (*name).to_owned()).collect(),
                ..Metadata::default()
            })
            .collect();
        let names: Vec<_> = metadata.iter().map(|file| file.name.clone()).collect();
        let found = check(&names, &metadata).into_iter();
        found
            .map(|it| {
                format!(
                    "{}: {}{}",
                    it.subject,
                    it.message,
                    it.hint.map_or_else(String::new, |hint| format!(" ({hint})"))
                )
            })
            .collect()
    }

    #[test]
    fn what_came_before_may_be_depended_on() {
        assert_eq!(
            said(&[("m1", &[]), ("m2", &["m1"]), ("m3", &["m1", "m2"])]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_unknown_name_brings_the_nearest_one_to_mind() {
        assert_eq!(
            said(&[("m1_users", &[]), ("m2", &["m1_user"])]),
            ["m2: it depends on `m1_user`, which is not in the list (did you mean `m1_users`?)"]
        );
    }

    #[test]
    fn itself_and_the_future_are_no_ground_to_stand_on() {
        assert_eq!(said(&[("m1", &["m1"])]), ["m1: it depends on itself"]);
        assert_eq!(
            said(&[("m1", &["m2"]), ("m2", &[])]),
            ["m1: it depends on m2, which comes later"]
        );
    }

    #[test]
    fn a_circle_is_shown_as_the_way_around_it() {
        let said = said(&[("m1", &["m3"]), ("m2", &["m1"]), ("m3", &["m2"])]);
        assert_eq!(
            said,
            [
                "m1: it depends on m3, which comes later",
                "m1: dependencies go round in a circle: m1 → m3 → m2 → m1"
            ]
        );
    }
}

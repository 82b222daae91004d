//! Indexes and constraints that have the same definition under another name.

use crate::{Change, Finding, snapshot::Object};

/// The renames among some changes.
pub(super) struct Renames<'a>(Vec<(&'a Object, &'a Object)>);

impl<'a> Renames<'a> {
    pub(super) fn among(changes: &'a [Change]) -> Self {
        let new: Vec<_> = changes.iter().filter(|change| change.before.is_none()).collect();
        let gone = changes.iter().filter(|change| change.after.is_none());
        let mut renames: Vec<(&Object, &Object)> = Vec::new();
        for gone in gone {
            let is_free = |new: &Change| renames.iter().all(|(_, taken)| *taken != &new.object);
            let found = new.iter().find(|new| is_same(gone, new) && is_free(new));
            renames.extend(found.map(|new| (&gone.object, &new.object)));
        }
        Self(renames)
    }

    /// One finding for each; none for the index that has its name from a constraint.
    pub(super) fn findings(&self, check: &'static str) -> Vec<Finding> {
        let own = |&&(old, new): &&(&Object, &Object)| {
            let of_constraint = |&(other, renamed): &(&Object, &Object)| {
                other.kind == "constraint"
                    && (last(&other.name), last(&renamed.name))
                        == (last(&old.name), last(&new.name))
            };
            old.kind != "index" || !self.0.iter().any(of_constraint)
        };
        let findings = self.0.iter().filter(own).map(|(old, new)| {
            let subject = format!("{} {}", old.kind, old.name);
            let message = format!("{subject} is renamed to {}", last(&new.name));
            Finding::error(check, subject, message)
        });
        findings.collect()
    }

    /// Whether a change is one end of a rename.
    pub(super) fn cover(&self, change: &Change) -> bool {
        self.0.iter().any(|(old, new)| [*old, *new].contains(&&change.object))
    }
}

fn is_same(gone: &Change, new: &Change) -> bool {
    if gone.object.kind != new.object.kind {
        return false;
    }
    let (Some(before), Some(after)) = (&gone.before, &new.after) else { return false };
    match gone.object.kind.as_str() {
        "constraint" => before == after && table(&gone.object.name) == table(&new.object.name),
        "index" => anonymous(before).is_some() && anonymous(before) == anonymous(after),
        _ => false,
    }
}

/// `CREATE [UNIQUE] INDEX name ON rest` without the name.
fn anonymous(definition: &str) -> Option<(&str, &str)> {
    let (head, rest) = definition.split_once("INDEX ")?;
    Some((head, rest.split_once(" ON ")?.1))
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn table(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(table, _)| table)
}

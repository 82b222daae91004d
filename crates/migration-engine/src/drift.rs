//! What differs between a database and what it should be, as findings.

mod rename;
mod wording;

use sea_orm::{ConnectionTrait, DbErr};

use crate::{Change, Finding, Snapshot, finding::Severity};
use rename::Renames;

/// The live schema against a replay of the migrations that are applied.
pub const HISTORY: &str = "drift.history";

/// The live schema against the snapshot that was stored last.
pub const TIME: &str = "drift.time";

/// Compares the database with what its applied migrations make on a shadow.
///
/// `db` is in a transaction, see [`Snapshot::take_in`].
pub async fn history(
    db: &impl ConnectionTrait,
    replayed: &Snapshot,
) -> Result<Vec<Finding>, DbErr> {
    Ok(classify(HISTORY, &replayed.changes(&Snapshot::take_in(db).await?)))
}

/// Compares the database with a snapshot of it from before.
///
/// `db` is in a transaction, see [`Snapshot::take_in`].
pub async fn time(db: &impl ConnectionTrait, stored: &Snapshot) -> Result<Vec<Finding>, DbErr> {
    Ok(classify(TIME, &stored.changes(&Snapshot::take_in(db).await?)))
}

/// Makes findings of differences, one for each cause: what goes with a table that is missing is not
/// told again, and a renamed index or constraint is one thing.
///
/// Owners, privileges and the order of columns are warnings; everything else is an error.
pub fn classify(check: &'static str, changes: &[Change]) -> Vec<Finding> {
    let renames = Renames::among(changes);
    let mut findings = renames.findings(check);
    let (owners, others): (Vec<_>, Vec<_>) = changes
        .iter()
        .filter(|change| !renames.cover(change) && !is_consequence(change, changes))
        .partition(|change| change.object.kind == "owner");
    findings.extend(others.iter().map(|change| finding(check, change)));
    findings.extend(of_owners(check, &owners));
    findings
}

fn finding(check: &'static str, change: &Change) -> Finding {
    let subject = wording::subject(&change.object);
    let message = wording::message(&subject, change);
    match severity(&change.object.kind) {
        Severity::Error => Finding::error(check, subject, message),
        _ => Finding::warning(check, subject, message),
    }
}

fn severity(kind: &str) -> Severity {
    match kind {
        "owner" | "acl" | "default_acl" | "column_order" => Severity::Warning,
        _ => Severity::Error,
    }
}

/// A restored database may belong to another role from top to bottom: that is one finding.
fn of_owners(check: &'static str, changes: &[&Change]) -> Vec<Finding> {
    const FEW: usize = 3;
    let same = |change: &&Change| {
        (&change.before, &change.after) == (&changes[0].before, &changes[0].after)
    };
    if changes.len() <= FEW || !changes.iter().all(same) {
        return changes.iter().map(|change| finding(check, change)).collect();
    }
    let first = wording::subject(&changes[0].object);
    let subject = format!("{first} and {} other objects", changes.len() - 1);
    let message = wording::message(&subject, changes[0]);
    vec![Finding::warning(check, subject, message)]
}

/// Whether a change says nothing that another one does not say already.
fn is_consequence(change: &Change, all: &[Change]) -> bool {
    if change.object.kind == "column_order" {
        let inside = format!("{}.", change.object.name);
        let moved = |other: &Change| {
            other.object.kind == "column"
                && is_one_sided(other)
                && other.object.name.starts_with(&inside)
        };
        return all.iter().any(moved);
    }
    is_one_sided(change)
        && all.iter().any(|other| {
            other.before.is_none() == change.before.is_none()
                && other.after.is_none() == change.after.is_none()
                && belongs(change, other)
        })
}

fn is_one_sided(change: &Change) -> bool {
    change.before.is_none() != change.after.is_none()
}

/// Whether an object comes and goes with another one.
fn belongs(part: &Change, whole: &Change) -> bool {
    let (part, whole) = (&part.object, &whole.object);
    let inside =
        |name: &str| name.strip_prefix(&whole.name).is_some_and(|rest| rest.starts_with('.'));
    let has_parts = matches!(
        whole.kind.as_str(),
        "table" | "partitioned_table" | "foreign_table" | "view" | "matview" | "type"
    );
    match part.kind.as_str() {
        "column" | "constraint" | "trigger" | "rule" | "policy" | "column_statistics"
        | "domain_constraint" | "constraint_trigger" => has_parts && inside(&part.name),
        "owner" | "acl" => match part.name.split_once(' ') {
            Some(("column", name)) => {
                has_parts && inside(name) || whole.kind == "column" && name == whole.name
            }
            Some((kind, name)) => kind == whole.kind && name == whole.name,
            None => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Object;

    fn change(kind: &str, name: &str, before: Option<&str>, after: Option<&str>) -> Change {
        let object = Object { kind: kind.to_owned(), name: name.to_owned() };
        Change { object, before: before.map(str::to_owned), after: after.map(str::to_owned) }
    }

    fn told(changes: &[Change]) -> Vec<String> {
        let findings = classify(HISTORY, changes);
        findings
            .iter()
            .map(|finding| format!("{}: {}", finding.severity, finding.message))
            .collect()
    }

    #[test]
    fn a_change_is_told_in_words() {
        let changes = [
            change("column", "public.users.email", Some("character varying(255)"), Some("text")),
            change("comment", "table public.users", Some("people"), None),
            change("acl", "table public.users", None, Some("app=r/owner")),
            change("owner", "table public.users", Some("a"), Some("b")),
        ];
        assert_eq!(
            told(&changes),
            [
                "error: column public.users.email: character varying(255) → text",
                "error: comment on table public.users is missing: people",
                "warning: privileges on table public.users are extra: app=r/owner",
                "warning: owner of table public.users: a → b",
            ]
        );
    }

    #[test]
    fn what_goes_with_a_table_is_not_told_again() {
        let changes = [
            change("acl", "column public.a.id", Some("x"), None),
            change("column", "public.a.id", Some("bigint"), None),
            change("column", "public.ab.id", Some("bigint"), None),
            change("column_order", "public.a", Some("id"), None),
            change("column_order", "public.ab", Some("id,n"), Some("n")),
            change("owner", "table public.a", Some("x"), None),
            change("table", "public.a", Some("persistence=p"), None),
        ];
        assert_eq!(
            told(&changes),
            [
                "error: column public.ab.id is missing: bigint",
                "error: table public.a is missing: persistence=p",
            ]
        );
    }

    #[test]
    fn a_rename_is_one_finding() {
        let index = |name: &str| format!("CREATE UNIQUE INDEX {name} ON public.a USING btree (id)");
        let changes = [
            change("constraint", "public.a.a_pk", None, Some("PRIMARY KEY (id)")),
            change("constraint", "public.a.a_pkey", Some("PRIMARY KEY (id)"), None),
            change("index", "public.a_pk", None, Some(&index("a_pk"))),
            change("index", "public.a_pkey", Some(&index("a_pkey")), None),
            change(
                "index",
                "public.old",
                Some("CREATE INDEX old ON public.a USING btree (n)"),
                None,
            ),
            change(
                "index",
                "public.new",
                None,
                Some("CREATE INDEX new ON public.a USING btree (n)"),
            ),
        ];
        assert_eq!(
            told(&changes),
            [
                "error: constraint public.a.a_pkey is renamed to a_pk",
                "error: index public.old is renamed to new",
            ]
        );
    }

    #[test]
    fn another_owner_from_top_to_bottom_is_one_finding() {
        let names = ["a", "b", "c", "d"].map(|name| format!("table public.{name}"));
        let changes = names.map(|name| change("owner", &name, Some("x"), Some("y")));
        assert_eq!(told(&changes), ["warning: owner of table public.a and 3 other objects: x → y"]);
        assert_eq!(told(&changes[..3]).len(), 3);
    }
}

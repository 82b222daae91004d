//! A lock that keeps everybody out is held until the transaction ends: what comes after it adds to
//! the time that readers wait.

use crate::ObservedLock;

use crate::lint::{
    Breach, File, Harm, Rule, Subject,
    statement::{Action, Kind, Statement},
};

pub(super) const RULE: Rule = Rule {
    name: "exclusive-lock-held",
    harm: Harm::Blocks,
    instead: "\
// slow work first, in migrations of its own; the statement that locks everybody out comes last, alone:
ALTER TABLE t ADD COLUMN c text;",
    check,
};

fn check(file: &File, subject: &Subject) -> Vec<Breach> {
    let Some(observation) = subject.observation.filter(|_| subject.transactional) else {
        return Vec::new();
    };
    observation
        .locks
        .iter()
        .filter(|lock| lock.mode == "AccessExclusiveLock" && file.is_old(&lock.relation))
        .filter_map(|lock| breach(file, lock))
        .collect()
}

fn breach(file: &File, lock: &ObservedLock) -> Option<Breach> {
    let taken = taken(file, lock)?;
    let later = &file.statements[taken + 1..];
    let slow = later.iter().filter(|statement| is_slow(file, statement, &lock.relation)).count();
    if slow == 0 {
        return None;
    }
    let relation = &lock.relation;
    let statements =
        if slow == 1 { "one more statement runs" } else { &format!("{slow} more statements run") };
    let message = format!("readers of {relation} wait while {statements} that may take time");
    Some(Breach::of(relation, message))
}

/// The place of the statement that took the lock: of those that were sent together, the first that
/// speaks of the relation.
fn taken(file: &File, lock: &ObservedLock) -> Option<usize> {
    let speaks = |place: &usize| file.statements[*place].table() == Some(&lock.relation);
    file.places(lock.statement).find(speaks).or_else(|| file.places(lock.statement).next())
}

/// Whether it works through rows, or waits for a lock on another table.
fn is_slow(file: &File, statement: &Statement, held: &str) -> bool {
    match &statement.kind {
        Kind::AlterTable { table, actions } if table == held => {
            actions.iter().any(|action| matches!(action, Action::Validate))
        }
        Kind::Update { table, .. }
        | Kind::Delete { table, .. }
        | Kind::CreateIndex { table, .. }
        | Kind::AlterTable { table, .. } => file.is_old(table),
        Kind::Refresh | Kind::Other => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Observation, lint::example};

    fn seen(up: &[&str], relation: &str, mode: &str, statement: usize) -> Vec<String> {
        let lock = ObservedLock { relation: relation.to_owned(), mode: mode.to_owned(), statement };
        let observation = Observation { locks: vec![lock], ..Observation::default() };
        example::observed(&RULE, up, &observation)
    }

    const ADD: &str = "ALTER TABLE users ADD COLUMN nick text; COMMENT ON TABLE users IS 'x'";
    const FILL: &str = "UPDATE users SET nick = full_name WHERE nick IS NULL";

    #[test]
    fn bad_while_rows_are_written() {
        let expected =
            ["readers of public.users wait while one more statement runs that may take time"];
        assert_eq!(seen(&[ADD, FILL], "public.users", "AccessExclusiveLock", 0), expected);
        let together = format!("{ADD}; {FILL}");
        assert_eq!(seen(&[&together], "public.users", "AccessExclusiveLock", 0), expected);
    }

    #[test]
    fn good_as_the_last_statement_and_for_weaker_locks() {
        assert!(seen(&[FILL, ADD], "public.users", "AccessExclusiveLock", 1).is_empty());
        assert!(seen(&[ADD], "public.users", "AccessExclusiveLock", 0).is_empty());
        assert!(seen(&[ADD, FILL], "public.users", "ShareLock", 0).is_empty());
    }
}

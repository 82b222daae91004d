//! Every way in which ledger and code can disagree.

use chrono::DateTime;
use migration_header::Metadata;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};
use uuid::Uuid;

use super::*;
use crate::ledger::AttemptState;

struct Named(&'static str);

impl MigrationName for Named {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Named {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

/// A project of these migrations, whose hashes are made of one letter each.
pub(crate) fn project(names: &[&'static str]) -> Project {
    let boxed = names.iter().map(|name| Box::new(Named(name)) as Box<dyn MigrationTrait>);
    let header = |name: &&str| Metadata { name: (*name).to_owned(), ..Metadata::default() };
    Project::of(boxed.collect()).with_metadata(names.iter().map(header).collect())
}

pub(crate) fn entry(name: &str, source: &str, sql: Option<&str>) -> LockEntry {
    LockEntry {
        name: name.to_owned(),
        source_sha256: source.to_owned(),
        sql_sha256: sql.map(str::to_owned),
    }
}

fn attempt(name: &str) -> Attempt {
    Attempt {
        id: 1,
        name: name.to_owned(),
        state: AttemptState::Applied,
        direction: Direction::Up,
        transactional: true,
        depends_on: Vec::new(),
        source_sha256: Some("a".to_owned()),
        sql_sha256: Some("b".to_owned()),
        up_sql: Some(vec!["SELECT 1".to_owned()]),
        down_sql: Some(vec!["SELECT 1".to_owned()]),
        down_exact: true,
        statements_done: 1,
        run: Uuid::nil(),
        applied_at: None,
        duration_ms: None,
        rolled_back_at: None,
        rollback_run: None,
        snapshot_before: None,
        snapshot_after: None,
        reason: None,
    }
}

/// A ledger that has these, in this order.
pub(crate) fn applied(names: &[&str]) -> Ledger {
    let row = |name: &&str| Applied {
        name: (*name).to_owned(),
        at: DateTime::UNIX_EPOCH,
        attempt: Some(attempt(name)),
    };
    Ledger { applied: names.iter().map(row).collect(), ..Ledger::default() }
}

fn told(project: &Project, ledger: &Ledger, now: &[LockEntry]) -> Vec<String> {
    let found = check(project, ledger, now);
    found.iter().map(|it| format!("{} {} {}", it.severity, it.check, it.subject)).collect()
}

#[test]
fn a_ledger_that_fits_the_code_has_no_findings() {
    let now = [entry("m1", "a", Some("b")), entry("m2", "a", Some("b"))];
    assert_eq!(told(&project(&["m1", "m2"]), &applied(&["m1", "m2"]), &now), [""; 0]);
    assert_eq!(told(&project(&["m1", "m2"]), &applied(&["m1", "m2"]), &[]), [""; 0]);
}

#[test]
fn an_edited_file_is_judged_by_what_it_sends() {
    let told = |now: LockEntry| told(&project(&["m1"]), &applied(&["m1"]), &[now]);
    assert_eq!(told(entry("m1", "x", Some("b"))), ["warning ledger.source m1"]);
    assert_eq!(told(entry("m1", "x", Some("x"))), ["error ledger.source m1"]);
    assert_eq!(told(entry("m1", "x", None)), ["error ledger.source m1"]);
    assert_eq!(told(entry("m1", "a", Some("x"))), ["error ledger.sql m1"]);
    assert_eq!(told(entry("m1", "a", None)), [""; 0]);
}

#[test]
fn what_only_the_database_has_is_an_error() {
    let mut ledger = applied(&["m1", "m2", "m3"]);
    ledger.applied[2].attempt = None;
    let found = told(&project(&["m1"]), &ledger, &[]);
    assert_eq!(found, ["error ledger.missing m2", "error ledger.missing m3"]);
    let hints = check(&project(&["m1"]), &ledger, &[]);
    assert!(hints[0].hint.as_ref().unwrap().contains("--from-ledger"));
    assert!(!hints[1].hint.as_ref().unwrap().contains("--from-ledger"));
}

#[test]
fn what_is_half_done_is_an_error_that_says_how_far_it_came() {
    let unfinished = Attempt {
        state: AttemptState::Dirty,
        direction: Direction::Down,
        statements_done: 2,
        ..attempt("m1")
    };
    let ledger = Ledger { unfinished: vec![unfinished], ..applied(&["m1"]) };
    let found = check(&project(&["m1"]), &ledger, &[]);
    assert_eq!((found[0].severity, found[0].check), (crate::Severity::Error, UNFINISHED));
    assert!(found[0].message.contains("way down") && found[0].message.contains("2 statement"));
}

#[test]
fn what_other_tools_did_is_a_warning() {
    let mut ledger = applied(&["m1"]);
    ledger.applied[0].attempt = None;
    ledger.withdrawn = vec![attempt("m2")];
    let found = told(&project(&["m1", "m2"]), &ledger, &[]);
    assert_eq!(
        found,
        ["warning ledger.adopted m1", "warning ledger.withdrawn m2", "info ledger.pending m2"]
    );
}

#[test]
fn pending_is_good_to_know_and_late_a_warning() {
    let found = told(&project(&["m1", "m2", "m3"]), &applied(&["m2"]), &[]);
    assert_eq!(
        found,
        ["warning ledger.late m1", "info ledger.pending m1", "info ledger.pending m3"]
    );
}

#[test]
fn another_order_than_that_of_the_list_is_told_once_for_each_that_came_later() {
    let found = check(&project(&["m1", "m2", "m3"]), &applied(&["m3", "m1", "m2"]), &[]);
    let messages: Vec<_> =
        found.iter().map(|it| (it.subject.as_str(), it.message.as_str())).collect();
    let message = "it was applied after m3, which is listed after it";
    assert_eq!(messages, [("m1", message), ("m2", message)]);
}

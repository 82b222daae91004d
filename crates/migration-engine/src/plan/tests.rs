//! What runs, and in which order.

use migration_header::Metadata;
use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::*;

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

/// `m3` depends on `m1`.
fn project() -> Project {
    let names = ["m1_a_one", "m2_a_two", "m3_a_three"];
    let depends = |name: &str| {
        if name == names[2] { vec![names[0].to_owned()] } else { Vec::new() }
    };
    let metadata = names.map(|name| Metadata {
        name: name.to_owned(),
        depends_on: depends(name),
        ..Metadata::default()
    });
    let migrations = names.map(|name| Box::new(Named(name)) as Box<dyn MigrationTrait>);
    Project::of(migrations.into()).with_metadata(metadata.into())
}

fn ledger(applied: &[(&str, i64)]) -> Ledger {
    let applied = applied.iter().map(|(name, seconds)| Applied {
        name: (*name).to_owned(),
        at: DateTime::from_timestamp(*seconds, 0).unwrap(),
        attempt: None,
    });
    Ledger { applied: applied.collect(), ..Ledger::default() }
}

const ALL: [(&str, i64); 3] = [("m1_a_one", 1), ("m2_a_two", 1), ("m3_a_three", 1)];

#[track_caller]
fn check_up(applied: &[(&str, i64)], upto: &Upto, expected: &[&str]) {
    assert_eq!(up(&project(), &ledger(applied), upto).unwrap(), expected);
}

#[track_caller]
fn check_down(applied: &[(&str, i64)], downto: &Downto, expected: &[&str]) {
    assert_eq!(down(&project(), &ledger(applied), downto).unwrap(), expected);
}

#[test]
fn what_is_not_applied_is_pending_in_the_order_of_the_code() {
    check_up(&[("m2_a_two", 1)], &Upto::All, &["m1_a_one", "m3_a_three"]);
    check_up(&[("m2_a_two", 1)], &Upto::Steps(1), &["m1_a_one"]);
    check_up(&[], &Upto::Target("m2_a_two".to_owned()), &["m1_a_one", "m2_a_two"]);
}

#[test]
fn a_pending_migration_needs_what_it_depends_on() {
    let error = up(&project(), &ledger(&[]), &Upto::Target("m9".to_owned())).unwrap_err();
    assert!(matches!(error, PlanError::Unknown { .. }), "{error:?}");
    let mut project = project();
    let mut metadata = project.all_metadata().to_vec();
    metadata[0].depends_on = vec!["m3_a_three".to_owned()];
    project = project.with_metadata(metadata);
    let error = up(&project, &ledger(&[]), &Upto::All).unwrap_err();
    assert_eq!(
        error.to_string(),
        "migration `m1_a_one` depends on `m3_a_three`, which is not applied"
    );
}

#[test]
fn the_last_applied_is_undone_first_even_if_it_was_merged_late() {
    let applied = [("m1_a_one", 1), ("m3_a_three", 2), ("m2_a_two", 3)];
    check_down(&applied, &Downto::All, &["m2_a_two", "m3_a_three", "m1_a_one"]);
}

#[test]
fn within_one_second_the_order_of_the_code_decides() {
    check_down(&ALL, &Downto::Steps(2), &["m3_a_three", "m2_a_two"]);
}

#[test]
fn no_migration_goes_before_one_that_depends_on_it() {
    let applied = [("m3_a_three", 1), ("m1_a_one", 2)];
    check_down(&applied, &Downto::All, &["m3_a_three", "m1_a_one"]);
    let only = Downto::Only("m1_a_one".to_owned());
    let error = down(&project(), &ledger(&ALL), &only).unwrap_err();
    assert_eq!(error.to_string(), "migration `m1_a_one` cannot go: m3_a_three depend(s) on it");
    check_down(&ALL, &Downto::Only("m2_a_two".to_owned()), &["m2_a_two"]);
}

#[test]
fn the_target_of_a_rollback_stays() {
    check_down(&ALL, &Downto::Target("m1_a_one".to_owned()), &["m3_a_three", "m2_a_two"]);
    check_down(&ALL, &Downto::Target("m3_a_three".to_owned()), &[]);
    let to = Downto::Target("m2_a_two".to_owned());
    let error = down(&project(), &ledger(&[("m1_a_one", 1)]), &to).unwrap_err();
    assert_eq!(error.to_string(), "migration `m2_a_two` is not applied");
}

#[test]
fn an_irreversible_migration_stops_the_plan() {
    let mut metadata = project().all_metadata().to_vec();
    metadata[1].irreversible = Some("the old numbers are gone".to_owned());
    let project = project().with_metadata(metadata);
    let error = down(&project, &ledger(&ALL), &Downto::All).unwrap_err();
    assert!(matches!(error, PlanError::Irreversible { .. }), "{error:?}");
    assert_eq!(down(&project, &ledger(&ALL), &Downto::Steps(1)).unwrap(), ["m3_a_three"]);
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest() {
    let to = Downto::Target("m2_a_tow".to_owned());
    let error = down(&project(), &ledger(&ALL), &to).unwrap_err();
    assert_eq!(error.to_string(), "there is no migration `m2_a_tow`; did you mean `m2_a_two`?");
    let resolve = |name| resolve_name(&project(), &ledger(&ALL), name);
    assert_eq!(resolve("three").unwrap(), "m3_a_three");
    assert_eq!(resolve("m2").unwrap(), "m2_a_two");
    assert!(resolve("m").is_err() && resolve("").is_err());
}

#[test]
fn a_pending_migration_before_an_applied_one_is_late() {
    let entries = entries(&project(), &ledger(&[("m1_a_one", 1), ("m3_a_three", 2)]));
    assert_eq!(late(&entries), ["m2_a_two"]);
    assert!(missing(&entries).is_empty());
}

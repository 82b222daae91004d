//! Whether there is a way down is found out by taking it, where no database answers.

use std::collections::BTreeMap;

use migration_engine::{
    Metadata, Project,
    static_checks::{self, WayDown},
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, sea_orm::DbErr};

use crate::engine_shadow::script;

/// A migration whose author wrote no `down`.
struct OneWay;

impl MigrationName for OneWay {
    fn name(&self) -> &'static str {
        "m20260101_000000_one_way"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for OneWay {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

/// One whose `down` fails for a reason of its own.
struct Refuses;

impl MigrationName for Refuses {
    fn name(&self) -> &'static str {
        "m20260102_000000_refuses"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Refuses {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("not on a Sunday".to_owned()))
    }
}

#[tokio::test]
async fn each_kind_of_down_is_recognised() {
    let empty = script("m20260103_000000_empty", "SELECT 1", "\n");
    let real = script("m20260104_000000_real", "SELECT 1", "SELECT 2");
    let project =
        Project::of(vec![Box::new(OneWay), Box::new(Refuses), Box::new(empty), Box::new(real)]);
    let ways_down = static_checks::ways_down(&project).await;
    let refuses = WayDown::Unknown("Migration Error: not on a Sunday".to_owned());
    let expected = [
        ("m20260101_000000_one_way", WayDown::Stock),
        ("m20260102_000000_refuses", refuses),
        ("m20260103_000000_empty", WayDown::Empty),
        ("m20260104_000000_real", WayDown::Sends),
    ];
    let expected = expected.map(|(name, way)| (name.to_owned(), way));
    assert_eq!(ways_down, BTreeMap::from(expected));
    let found = static_checks::check(&project, &ways_down);
    let subjects: Vec<_> = found.iter().map(|finding| finding.subject.as_str()).collect();
    assert_eq!(subjects, ["m20260101_000000_one_way", "m20260103_000000_empty"]);
}

#[tokio::test]
async fn a_declared_reason_stands_for_a_down() {
    let metadata = Metadata {
        name: "m20260101_000000_one_way".to_owned(),
        irreversible: Some("the old values are gone".to_owned()),
        ..Metadata::default()
    };
    let project = Project::of(vec![Box::new(OneWay)]).with_metadata(vec![metadata]);
    let ways_down = static_checks::ways_down(&project).await;
    assert_eq!(static_checks::check(&project, &ways_down), []);
}

//! The factories of the reference domains on a database with no rows at all.

use std::fmt::Debug;

use integration_tests::{TestDatabase, sql};
use sea_orm::{EntityTrait, IntoActiveModel};
use seeder::factories::{access, festival, school};
use seeding_engine::{Factory, World};

/// Row 25 is there, as it was made.
async fn creates<E>(test: &TestDatabase, factory: Factory<E>)
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + PartialEq + Debug,
    E::ActiveModel: Send,
{
    let made = factory.create(test.db(), 25).await.unwrap();
    assert_eq!(made, factory.build(25));
}

#[tokio::test]
async fn every_factory_brings_the_parents_that_its_row_needs() {
    let test = TestDatabase::migrated().await;
    let world = World { seed: 42, as_of: "2026-03-02".parse().unwrap() };
    creates(&test, access::session(world)).await;
    creates(&test, access::audit_log(world)).await;
    creates(&test, school::attendance(world)).await;
    creates(&test, school::exam_result(world)).await;
    creates(&test, school::guardian(world)).await;
    creates(&test, school::exam(world)).await;
    creates(&test, school::enrollment(world)).await;
    creates(&test, festival::pricing_tier(world)).await;
    creates(&test, festival::event_attendance(world)).await;
    creates(&test, festival::review(world)).await;
    creates(&test, festival::notification(world)).await;
    creates(&test, festival::instructor(world)).await;
    creates(&test, festival::musician(world)).await;
    let count = |table| format!("SELECT count(*) FROM {table}");
    // User 25, and one for each teacher of a class: 0, 1 and 6.
    assert_eq!(sql::value::<i64>(test.db(), &count("users")).await, 4);
    assert_eq!(sql::value::<i64>(test.db(), &count("teachers")).await, 3);
    assert_eq!(sql::value::<i64>(test.db(), &count("events")).await, 2);
}

#[tokio::test]
async fn a_state_is_a_state_in_the_database() {
    let test = TestDatabase::migrated().await;
    let world = World { seed: 42, as_of: "2026-03-02".parse().unwrap() };
    access::user(world).with(access::invited).create(test.db(), 0).await.unwrap();
    access::user(world).with(access::suspended).create(test.db(), 1).await.unwrap();
    access::user(world).with(access::disabled).create(test.db(), 2).await.unwrap();
    school::student(world).with(school::graduated).create(test.db(), 0).await.unwrap();
    school::class(world).with(school::tiny).create(test.db(), 0).await.unwrap();
    festival::event(world).with(festival::draft).create(test.db(), 0).await.unwrap();
    festival::event(world).with(festival::cancelled).create(test.db(), 1).await.unwrap();
    // The teacher of the class is user 0, who was there already.
    let statuses = "SELECT string_agg(status::text, ' ' ORDER BY status) FROM users";
    assert_eq!(sql::value::<String>(test.db(), statuses).await, "invited suspended disabled");
}

//! Factories of the seeding engine on entities that a team has: rows come with the parents that they
//! need.

use chrono::{DateTime, Utc};
use entity::{
    access::{types::UserStatus, user},
    prelude::{Class, Subject, Teacher, User},
    school::{class, subject, teacher},
};
use integration_tests::{TestDatabase, sql};
use sea_orm::{EntityTrait as _, PaginatorTrait as _, TransactionTrait as _};
use seeding_engine::{Factory, World, key};

/// How many classes a teacher has.
const CLASSES: u64 = 3;

fn world() -> World {
    World { seed: 42, as_of: "2026-03-02".parse().unwrap() }
}

fn midnight(world: &World) -> DateTime<Utc> {
    world.as_of.and_hms_opt(0, 0, 0).unwrap().and_utc()
}

fn users() -> Factory<User> {
    Factory::new(world(), |world, row| user::Model {
        id: key("users/factory", row),
        email: format!("user-{row}@mail.example"),
        full_name: format!("User {row}"),
        password_hash: "!".to_owned(),
        status: UserStatus::Active,
        is_system: false,
        last_login_at: None,
        created_at: midnight(world),
        updated_at: midnight(world),
        created_by: None,
        updated_by: None,
        display_name: "User".to_owned(),
    })
}

fn teachers() -> Factory<Teacher> {
    let teacher = |world: &World, row| teacher::Model {
        id: key("teachers/factory", row),
        user_id: key("users/factory", row),
        employee_no: format!("F-{row}"),
        department: "Music".to_owned(),
        hired_on: world.as_of,
        created_at: midnight(world),
        updated_at: midnight(world),
    };
    Factory::new(world(), teacher).parent(users(), |row| row)
}

fn subjects() -> Factory<Subject> {
    Factory::new(world(), |world, row| subject::Model {
        id: key("subjects/factory", row),
        code: format!("F{row}"),
        name: format!("Subject {row}"),
        description: None,
        created_at: midnight(world),
        updated_at: midnight(world),
    })
}

fn classes() -> Factory<Class> {
    let class = |world: &World, row| class::Model {
        id: key("classes/factory", row),
        code: format!("F-{row}"),
        subject_id: key("subjects/factory", 0),
        teacher_id: key("teachers/factory", row / CLASSES),
        term: "2026-spring".to_owned(),
        room: None,
        capacity: 30,
        created_at: midnight(world),
        updated_at: midnight(world),
    };
    Factory::new(world(), class).parent(subjects(), |_| 0).parent(teachers(), |row| row / CLASSES)
}

fn suspended(user: &mut user::Model) {
    user.status = UserStatus::Suspended;
}

#[tokio::test]
async fn a_row_comes_with_its_parents_and_their_parents() {
    let test = TestDatabase::migrated().await;
    let class = classes().create(test.db(), 4).await.unwrap();
    assert_eq!(class, classes().build(4));
    let teacher = Teacher::find_by_id(class.teacher_id).one(test.db()).await.unwrap().unwrap();
    assert_eq!(teacher, teachers().build(1));
    assert_eq!(User::find_by_id(teacher.user_id).count(test.db()).await.unwrap(), 1);
}

#[tokio::test]
async fn parents_are_shared_and_those_that_are_there_stay_as_they_are() {
    let test = TestDatabase::migrated().await;
    users().with(suspended).create(test.db(), 0).await.unwrap();
    let made = classes().create_list(test.db(), 0..CLASSES * 2).await.unwrap();
    assert_eq!(made, classes().build_list(0..CLASSES * 2));
    let count = |table| format!("SELECT count(*) FROM {table}");
    assert_eq!(sql::value::<i64>(test.db(), &count("teachers")).await, 2);
    assert_eq!(sql::value::<i64>(test.db(), &count("users")).await, 2);
    let user = User::find_by_id(key("users/factory", 0)).one(test.db()).await.unwrap().unwrap();
    assert_eq!(user.status, UserStatus::Suspended);
}

#[tokio::test]
async fn a_key_that_is_left_open_is_made_by_the_entity() {
    let test = TestDatabase::migrated().await;
    let made = subjects().unset([subject::Column::Id]).create(test.db(), 1).await.unwrap();
    assert_ne!(made.id, subjects().build(1).id);
    assert!(!made.id.is_nil());
}

#[tokio::test]
async fn what_is_created_in_a_transaction_goes_with_it() {
    let test = TestDatabase::migrated().await;
    let transaction = test.db().begin().await.unwrap();
    classes().create(&transaction, 0).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(Class::find().count(test.db()).await.unwrap(), 0);
    assert_eq!(User::find().count(test.db()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_row_that_the_schema_refuses_is_named() {
    let test = TestDatabase::migrated().await;
    let error = classes().with(|class| class.capacity = 0).create(test.db(), 2).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot create row 2 of `classes`");
    assert_eq!(sql::sqlstate(&error.source).as_deref(), Some("23514"));
    // Teacher 0, whom the class needed, has this number already.
    let other = teachers().with(|teacher| teacher.employee_no = "F-0".to_owned());
    let error = classes().parent(other, |_| 1).create(test.db(), 0).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot create row 1 of `teachers`");
}

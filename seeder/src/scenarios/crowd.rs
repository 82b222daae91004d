//! The people who fill a hall.

use entity::access::user;
use seeding_engine::World;

use crate::{
    factories::access::user::Users,
    people::{self, Names},
};

/// `count` visitors who are there for the scenario `scenario` alone.
pub(super) fn crowd(world: &World, scenario: &str, count: u64) -> Vec<user::Model> {
    let space = format!("users/{scenario}");
    let (users, names) = (Users::new(world, &space), Names::new(world, &space));
    let user = |row: u64| {
        let name = names.name(row);
        let email = people::email(&name, 'c', format_args!("{}-{scenario}", row + 1));
        users.row(row, &name, email)
    };
    (0..count).map(user).collect()
}

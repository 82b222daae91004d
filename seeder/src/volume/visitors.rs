//! People who go to festivals, and whom they follow.

use entity::{
    access::user,
    festival::{instructor_follow, musician_follow},
};
use seeding_engine::{World, key};
use uuid::Uuid;

use super::people;
use crate::{
    calendar::instant,
    festival::artists::{INSTRUCTOR_COUNT, MUSICIAN_COUNT, instructor_key, musician_key},
    people::name,
};

pub(super) const VISITORS: u64 = 40;

const SPACE: &str = "users/volume-visitors";

pub(super) fn visitor_key(row: u64) -> Uuid {
    key(SPACE, row)
}

pub(super) fn users(world: &World) -> Vec<user::Model> {
    let user = |row| people::user(world, SPACE, 'v', row, &name(world, SPACE, row));
    (0..VISITORS).map(user).collect()
}

pub(super) fn instructor_follows(world: &World) -> Vec<instructor_follow::Model> {
    follows(world, "instructor_follows/volume", INSTRUCTOR_COUNT, |row, other, days| {
        instructor_follow::Model {
            user_id: visitor_key(row),
            instructor_id: instructor_key(other),
            created_at: instant(world, -days, 12 * 60),
        }
    })
}

pub(super) fn musician_follows(world: &World) -> Vec<musician_follow::Model> {
    follows(world, "musician_follows/volume", MUSICIAN_COUNT, |row, other, days| {
        musician_follow::Model {
            user_id: visitor_key(row),
            musician_id: musician_key(other),
            created_at: instant(world, -days, 13 * 60),
        }
    })
}

/// Up to four out of `count` for every visitor, since some days ago; most follow one or two.
fn follows<T>(
    world: &World,
    space: &str,
    count: usize,
    follow: impl Fn(u64, usize, i64) -> T,
) -> Vec<T> {
    let mut rows = Vec::new();
    for row in 0..VISITORS {
        let mut draw = world.draw(space, "follows", row);
        let followed = *draw.weighted(&[(15, 0), (30, 1), (30, 2), (15, 3), (10, 4)]);
        for other in draw.sample(followed, count) {
            rows.push(follow(row, other, draw.between(1, 39)));
        }
    }
    rows
}

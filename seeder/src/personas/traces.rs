//! What the personas have left behind: preferences, and logins of those who may log in.

use entity::access::{session, user_preference};
use seeding_engine::World;

use super::{PERSONAS, Persona};
use crate::factories::access::{session::Sessions, user_preference::UserPreferences};

pub(super) fn preferences(world: &World) -> Vec<user_preference::Model> {
    let preferences = UserPreferences::new(world, "user_preferences/personas");
    (0..).zip(&PERSONAS).map(|(row, persona)| preferences.row(row, &persona.user(world))).collect()
}

pub(super) fn sessions(world: &World) -> Vec<session::Model> {
    let sessions = Sessions::new(world, "sessions/personas");
    (0..)
        .zip(PERSONAS.iter().filter(|persona| persona.can_log_in()))
        .map(|(row, persona): (u64, &Persona)| sessions.row(row, persona.key()))
        .collect()
}

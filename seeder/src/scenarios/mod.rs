//! Situations to look into, one by one: each brings what it needs beyond the demo rows, and can be
//! removed again without a trace.

mod complex_event;
mod crowd;
mod event_lifecycle;
mod high_engagement;
mod international;
mod notifications;
mod power_user;

use seeding_engine::{Content, Kind, Rows, Seed, World};

use crate::{Password, Settings};

/// Every scenario.
pub fn seeds(settings: &Settings) -> Vec<Seed> {
    let password = settings.persona_password.as_ref();
    vec![
        scenario(
            "scenario.power-user",
            "one account with years of use, several roles and every follow",
            password,
            power_user::rows,
        ),
        scenario(
            "scenario.complex-event",
            "one event with all artists, nine kinds of tickets and a full house",
            password,
            complex_event::rows,
        ),
        scenario(
            "scenario.high-engagement",
            "one event that hundreds attended, reviewed and were told about",
            password,
            high_engagement::rows,
        ),
        scenario(
            "scenario.event-lifecycle",
            "one event in each status, with what visitors make of it",
            password,
            event_lifecycle::rows,
        ),
        scenario(
            "scenario.international",
            "names, languages, zones and currencies that break what was only tried at home",
            password,
            international::rows,
        ),
        scenario(
            "scenario.notifications",
            "inboxes: empty, full, read, unread and of every kind",
            password,
            notifications::rows,
        ),
    ]
}

type MakeScenario = fn(&World, Option<&Password>) -> Vec<Rows>;

fn scenario(
    id: &'static str,
    description: &'static str,
    password: Option<&Password>,
    rows: MakeScenario,
) -> Seed {
    let password = password.cloned();
    Seed {
        id,
        description,
        kind: Kind::Scenario,
        version: 1,
        environments: Kind::Scenario.environments(),
        requires: &["demo.festival"],
        content: Content::rows(move |world| rows(world, password.as_ref())),
    }
}

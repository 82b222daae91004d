//! What users leave behind: preferences, logins, and a log of who did what.

use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use chrono::Duration;
use entity::access::{
    audit_log, session,
    types::{Theme, UserStatus},
    user, user_preference,
};
use sea_orm::entity::prelude::Json;
use seeding_engine::{Draw, World, key};
use serde_json::json;
use uuid::Uuid;

use super::{SPACE, people, visitors};
use crate::{calendar::instant, personas::PERSONAS, school::enrollment_key, system::SYSTEM_USERS};

const AUDIT_LOGS: u64 = 160;

const THEMES: [(u32, Theme); 3] = [(55, Theme::System), (20, Theme::Light), (25, Theme::Dark)];

/// Locale and zone go together.
const PLACES: [(u32, (&str, &str)); 7] = [
    (40, ("en", "UTC")),
    (20, ("en-GB", "Europe/London")),
    (12, ("de-DE", "Europe/Berlin")),
    (10, ("pt-PT", "Europe/Lisbon")),
    (8, ("fr-CA", "America/Toronto")),
    (6, ("ja-JP", "Asia/Tokyo")),
    (4, ("es-CL", "America/Santiago")),
];

const USER_AGENTS: [&str; 5] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
];

/// Everybody who leaves traces, each with a row that another user never takes.
fn users(world: &World) -> Vec<(u64, user::Model)> {
    let personas = PERSONAS.iter().map(|persona| persona.user(world));
    let others = people::users(world).into_iter().chain(visitors::users(world));
    (0..).zip(personas.chain(others)).collect()
}

pub(super) fn preferences(world: &World) -> Vec<user_preference::Model> {
    users(world)
        .into_iter()
        .map(|(row, user)| {
            let mut draw = world.draw("user_preferences/volume", "preference", row);
            let (locale, timezone) = *draw.weighted(&PLACES);
            user_preference::Model {
                id: key("user_preferences/volume", row),
                user_id: user.id,
                theme: *draw.weighted(&THEMES),
                locale: locale.to_owned(),
                timezone: timezone.to_owned(),
                notifications: json!({
                    "email": draw.chance(70),
                    "push": draw.chance(40),
                    "digest": draw.choose(&["daily", "weekly", "never"]),
                }),
                created_at: user.created_at,
                updated_at: user.created_at,
            }
        })
        .collect()
}

/// One to three logins of everybody who may log in; one in six was ended by hand.
pub(super) fn sessions(world: &World) -> Vec<session::Model> {
    let active = users(world).into_iter().filter(|(_, user)| user.status == UserStatus::Active);
    active
        .flat_map(|(row, user)| {
            let count =
                *world.draw("sessions/volume", "count", row).weighted(&[(50, 1), (35, 2), (15, 3)]);
            (0..count).map(move |number| (row * 4 + number, user.id))
        })
        .map(|(row, user)| session(world, row, user))
        .collect()
}

fn session(world: &World, row: u64, user: Uuid) -> session::Model {
    let mut draw = world.draw("sessions/volume", "session", row);
    let since = instant(world, -draw.between(1, 30), draw.between(6 * 60, 22 * 60));
    let revoked_at = since + Duration::minutes(draw.between(1, 90));
    session::Model {
        id: key("sessions/volume", row),
        user_id: user,
        token_hash: token_hash(&mut draw),
        ip: Some(address(&mut draw).into()),
        user_agent: Some((*draw.choose(&USER_AGENTS)).to_owned()),
        expires_at: since + Duration::days(30),
        revoked_at: draw.chance(16).then_some(revoked_at),
        created_at: since,
        updated_at: since,
    }
}

/// Looks like a hash, and no token is known that has it.
fn token_hash(draw: &mut Draw) -> String {
    let mut hash = String::with_capacity(64);
    for _ in 0..32 {
        // Writing to a string cannot fail.
        let _ = write!(hash, "{:02x}", draw.below(256));
    }
    hash
}

/// An address of the documentation networks (RFC 5737, RFC 3849).
fn address(draw: &mut Draw) -> IpAddr {
    let host = u8::try_from(draw.between(1, 254)).unwrap_or(1);
    if draw.chance(20) {
        let mut address = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0).octets();
        address[15] = host;
        return Ipv6Addr::from(address).into();
    }
    let [a, b, c] = *draw.choose(&[[192, 0, 2], [198, 51, 100], [203, 0, 113]]);
    Ipv4Addr::new(a, b, c, host).into()
}

/// Things that the office and the teachers did in the last four weeks.
pub(super) fn audit_logs(world: &World) -> Vec<audit_log::Model> {
    (0..AUDIT_LOGS).map(|row| audit_log(world, row)).collect()
}

fn audit_log(world: &World, row: u64) -> audit_log::Model {
    let mut draw = world.draw("audit_logs/volume", "entry", row);
    let change = change(&mut draw);
    let actor = *draw.choose(&[
        SYSTEM_USERS[1].key(),
        SYSTEM_USERS[2].key(),
        PERSONAS[0].key(),
        key("users/volume-teachers", 0),
    ]);
    audit_log::Model {
        id: key("audit_logs/volume", row),
        actor_id: Some(actor),
        action: change.action.to_owned(),
        entity_type: change.table.to_owned(),
        entity_id: Some(change.row),
        before: change.before,
        after: change.after,
        // One request in four did two things.
        correlation_id: Some(key("requests/volume", row - u64::from(row % 4 == 3))),
        created_at: instant(world, -draw.between(1, 28), draw.between(7 * 60, 19 * 60)),
    }
}

struct Change {
    action: &'static str,
    table: &'static str,
    row: Uuid,
    before: Option<Json>,
    after: Option<Json>,
}

fn change(draw: &mut Draw) -> Change {
    let student = draw.below(people::enrolled().end);
    match draw.below(100) {
        0..40 => Change {
            action: "enrollment.create",
            table: "enrollments",
            row: enrollment_key(SPACE, student * 5),
            before: None,
            after: Some(json!({ "status": "active" })),
        },
        40..65 => Change {
            action: "student.update",
            table: "students",
            row: people::student_key(student),
            before: Some(json!({ "grade_level": people::grade(student) - 1 })),
            after: Some(json!({ "grade_level": people::grade(student) })),
        },
        65..85 => Change {
            action: "user.suspend",
            table: "users",
            row: visitors::visitor_key(draw.below(visitors::VISITORS)),
            before: Some(json!({ "status": "active" })),
            after: Some(json!({ "status": "suspended" })),
        },
        _ => Change {
            action: "session.revoke",
            table: "sessions",
            row: key("sessions/volume", 0),
            before: None,
            after: None,
        },
    }
}

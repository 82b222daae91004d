//! One account with years of use: for long lists, many devices, and more than one role.

use chrono::Duration;
use entity::{
    access::types::UserStatus,
    festival::{
        instructor_follow, musician_follow, saved_event,
        types::{EventAttendanceStatus, EventStatus, NotificationKind},
    },
    prelude::{
        AuditLog, EventAttendance, InstructorFollow, MusicianFollow, Notification, Review,
        SavedEvent, Session, UserPreference, UserRole,
    },
};
use seeding_engine::{Rows, World};
use serde_json::json;

use crate::{
    Password, account,
    calendar::instant,
    factories::{
        access::{
            audit_log::{AuditLogs, Change},
            session::Sessions,
            user_preference::UserPreferences,
        },
        festival::{
            event_attendance::EventAttendances, notification::Notifications, review::Reviews,
        },
    },
    festival::{
        artists::{instructor_keys, musician_keys},
        programme::base,
    },
    personas::{Persona, accounts},
};

const POWER_USER: Persona = Persona {
    name: "percy.power",
    full_name: "Percy Holloway",
    role: Some("TEACHER"),
    status: UserStatus::Active,
    about: "has used everything for years",
};

const SESSIONS: u64 = 60;
const AUDIT_LOGS: u64 = 240;
const NOTIFICATIONS: u64 = 180;

pub(super) fn rows(world: &World, password: Option<&Password>) -> Vec<Rows> {
    let user = POWER_USER.user(world);
    let roles = ["TEACHER", "PARENT", "ADMIN"].map(|role| account::holds(&user, role));
    let preferences = UserPreferences::new(world, "user_preferences/power-user");
    let sessions = Sessions::new(world, "sessions/power-user");
    let mut rows = vec![
        accounts(world, &[POWER_USER], password),
        Rows::of::<UserRole>(roles).filled(),
        Rows::of::<UserPreference>([preferences.row(0, &user)]).filled(),
        Rows::of::<Session>((0..SESSIONS).map(|row| sessions.row(row, user.id))).filled(),
        audit_logs(world),
    ];
    rows.extend(follows(world));
    rows.extend(events(world));
    rows
}

/// What the account has done in the office.
fn audit_logs(world: &World) -> Rows {
    let logs = AuditLogs::new(world, "audit_logs/power-user");
    let log = |row| {
        let (action, locale) =
            if row % 2 == 0 { ("user.log-in", "en") } else { ("preference.update", "pt-PT") };
        let change = Change {
            action,
            table: "users",
            row: POWER_USER.key(),
            before: None,
            after: Some(json!({ "locale": locale, "number": row })),
        };
        logs.row(row, POWER_USER.key(), change)
    };
    Rows::of::<AuditLog>((0..AUDIT_LOGS).map(log)).filled()
}

fn follows(world: &World) -> Vec<Rows> {
    let (user_id, created_at) = (POWER_USER.key(), instant(world, -100, 0));
    let instructors = instructor_keys().into_iter();
    let instructors = instructors.map(|instructor_id| instructor_follow::Model {
        user_id,
        instructor_id,
        created_at,
    });
    let musicians = musician_keys().into_iter();
    let musicians =
        musicians.map(|musician_id| musician_follow::Model { user_id, musician_id, created_at });
    vec![
        Rows::of::<InstructorFollow>(instructors).filled(),
        Rows::of::<MusicianFollow>(musicians).filled(),
    ]
}

/// The account has something to do with every event of the base that visitors can see.
fn events(world: &World) -> Vec<Rows> {
    let (user, shows) = (POWER_USER.key(), base(world));
    let attendances = EventAttendances::new("event_attendances/power-user");
    let reviews = Reviews::new(world, "reviews/power-user");
    let notifications = Notifications::new(world, "notifications/power-user");
    let open: Vec<_> = shows.iter().filter(|show| show.status != EventStatus::Draft).collect();
    let over = |status| matches!(status, EventStatus::Completed | EventStatus::Archived);
    let attended = open.iter().map(|show| {
        let status = if over(show.status) {
            EventAttendanceStatus::Attended
        } else {
            EventAttendanceStatus::Going
        };
        attendances.row(show.row, show, user, status, show.announced_at + Duration::hours(1))
    });
    let reviewed = open.iter().filter(|show| over(show.status));
    let told = (0..NOTIFICATIONS).zip(open.iter().cycle()).map(|(row, show)| {
        let at = instant(world, -row.cast_signed() - 1, 9 * 60);
        notifications.row(row, NotificationKind::EventChanged, show, user, at)
    });
    let saved = open.iter().map(|show| saved_event::Model {
        user_id: user,
        event_id: show.key(),
        created_at: show.announced_at,
    });
    vec![
        Rows::of::<EventAttendance>(attended).filled(),
        Rows::of::<Review>(reviewed.map(|show| reviews.row(show.row, show, user))).filled(),
        Rows::of::<SavedEvent>(saved).filled(),
        Rows::of::<Notification>(told).filled(),
    ]
}

//! What visitors do with events: keep them in mind, come, review, and be told.

use chrono::{DateTime, Duration, Utc};
use entity::festival::{
    event_attendance, notification, review, saved_event,
    types::{EventAttendanceStatus, EventStatus, NotificationKind},
};
use seeding_engine::{World, key};
use serde_json::json;
use uuid::Uuid;

use super::visitors::{VISITORS, visitor_key};
use crate::{calendar::instant, festival::programme::Show};

/// How many stars out of a hundred reviews: those who did not like it rarely say so.
const RATINGS: [(u32, i16); 5] = [(44, 5), (34, 4), (13, 3), (6, 2), (3, 1)];

const PRAISE: [&str; 5] = [
    "The band played until my shoes gave up.",
    "Friendly people, a smooth floor and good coffee.",
    "The best class that I took this year.",
    "We danced on the way home.",
    "Well organised from the first mail to the last song.",
];

const COMPLAINTS: [&str; 4] = [
    "Too full to dance before midnight.",
    "The sound was poor at the back of the hall.",
    "The timetable changed twice without a word.",
    "Nice music, long queue.",
];

/// A visitor and an event that have something to do with each other.
pub(super) struct Plan<'a> {
    /// Its row, for the keys of all that follows from it.
    row: u64,
    user: Uuid,
    show: &'a Show,
    saved: bool,
    attendance: Option<EventAttendanceStatus>,
    since: DateTime<Utc>,
}

/// Between two and eight events for each visitor; drafts are seen by their editors alone.
pub(super) fn plans<'a>(world: &World, shows: &'a [Show]) -> Vec<Plan<'a>> {
    let mut plans = Vec::new();
    for visitor in 0..VISITORS {
        let mut draw = world.draw("engagement/volume", "events", visitor);
        let events = usize::try_from(draw.between(2, 8)).unwrap_or_default();
        let chosen = draw.sample(events, shows.len());
        let chosen = chosen.into_iter().filter(|index| shows[*index].status != EventStatus::Draft);
        plans.extend(chosen.map(|index| plan(world, visitor, &shows[index], index as u64)));
    }
    plans
}

fn plan<'a>(world: &World, visitor: u64, show: &'a Show, index: u64) -> Plan<'a> {
    use EventAttendanceStatus::{Attended, Going, Interested};
    let row = visitor * 1_000 + index;
    let mut draw = world.draw("engagement/volume", "plan", row);
    let attendance = *match show.status {
        EventStatus::Completed | EventStatus::Archived => {
            draw.weighted(&[(70, Some(Attended)), (15, Some(Interested)), (15, None)])
        }
        _ => draw.weighted(&[(45, Some(Going)), (35, Some(Interested)), (20, None)]),
    };
    // Nobody plans before the event is known, or after today.
    let since = show.announced_at + Duration::hours(draw.between(1, 30 * 24));
    Plan {
        row,
        user: visitor_key(visitor),
        show,
        saved: attendance.is_none() || draw.chance(30),
        attendance,
        since: since.min(instant(world, 0, 0)),
    }
}

pub(super) fn saved(plans: &[Plan<'_>]) -> Vec<saved_event::Model> {
    plans
        .iter()
        .filter(|plan| plan.saved)
        .map(|plan| saved_event::Model {
            user_id: plan.user,
            event_id: plan.show.key(),
            created_at: plan.since,
        })
        .collect()
}

pub(super) fn attendances(plans: &[Plan<'_>]) -> Vec<event_attendance::Model> {
    plans
        .iter()
        .filter_map(|plan| {
            Some(event_attendance::Model {
                id: key("event_attendances/volume", plan.row),
                event_id: plan.show.key(),
                user_id: plan.user,
                status: plan.attendance?,
                created_at: plan.since,
                updated_at: plan.since,
            })
        })
        .collect()
}

/// Three in five of those who came say how it was, most of them in words.
pub(super) fn reviews(world: &World, plans: &[Plan<'_>]) -> Vec<review::Model> {
    let came = |plan: &&Plan<'_>| plan.attendance == Some(EventAttendanceStatus::Attended);
    plans.iter().filter(came).filter_map(|plan| review(world, plan)).collect()
}

fn review(world: &World, plan: &Plan<'_>) -> Option<review::Model> {
    let mut draw = world.draw("reviews/volume", "review", plan.row);
    if !draw.chance(60) {
        return None;
    }
    let rating = *draw.weighted(&RATINGS);
    let words: &[&str] = if rating > 3 { &PRAISE } else { &COMPLAINTS };
    let body = draw.chance(80).then(|| (*draw.choose(words)).to_owned());
    let after = plan.show.starts_at + Duration::hours(plan.show.hours + draw.between(2, 72));
    let since = after.min(instant(world, 0, 0));
    Some(review::Model {
        id: key("reviews/volume", plan.row),
        event_id: plan.show.key(),
        user_id: plan.user,
        rating,
        body,
        created_at: since,
        updated_at: since,
    })
}

/// Each plan brings one notification, which three in five have read.
pub(super) fn notifications(world: &World, plans: &[Plan<'_>]) -> Vec<notification::Model> {
    plans
        .iter()
        .map(|plan| {
            let mut draw = world.draw("notifications/volume", "notification", plan.row);
            let at = plan.since;
            let read_at = at + Duration::minutes(draw.between(5, 2 * 24 * 60));
            let read_at = read_at.min(instant(world, 0, 0));
            notification::Model {
                id: key("notifications/volume", plan.row),
                user_id: plan.user,
                kind: kind(plan, draw.chance(20)),
                payload: json!({ "event_id": plan.show.key(), "event_title": plan.show.title }),
                read_at: draw.chance(60).then_some(read_at),
                created_at: at,
                updated_at: at,
            }
        })
        .collect()
}

fn kind(plan: &Plan<'_>, changed: bool) -> NotificationKind {
    match (plan.show.status, plan.attendance) {
        (EventStatus::Cancelled, _) => NotificationKind::EventCancelled,
        _ if changed => NotificationKind::EventChanged,
        (_, Some(EventAttendanceStatus::Going | EventAttendanceStatus::Attended)) => {
            NotificationKind::EventReminder
        }
        _ => NotificationKind::EventPublished,
    }
}

//! People who go to festivals: whom they follow, and what they do with events.

use std::ops::Range;

use chrono::{DateTime, Duration, Utc};
use entity::{
    access::user,
    festival::{
        event_attendance, instructor_follow, musician_follow, notification, review, saved_event,
        types::{EventAttendanceStatus, EventStatus, NotificationKind},
    },
};
use seeding_engine::{Draw, Stream, World, draw::distribution::Zipf};
use uuid::Uuid;

use super::{
    cell::Number,
    festival::{EVENT_STRIDE, Festival},
    popular,
};
use crate::{
    calendar::instant,
    factories::{
        access::user::Users,
        festival::{
            event::Show, event_attendance::EventAttendances, notification::Notifications,
            review::Reviews,
        },
    },
    people::{self, Names},
};

pub(super) const VISITORS: u64 = 40;

/// How many rows a cell has for visitors, and for what each has to do with each event.
pub(super) const VISITOR_STRIDE: u64 = 64;
pub(super) const PLAN_STRIDE: u64 = VISITOR_STRIDE * EVENT_STRIDE;

/// The visitors of the festivals.
pub(super) struct Visitors {
    world: World,
    pub(super) users: Users,
    pub(super) attendances: EventAttendances,
    pub(super) reviews: Reviews,
    pub(super) notifications: Notifications,
    names: Names,
    instructors: Stream,
    musicians: Stream,
    events: Stream,
    plan: Stream,
    told: Stream,
    fame: Zipf,
    demand: Zipf,
}

/// A visitor and an event that have something to do with each other.
struct Plan<'a> {
    /// Its row, for the keys of all that follows from it.
    row: u64,
    user: Uuid,
    show: &'a Show,
    saved: bool,
    attendance: Option<EventAttendanceStatus>,
    since: DateTime<Utc>,
}

impl Visitors {
    pub(super) fn new(world: &World) -> Self {
        Self {
            world: *world,
            users: Users::new(world, "users/volume-visitors"),
            attendances: EventAttendances::new("event_attendances/volume"),
            reviews: Reviews::new(world, "reviews/volume"),
            notifications: Notifications::new(world, "notifications/volume"),
            names: Names::new(world, "users/volume-visitors"),
            instructors: world.stream("instructor_follows/volume", "follows"),
            musicians: world.stream("musician_follows/volume", "follows"),
            events: world.stream("engagement/volume", "events"),
            plan: world.stream("engagement/volume", "plan"),
            told: world.stream("notifications/volume", "kind"),
            fame: Zipf::new(12, 2),
            demand: Zipf::new(24, 1),
        }
    }

    pub(super) fn users(&self, cell: u64) -> Vec<user::Model> {
        let user = |local| {
            let row = cell * VISITOR_STRIDE + local;
            let name = self.names.name(row);
            self.users.row(row, &name, people::email(&name, 'v', Number::new(cell, local)))
        };
        (0..VISITORS).map(user).collect()
    }

    pub(super) fn instructor_follows(
        &self,
        festival: &Festival,
        cell: u64,
    ) -> Vec<instructor_follow::Model> {
        let known = festival.known_instructors(cell);
        self.follows(self.instructors, cell, &known, |user_id, instructor_id, created_at| {
            instructor_follow::Model { user_id, instructor_id, created_at }
        })
    }

    pub(super) fn musician_follows(
        &self,
        festival: &Festival,
        cell: u64,
    ) -> Vec<musician_follow::Model> {
        let known = festival.known_musicians(cell);
        self.follows(self.musicians, cell, &known, |user_id, musician_id, created_at| {
            musician_follow::Model { user_id, musician_id, created_at }
        })
    }

    /// Up to four of `known` for every visitor, since some days ago; most follow one or two.
    fn follows<T>(
        &self,
        stream: Stream,
        cell: u64,
        known: &[Uuid],
        follow: impl Fn(Uuid, Uuid, DateTime<Utc>) -> T,
    ) -> Vec<T> {
        let mut rows = Vec::new();
        for row in rows_of(cell) {
            let mut draw = stream.at(row);
            let count = *draw.weighted(&[(15, 0), (30, 1), (30, 2), (15, 3), (10, 4)]);
            for at in popular::some(&mut draw, &self.fame, count, known.len()) {
                let since = instant(&self.world, -draw.between(1, 39), 12 * 60);
                rows.push(follow(self.users.key(row), known[at], since));
            }
        }
        rows
    }

    /// Between two and eight of `shows` for each visitor; drafts are seen by their editors alone.
    fn plans<'a>(&self, cell: u64, shows: &'a [Show]) -> Vec<Plan<'a>> {
        let mut plans = Vec::new();
        for visitor in rows_of(cell) {
            let mut draw = self.events.at(visitor);
            let count = usize::try_from(draw.between(2, 8)).unwrap_or_default();
            let ranks = popular::some(&mut draw, &self.demand, count, shows.len());
            // What is popular is spread over the season.
            let mut chosen: Vec<_> = ranks.iter().map(|rank| rank * 7 % shows.len()).collect();
            chosen.sort_unstable();
            let open = chosen.iter().filter(|at| shows[**at].status != EventStatus::Draft);
            plans.extend(open.map(|at| {
                self.plan(visitor * EVENT_STRIDE + *at as u64, self.users.key(visitor), &shows[*at])
            }));
        }
        plans
    }

    fn plan<'a>(&self, row: u64, user: Uuid, show: &'a Show) -> Plan<'a> {
        let mut draw = self.plan.at(row);
        let attendance = attendance(&mut draw, show.status);
        // Nobody plans before the event is known, or after today.
        let since = show.announced_at + Duration::hours(draw.between(1, 30 * 24));
        Plan {
            row,
            user,
            show,
            saved: attendance.is_none() || draw.chance(30),
            attendance,
            since: since.min(instant(&self.world, 0, 0)),
        }
    }

    pub(super) fn saved(&self, festival: &Festival, cell: u64) -> Vec<saved_event::Model> {
        let shows = festival.shows(cell);
        let saved = self.plans(cell, &shows).into_iter().filter(|plan| plan.saved);
        saved
            .map(|plan| saved_event::Model {
                user_id: plan.user,
                event_id: plan.show.key(),
                created_at: plan.since,
            })
            .collect()
    }

    pub(super) fn attendances(
        &self,
        festival: &Festival,
        cell: u64,
    ) -> Vec<event_attendance::Model> {
        let shows = festival.shows(cell);
        let plans = self.plans(cell, &shows).into_iter();
        plans
            .filter_map(|plan| {
                let status = plan.attendance?;
                Some(self.attendances.row(plan.row, plan.show, plan.user, status, plan.since))
            })
            .collect()
    }

    pub(super) fn reviews(&self, festival: &Festival, cell: u64) -> Vec<review::Model> {
        let shows = festival.shows(cell);
        let came = |plan: &Plan<'_>| plan.attendance == Some(EventAttendanceStatus::Attended);
        let plans = self.plans(cell, &shows).into_iter().filter(came);
        plans
            .filter(|plan| self.reviews.is_written(plan.row))
            .map(|plan| self.reviews.row(plan.row, plan.show, plan.user))
            .collect()
    }

    /// Each plan brings one notification.
    pub(super) fn notifications(&self, festival: &Festival, cell: u64) -> Vec<notification::Model> {
        let shows = festival.shows(cell);
        let plans = self.plans(cell, &shows).into_iter();
        plans
            .map(|plan| {
                let kind = kind(&plan, &mut self.told.at(plan.row));
                self.notifications.row(plan.row, kind, plan.show, plan.user, plan.since)
            })
            .collect()
    }
}

/// The rows of the visitors of `cell`.
fn rows_of(cell: u64) -> Range<u64> {
    let first = cell * VISITOR_STRIDE;
    first..first + VISITORS
}

fn attendance(draw: &mut Draw, status: EventStatus) -> Option<EventAttendanceStatus> {
    use EventAttendanceStatus::{Attended, Going, Interested};
    *match status {
        EventStatus::Completed | EventStatus::Archived => {
            draw.weighted(&[(70, Some(Attended)), (15, Some(Interested)), (15, None)])
        }
        _ => draw.weighted(&[(45, Some(Going)), (35, Some(Interested)), (20, None)]),
    }
}

fn kind(plan: &Plan<'_>, draw: &mut Draw) -> NotificationKind {
    match (plan.show.status, plan.attendance) {
        (EventStatus::Cancelled, _) => NotificationKind::EventCancelled,
        _ if draw.chance(20) => NotificationKind::EventChanged,
        (_, Some(EventAttendanceStatus::Going | EventAttendanceStatus::Attended)) => {
            NotificationKind::EventReminder
        }
        _ => NotificationKind::EventPublished,
    }
}

//! The schema's history: one file a migration, oldest first.
//!
//! This is a stock SeaORM migrator, so `sea-orm-cli migrate` works on it as well as the `migration` command. A
//! file that was released never changes, and none of them imports the entities: they show today's schema, while a
//! migration speaks of the day it was written.
//!
//! Lines such as `//! depends-on: …` at the top of a file are read by the `migration` command.
//!
//! `sea-orm-cli migrate generate` rewrites the list below, and takes it to reach to the last line that ends with a
//! square bracket: keep tests and attributes out of the end of this file.

#![expect(
    clippy::doc_markdown,
    reason = "the header lines are for a program, which wants bare names"
)]
#![expect(unreachable_pub, reason = "`sea-orm-cli migrate generate` writes `pub struct Migration`")]

pub use sea_orm_migration::prelude::*;

#[cfg(feature = "project")]
pub mod explain;
#[cfg(feature = "project")]
pub mod project;

mod m20260112_090000_access;
mod m20260126_101500_audit;
mod m20260209_143000_sessions_and_preferences;
mod m20260223_084500_school_people;
mod m20260309_093000_school_classes;
mod m20260323_111500_school_records;
mod m20260413_100000_festival_catalogue;
mod m20260427_134500_festival_programme;
mod m20260511_091500_festival_social;
mod m20260601_090000_add_users_display_name;
mod m20260601_091000_fill_users_display_name;
mod m20260615_090000_require_users_display_name;
mod m20260706_073000_index_unread_notifications;
mod m20260817_101000_enrollment_waitlist;

/// The migrations of this schema.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260112_090000_access::Migration),
            Box::new(m20260126_101500_audit::Migration),
            Box::new(m20260209_143000_sessions_and_preferences::Migration),
            Box::new(m20260223_084500_school_people::Migration),
            Box::new(m20260309_093000_school_classes::Migration),
            Box::new(m20260323_111500_school_records::Migration),
            Box::new(m20260413_100000_festival_catalogue::Migration),
            Box::new(m20260427_134500_festival_programme::Migration),
            Box::new(m20260511_091500_festival_social::Migration),
            Box::new(m20260601_090000_add_users_display_name::Migration),
            Box::new(m20260601_091000_fill_users_display_name::Migration),
            Box::new(m20260615_090000_require_users_display_name::Migration),
            Box::new(m20260706_073000_index_unread_notifications::Migration),
            Box::new(m20260817_101000_enrollment_waitlist::Migration),
        ]
    }
}

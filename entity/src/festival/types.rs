//! The enumerations of this domain; each is a type of the same name in PostgreSQL.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Where an event is in its life.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    DeriveDisplay,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "Enum",
    enum_name = "event_status",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// Is being prepared and seen by its editors alone.
    Draft,
    /// Can be seen and attended.
    Published,
    /// Will not take place.
    Cancelled,
    /// Has taken place.
    Completed,
    /// Is kept for the record and listed no more.
    Archived,
}

/// What a user has to do with an event.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    DeriveDisplay,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "Enum",
    enum_name = "event_attendance_status",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum EventAttendanceStatus {
    /// Would like to come.
    Interested,
    /// Will come.
    Going,
    /// Was there.
    Attended,
}

/// What a notification tells.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    DeriveDisplay,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "Enum",
    enum_name = "notification_kind",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// An event of somebody whom the user follows was published.
    EventPublished,
    /// An event that the user attends or saved has a new time or place.
    EventChanged,
    /// An event that the user attends or saved was cancelled.
    EventCancelled,
    /// An event that the user attends starts soon.
    EventReminder,
    /// An event that the user attended is over and waits for a review.
    ReviewRequested,
}

#[cfg(test)]
mod tests {
    use sea_orm::{ActiveEnum, Iterable};

    use super::*;

    #[test]
    fn json_and_the_database_use_the_same_words() -> serde_json::Result<()> {
        for kind in NotificationKind::iter() {
            assert_eq!(NotificationKind::try_from_value(&kind.to_value()), Ok(kind));
            assert_eq!(serde_json::to_value(kind)?, kind.to_value());
        }
        Ok(())
    }
}

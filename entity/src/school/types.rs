//! The enumerations of this domain; each is a type of the same name in PostgreSQL.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Where a student stands with the school.
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
    enum_name = "student_status",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum StudentStatus {
    /// Attends the school.
    Active,
    /// Is away for a while and keeps the place.
    OnLeave,
    /// Has finished the school.
    Graduated,
    /// Has left before finishing.
    Withdrawn,
}

/// What a guardian is to a student.
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
    enum_name = "guardian_relationship",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum GuardianRelationship {
    /// The mother.
    Mother,
    /// The father.
    Father,
    /// A grandparent.
    Grandparent,
    /// A grown-up sister or brother.
    Sibling,
    /// A guardian by order of a court or an authority.
    LegalGuardian,
    /// Anybody else whom the family has named.
    Other,
}

/// How far an enrollment has come.
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
    enum_name = "enrollment_status",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum EnrollmentStatus {
    /// Waits for a place in the class.
    Waitlisted,
    /// Takes part in the class.
    Active,
    /// Has finished the class.
    Completed,
    /// Has left the class before its end.
    Withdrawn,
}

/// A day of the week, in the order of ISO 8601.
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
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "weekday", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

/// What an exam is for.
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
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "exam_kind", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ExamKind {
    /// A short test within a term.
    Quiz,
    /// The exam in the middle of a term.
    Midterm,
    /// The exam at the end of a term.
    Final,
    /// Graded work over several weeks.
    Project,
}

/// Whether a student was in class.
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
    enum_name = "attendance_status",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum AttendanceStatus {
    /// Was there from the start.
    Present,
    /// Was missing without an excuse.
    Absent,
    /// Came after the start.
    Late,
    /// Was missing with an excuse.
    Excused,
}

#[cfg(test)]
mod tests {
    use sea_orm::{ActiveEnum, Iterable};

    use super::*;

    #[test]
    fn json_and_the_database_use_the_same_words() -> serde_json::Result<()> {
        for status in StudentStatus::iter() {
            assert_eq!(StudentStatus::try_from_value(&status.to_value()), Ok(status));
            assert_eq!(serde_json::to_value(status)?, status.to_value());
        }
        Ok(())
    }
}

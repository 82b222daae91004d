//! Students in classes.

use chrono::{NaiveDate, NaiveTime};
use entity::school::{enrollment, types::EnrollmentStatus};
use uuid::Uuid;

use super::class::Class;

/// A student in a class. It knows its row, so that attendance and results find their own keys
/// without a lookup.
pub(crate) struct Enrollment<'a> {
    pub(crate) key: Uuid,
    pub(crate) row: u64,
    pub(crate) class: &'a Class,
    pub(crate) student: Uuid,
    /// The percentage that the student reaches in an ordinary exam.
    pub(crate) ability: i64,
    pub(crate) status: EnrollmentStatus,
    pub(crate) from: NaiveDate,
    pub(crate) until: Option<NaiveDate>,
}

impl Enrollment<'_> {
    /// Whether the student takes part in the class today.
    pub(crate) fn is_active(&self) -> bool {
        self.status == EnrollmentStatus::Active
    }

    pub(crate) fn model(&self) -> enrollment::Model {
        let since = self.from.and_time(NaiveTime::MIN).and_utc();
        enrollment::Model {
            id: self.key,
            student_id: self.student,
            class_id: self.class.key(),
            status: self.status,
            enrolled_on: self.from,
            ended_on: self.until,
            created_at: since,
            updated_at: since,
        }
    }
}

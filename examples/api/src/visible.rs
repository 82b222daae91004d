//! Which students a user sees: whoever runs the school sees all, the others those whom they have to do with.
//!
//! `STUDENT_READ` opens the door, for five roles; this decides what is behind it for each of them.

use entity::{
    access::{role, user_role},
    prelude::{Enrollment, StudentGuardian, UserRole},
    school::{
        class, enrollment, guardian, student, student_guardian, teacher, types::EnrollmentStatus,
    },
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _,
    JoinType::InnerJoin,
    QueryFilter as _, QuerySelect as _, QueryTrait as _, RelationTrait as _,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

/// The roles that run the school.
const SEE_ALL: [&str; 2] = ["SUPERADMIN", "ADMIN"];

/// The students whom `user` may see, as a filter.
pub(crate) fn to(user: Uuid) -> Condition {
    Condition::any()
        .add(Expr::exists(runs_the_school(user)))
        .add(student::COLUMN.user_id.eq(user))
        .add(student::Column::Id.in_subquery(children(user)))
        .add(student::Column::Id.in_subquery(taught(user)))
}

fn runs_the_school(user: Uuid) -> SelectStatement {
    UserRole::find()
        .select_only()
        .column(user_role::Column::UserId)
        .join(InnerJoin, user_role::Relation::Role.def())
        .filter(user_role::COLUMN.user_id.eq(user))
        .filter(role::COLUMN.name.is_in(SEE_ALL))
        .into_query()
}

fn children(user: Uuid) -> SelectStatement {
    StudentGuardian::find()
        .select_only()
        .column(student_guardian::Column::StudentId)
        .join(InnerJoin, student_guardian::Relation::Guardian.def())
        .filter(guardian::COLUMN.user_id.eq(user))
        .into_query()
}

fn taught(user: Uuid) -> SelectStatement {
    Enrollment::find()
        .select_only()
        .column(enrollment::Column::StudentId)
        .join(InnerJoin, enrollment::Relation::Class.def())
        .join(InnerJoin, class::Relation::Teacher.def())
        .filter(enrollment::COLUMN.status.eq(EnrollmentStatus::Active))
        .filter(teacher::COLUMN.user_id.eq(user))
        .into_query()
}

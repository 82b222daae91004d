//! The students of the school, for those whose role lets them: `/students` and `/students/{id}`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::IntoResponse,
};
use chrono::NaiveDate;
use entity::{prelude::Student, school::student};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Api,
    page::{Listing, Page},
    permission::{Allowed, StudentCreate, StudentRead},
    problem::{FieldError, Problem},
    visible,
};

const FIRST_BIRTH_DATE: NaiveDate =
    NaiveDate::from_ymd_opt(1900, 1, 1).expect("the day is in the calendar");
const MAX_NAME_CHARS: usize = 200;

/// Lists the students whom the caller may see, by name.
pub(crate) async fn list(
    caller: Allowed<StudentRead>,
    State(api): State<Arc<Api>>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Listing<student::Model>>, Problem> {
    let Query(page) = page?;
    let students = Student::find()
        .filter(visible::to(caller.user))
        .order_by_asc(student::COLUMN.family_name)
        .order_by_asc(student::COLUMN.given_name)
        .order_by_asc(student::COLUMN.id)
        .paginate(&api.db, page.size().into());
    Ok(Json(page.read(students).await?))
}

/// Shows one student; one whom the caller may not see does not exist for the caller.
pub(crate) async fn show(
    caller: Allowed<StudentRead>,
    State(api): State<Arc<Api>>,
    id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<student::Model>, Problem> {
    let Path(id) = id?;
    let student = Student::find_by_id(id).filter(visible::to(caller.user)).one(&api.db).await?;
    let student =
        student.ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "there is no such student"))?;
    Ok(Json(student))
}

/// Adds a student.
pub(crate) async fn create(
    _: Allowed<StudentCreate>,
    State(api): State<Arc<Api>>,
    body: Result<Json<NewStudent>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(new) = body?;
    let errors = new.errors(api.clock.now().date_naive());
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let student = student::ActiveModel::from(new).insert(&api.db).await?;
    let location = [(header::LOCATION, format!("/students/{}", student.id))];
    Ok((StatusCode::CREATED, location, Json(student)))
}

/// What a client says of a student who is new.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStudent {
    student_no: String,
    given_name: String,
    family_name: String,
    birth_date: NaiveDate,
    grade_level: i16,
}

impl NewStudent {
    /// Every rule that is broken, so that one answer tells all.
    fn errors(&self, today: NaiveDate) -> Vec<FieldError> {
        let is_name = |text: &str| {
            !text.trim().is_empty()
                && text.chars().count() <= MAX_NAME_CHARS
                && !text.chars().any(char::is_control)
        };
        let one_line = "must be one line of 1 to 200 characters";
        let rules = [
            ("student_no", is_name(&self.student_no), one_line),
            ("given_name", is_name(&self.given_name), one_line),
            ("family_name", is_name(&self.family_name), one_line),
            (
                "birth_date",
                (FIRST_BIRTH_DATE..=today).contains(&self.birth_date),
                "must be between 1900-01-01 and today",
            ),
            ("grade_level", (1..=12).contains(&self.grade_level), "must be between 1 and 12"),
        ];
        let broken = rules.into_iter().filter(|(_, holds, _)| !holds);
        broken.map(|(field, _, detail)| FieldError { field, detail }).collect()
    }
}

impl From<NewStudent> for student::ActiveModel {
    fn from(new: NewStudent) -> Self {
        Self {
            student_no: Set(new.student_no.trim().to_owned()),
            given_name: Set(new.given_name.trim().to_owned()),
            family_name: Set(new.family_name.trim().to_owned()),
            birth_date: Set(new.birth_date),
            grade_level: Set(new.grade_level),
            ..Default::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();

    fn student() -> NewStudent {
        NewStudent {
            student_no: "S-1".to_owned(),
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
            birth_date: NaiveDate::from_ymd_opt(2015, 12, 10).unwrap(),
            grade_level: 5,
        }
    }

    fn broken(new: &NewStudent) -> Vec<&'static str> {
        new.errors(TODAY).into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn the_bounds_themselves_are_accepted() {
        for (grade_level, birth_date) in [(1, TODAY), (12, FIRST_BIRTH_DATE)] {
            assert!(broken(&NewStudent { birth_date, grade_level, ..student() }).is_empty());
        }
    }

    #[test]
    fn every_broken_rule_is_told_at_once() {
        let new = NewStudent {
            student_no: " ".to_owned(),
            given_name: "A\0".to_owned(),
            family_name: "x".repeat(MAX_NAME_CHARS + 1),
            birth_date: TODAY.succ_opt().unwrap(),
            grade_level: 13,
        };
        let all = ["student_no", "given_name", "family_name", "birth_date", "grade_level"];
        assert_eq!(broken(&new), all);
    }
}

//! Why the server refused rows, in a form that leads to whoever made them.

use sea_orm::{DbErr, RuntimeErr};
use sqlx::postgres::PgDatabaseError;

/// The server's refusal of rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default())]
pub struct Refusal {
    /// What kind of refusal it is.
    pub kind: RefusalKind,
    /// The SQLSTATE.
    pub code: String,
    /// What the server said.
    pub message: String,
    /// What it said besides, such as the value that is there twice.
    pub detail: Option<String>,
    /// Where it was: the line and the column of the COPY.
    pub place: Option<String>,
    /// The constraint that does not hold.
    pub constraint: Option<String>,
    /// The column.
    pub column: Option<String>,
}

/// What kind of rule rows have broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// A value is there twice, or overlaps another.
    NotUnique,
    /// A CHECK does not hold.
    Check,
    /// A value is missing.
    Missing,
    /// A row refers to one that is not there.
    ForeignKey,
    /// A value is none of the column's type, or too large for it.
    Value,
    /// The role may not do this.
    Permission,
    /// Disk, memory or connections have run out.
    Resources,
    /// The statement was cancelled, waited too long for a lock, or the server is going away.
    Interrupted,
    /// Anything else.
    Other,
}

impl Refusal {
    /// What the server said, if it was the server.
    pub(crate) fn of(error: &sqlx::Error) -> Option<Box<Self>> {
        let said = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Some(Box::new(Self {
            kind: RefusalKind::of(said.code()),
            code: said.code().to_owned(),
            message: said.message().to_owned(),
            detail: owned(said.detail()),
            place: owned(said.r#where()),
            constraint: owned(said.constraint()),
            column: owned(said.column()),
        }))
    }

    /// What the server said to SeaORM, if it was the server.
    pub(crate) fn of_orm(error: &DbErr) -> Option<Box<Self>> {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::of(error),
            _ => None,
        }
    }
}

impl RefusalKind {
    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    fn of(code: &str) -> Self {
        match code {
            "23505" | "23P01" => Self::NotUnique,
            "23514" | "44000" => Self::Check,
            "23502" => Self::Missing,
            "23503" => Self::ForeignKey,
            "42501" => Self::Permission,
            "55P03" | "40P01" | "40001" => Self::Interrupted,
            _ => match code.get(..2) {
                Some("22") => Self::Value,
                Some("53") => Self::Resources,
                Some("57") => Self::Interrupted,
                _ => Self::Other,
            },
        }
    }
}

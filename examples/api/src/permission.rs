//! Which permissions the API asks for, and how it checks them.
//!
//! A handler that takes `Allowed` cannot run without the permission that it names. The codes are those of the role
//! matrix; who holds them is decided in the database and can change between two requests.

use std::{marker::PhantomData, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use chrono::{DateTime, Utc};
use entity::{
    access::{permission, role_permission, session, types::UserStatus, user, user_role},
    prelude::{Session, UserRole},
};
use sea_orm::{
    ColumnTrait as _, DatabaseConnection, DbErr, EntityTrait as _,
    JoinType::InnerJoin,
    QueryFilter as _, QuerySelect as _, QueryTrait as _, RelationTrait as _,
    sea_query::{Expr, ExprTrait as _, SelectStatement},
};
use uuid::Uuid;

use crate::{Api, problem::Problem, token};

/// A permission that a handler can ask for.
pub trait Permission {
    /// The permission's code in the role matrix.
    const CODE: &'static str;
}

/// Seeing students.
pub enum StudentRead {}

/// Adding students.
pub enum StudentCreate {}

impl Permission for StudentRead {
    const CODE: &'static str = "STUDENT_READ";
}

impl Permission for StudentCreate {
    const CODE: &'static str = "STUDENT_CREATE";
}

/// Every code that the API asks for, to be compared with the role matrix.
pub const CODES: [&str; 2] = [StudentRead::CODE, StudentCreate::CODE];

/// Proof that the caller is logged in and holds the permission `P`.
pub(crate) struct Allowed<P> {
    /// Who the caller is.
    pub(crate) user: Uuid,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequestParts<Arc<Api>> for Allowed<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let token = token::bearer(&parts.headers).ok_or_else(Problem::no_session)?;
        match holds(&api.db, token, P::CODE, api.clock.now()).await? {
            None => Err(Problem::no_session()),
            Some((_, false)) => {
                let detail = format!("this needs the permission {}", P::CODE);
                Err(Problem::new(StatusCode::FORBIDDEN, detail))
            }
            Some((user, true)) => Ok(Self { user, permission: PhantomData }),
        }
    }
}

/// Whose session it is and whether that user holds a permission, in one query; `None` without a session that is
/// valid at `now`.
async fn holds(
    db: &DatabaseConnection,
    token: &str,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<(Uuid, bool)>, DbErr> {
    Session::find()
        .select_only()
        .column(session::Column::UserId)
        .expr_as(Expr::exists(grants(code)), "holds")
        .join(InnerJoin, session::Relation::User.def())
        .filter(session::COLUMN.token_hash.eq(token::digest(token)))
        .filter(session::COLUMN.revoked_at.is_null())
        .filter(session::COLUMN.expires_at.gt(now))
        .filter(user::COLUMN.status.eq(UserStatus::Active))
        .into_tuple()
        .one(db)
        .await
}

/// The roles of the session's user that hold a permission.
fn grants(code: &str) -> SelectStatement {
    let session_user = Expr::col(session::Column::UserId.as_column_ref());
    UserRole::find()
        .select_only()
        .column(user_role::Column::UserId)
        .join(InnerJoin, user_role::Relation::Role.def())
        .join(InnerJoin, role_permission::Relation::Role.def().rev())
        .join(InnerJoin, role_permission::Relation::Permission.def())
        .filter(permission::COLUMN.code.eq(code))
        // Tied to the session, so that nobody else's roles are read.
        .filter(Expr::col(user_role::Column::UserId.as_column_ref()).eq(session_user))
        .into_query()
}

//! Logging in and out: `POST /sessions` and `DELETE /sessions/current`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    access::{session, types::UserStatus, user},
    prelude::{Session, User},
};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, DatabaseConnection, DbErr, EntityTrait as _,
    QueryFilter as _, TransactionTrait as _, sea_query::Expr,
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{Api, password, problem::Problem, token};

const SESSION_LENGTH: TimeDelta = TimeDelta::hours(12);

/// Who wants to log in. No `Debug`: it holds a password.
#[derive(Deserialize)]
pub(crate) struct Credentials {
    email: String,
    password: String,
}

/// Opens a session and answers with its token.
///
/// An unknown address, a wrong password and an account that may not log in get the same answer after the same work.
pub(crate) async fn create(
    State(api): State<Arc<Api>>,
    body: Result<Json<Credentials>, JsonRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Json(Credentials { email, password }) = body?;
    let user = find(&api.db, &email).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let matches = password::verify(password, stored).await?;
    let user = user
        .filter(|user| matches && user.status == UserStatus::Active)
        .ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "e-mail or password is wrong"))?;
    let token = token::from_bytes((api.fresh_bytes)());
    store(&api.db, user.id, &token, api.clock.now()).await?;
    // https://www.rfc-editor.org/rfc/rfc6750#section-5.3: a token must not end up in a cache.
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, headers, Json(json!({ "token": token }))))
}

/// Ends the session whose token the request carries.
pub(crate) async fn revoke(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let token = token::bearer(&headers).ok_or_else(Problem::no_session)?;
    let now = api.clock.now();
    let revoked = Session::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::COLUMN.token_hash.eq(token::digest(token)))
        .filter(session::COLUMN.revoked_at.is_null())
        .filter(session::COLUMN.expires_at.gt(now))
        .exec(&api.db)
        .await?;
    if revoked.rows_affected == 0 { Err(Problem::no_session()) } else { Ok(StatusCode::NO_CONTENT) }
}

async fn find(db: &DatabaseConnection, email: &str) -> Result<Option<user::Model>, DbErr> {
    // A text of PostgreSQL cannot hold this character, so nobody has such an address.
    if email.contains('\0') {
        return Ok(None);
    }
    User::find_by_email(email.trim().to_lowercase()).one(db).await
}

async fn store(
    db: &DatabaseConnection,
    user_id: Uuid,
    token: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let session = session::ActiveModel {
        user_id: Set(user_id),
        token_hash: Set(token::digest(token)),
        expires_at: Set(now + SESSION_LENGTH),
        ..Default::default()
    };
    let transaction = db.begin().await?;
    session.insert(&transaction).await?;
    User::update_many()
        .col_expr(user::Column::LastLoginAt, Expr::value(now))
        .filter(user::COLUMN.id.eq(user_id))
        .exec(&transaction)
        .await?;
    transaction.commit().await
}

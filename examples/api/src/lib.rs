//! A small web API that shares the entities with the tools and honours the role matrix.
//!
//! [`router`] is all of it. The database, the clock and the randomness come in from outside, so that a test drives
//! the API without a socket and decides what time it is.

mod events;
mod health;
mod login;
mod page;
mod password;
pub mod permission;
mod problem;
mod students;
mod token;
mod visible;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{delete, get, post},
};
use dbkit::Clock;
use sea_orm::DatabaseConnection;

use crate::problem::Problem;

/// The largest body that is read; a student needs a few hundred bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// What every request may use.
struct Api {
    db: DatabaseConnection,
    clock: Box<dyn Clock>,
    fresh_bytes: Box<dyn Fn() -> [u8; 32] + Send + Sync>,
}

/// Builds the API on a database whose schema is up to date.
///
/// `clock` decides when sessions end; at a login it may be up to 12 hours behind the database's, which notes when they
/// began. `fresh_bytes` makes tokens and must be unpredictable, such as
/// `rand::random`.
pub fn router(
    db: DatabaseConnection,
    clock: impl Clock + 'static,
    fresh_bytes: impl Fn() -> [u8; 32] + Send + Sync + 'static,
) -> Router {
    let api = Api { db, clock: Box::new(clock), fresh_bytes: Box::new(fresh_bytes) };
    Router::new()
        .route("/health", get(health::check))
        .route("/sessions", post(login::create))
        .route("/sessions/current", delete(login::revoke))
        .route("/students", get(students::list).post(students::create))
        .route("/students/{id}", get(students::show))
        .route("/events", get(events::list))
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address takes other methods")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::new(api))
}

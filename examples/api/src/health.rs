//! `GET /health`: whether the API can do its work, for a load balancer.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use serde_json::{Value, json};

use crate::{Api, problem::Problem};

/// A load balancer gives up soon, and so do we.
const LIMIT: Duration = Duration::from_secs(2);

/// Answers after a round trip to the database.
pub(crate) async fn check(State(api): State<Arc<Api>>) -> Result<Json<Value>, Problem> {
    let answer = tokio::time::timeout(LIMIT, api.db.ping()).await;
    match answer {
        Ok(Ok(())) => Ok(Json(json!({ "status": "ok" }))),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the database does not answer");
            Err(Problem::unavailable())
        }
        Err(_) => {
            tracing::warn!(limit = ?LIMIT, "the database does not answer in time");
            Err(Problem::unavailable())
        }
    }
}

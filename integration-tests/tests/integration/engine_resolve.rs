//! What an operator says of a migration that was cut off, and what both ledgers say afterwards.

use chrono::Utc;
use integration_tests::{Engine, TestDatabase, counting, engine::operation};
use migration_engine::{
    Project, ShadowOptions,
    resolve::{self, Differences, Request, Resolution, ResolveError, Resolved},
};

/// Says of a migration of the counting history that it is applied, or lets it begin anew.
pub(crate) async fn resolve(test: &TestDatabase, name: &str, is_applied: bool) {
    let resolution = if is_applied { Resolution::Applied } else { Resolution::Retry };
    let project = counting::project();
    say(test, &project, name, resolution, Differences::Overrule).await.unwrap();
}

/// Says something of one migration.
async fn say(
    test: &TestDatabase,
    project: &Project,
    name: &str,
    resolution: Resolution,
    differences: Differences,
) -> Result<Resolved, ResolveError> {
    let shadow = ShadowOptions { url: None, run: operation().id, now: Utc::now() };
    let (name, reason) = (name.to_owned(), "test".to_owned());
    let request = Request { name, resolution, reason, differences, shadow };
    let engine = Engine::default();
    engine
        .run(test.url(), async |session, orders| {
            resolve::resolve(session, project, &request, orders).await
        })
        .await
}

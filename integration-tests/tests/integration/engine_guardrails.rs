//! What stands between a mistake and lost data: the trail's chain, receipts, safekeeping, backups.

mod chain;
mod receipts;
mod safekeeping;
mod securing;

use integration_tests::{TestDatabase, sql};
use migration_engine::{Losses, Snapshot};

/// What `down` takes with it, as seen on a database with nothing but `base` and `up`.
async fn rehearse(base: &str, up: &str, down: &str) -> Losses {
    let shadow = TestDatabase::empty().await;
    sql::run(shadow.db(), &format!("{base};{up}")).await;
    let before = Snapshot::take(shadow.db()).await.unwrap();
    sql::run(shadow.db(), down).await;
    let after = Snapshot::take(shadow.db()).await.unwrap();
    Losses::of(&before.changes(&after), &[down.to_owned()])
}

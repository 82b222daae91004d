//! Finding out whether a migration has a way down, without a database.

use std::{collections::BTreeMap, error::Error as _};

use crate::{Project, capture, event::Direction};

use super::WayDown;

/// What the default of `MigrationTrait::down` says.
const STOCK: &str = "We Don't Do That Here";

/// The ways down of all migrations, by name.
pub async fn ways_down(project: &Project) -> BTreeMap<String, WayDown> {
    let mut ways = BTreeMap::new();
    for migration in project.migrations() {
        let way = match capture::offline(migration, Direction::Down).await {
            Ok(captured) if captured.statements.iter().all(|sql| sql.trim().is_empty()) => {
                WayDown::Empty
            }
            Ok(_) => WayDown::Sends,
            Err(error) => {
                let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                if cause.contains(STOCK) { WayDown::Stock } else { WayDown::Unknown(cause) }
            }
        };
        ways.insert(migration.name().to_owned(), way);
    }
    ways
}

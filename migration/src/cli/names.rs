//! Names of migrations, as people type them.

use migration_engine::Project;
use terminal::{Exit, Failure};

/// Refuses a name that no migration has.
pub(super) fn check(project: &Project, wanted: &[String]) -> Result<(), Failure> {
    let Some(unknown) = wanted.iter().find(|name| project.find(name).is_none()) else {
        return Ok(());
    };
    let failure = Failure::message(
        Exit::Usage,
        "migration.unknown_name",
        format!("there is no migration `{unknown}`"),
    );
    Err(failure.hint(match project.nearest(unknown) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`migration status` lists them".to_owned(),
    }))
}

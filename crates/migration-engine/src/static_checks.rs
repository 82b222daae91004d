//! What can be wrong with a project's migrations that shows without a database.
//!
//! | check | finds |
//! |---|---|
//! | `static.name` | a name that does not start with the time it was written (warning) |
//! | `static.duplicate` | two migrations of one name |
//! | `static.order` | a list that is not in the order of the names |
//! | `static.unlisted` | a file that is not in the list, or listed without a file |
//! | `static.dependency` | a dependency that nobody knows, on itself, or on a later migration |
//! | `static.cycle` | dependencies in a circle |
//! | `static.down` | no way down and no reason, or both (warning) |
//! | `static.entity` | a migration that speaks of today's entities |

mod dependencies;
mod down;
mod files;
mod names;
mod way_down;

use std::collections::BTreeMap;

use crate::{Finding, Project};

pub use down::WayDown;
pub use way_down::ways_down;

/// Checks a project, given the ways down that are known, by name.
pub fn check(project: &Project, ways_down: &BTreeMap<String, WayDown>) -> Vec<Finding> {
    let names = project.names();
    let metadata = project.all_metadata();
    let mut found = names::check(&names);
    // Without any header there are no files to speak of, as in a project that is made in a test.
    if !metadata.is_empty() {
        found.extend(files::check(&names, metadata));
    }
    found.extend(dependencies::check(&names, metadata));
    found.extend(down::check(&names, metadata, ways_down));
    found
}

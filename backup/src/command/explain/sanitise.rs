//! What to do when there is no sanitised copy.

use terminal::{Exit, Failure};

use super::{complained, create, no_client, snapshot};
use crate::{Problem, ProfileError, SanitiseError};

/// Why there is no sanitised copy.
pub fn sanitise(error: SanitiseError) -> Failure {
    match error {
        SanitiseError::Problems(problems) => refused(&problems),
        SanitiseError::Snapshot(error) => snapshot(error),
        SanitiseError::NoClient(error) => no_client(error),
        SanitiseError::Lock(error) => Failure::lock(error),
        SanitiseError::Scratch(error) => super::new_database(error),
        SanitiseError::Client { complaint, .. } => complained(complaint, error),
        SanitiseError::Create(error) => create(error),
        SanitiseError::Stopped => Failure::new(Exit::Interrupted, "interrupted", error)
            .hint("the scratch copy was dropped; run the command again"),
        SanitiseError::TooLong { .. } => Failure::new(Exit::Failed, "backup.timeout", error)
            .hint("see what the server waits for, then run the command again"),
        SanitiseError::Violates { .. } => Failure::new(Exit::Failed, "sanitise.violates", error)
            .hint("give the column another class: `personal:code` keeps the look of a value"),
        SanitiseError::Constraint { .. } => {
            Failure::new(Exit::Failed, "sanitise.constraint", error).hint(
                "give the columns that it is about a class with more room, such as `personal:text`",
            )
        }
        SanitiseError::OtherColumns(_) => Failure::new(Exit::Failed, "sanitise.changed", error)
            .hint("somebody changed the schema meanwhile; run the command again"),
        SanitiseError::LeftBehind { ref database, .. } => {
            let hint = format!("it may hold clear data; drop it: `dropdb {database}`");
            Failure::new(Exit::HalfWay, "backup.left_behind", error).hint(hint)
        }
        SanitiseError::Password(_)
        | SanitiseError::Run { .. }
        | SanitiseError::Prepare { .. }
        | SanitiseError::Update { .. } => Failure::new(Exit::Failed, "sanitise.failed", error)
            .hint("see the server's log for its side of it"),
    }
}

/// Every problem on a line of its own: there may be a hundred.
fn refused(problems: &[Problem]) -> Failure {
    let unclassified = problems.iter().any(|problem| problem.kind() == "unclassified");
    let class = if unclassified { "sanitise.unclassified" } else { "sanitise.unfit" };
    let lines: Vec<_> = problems.iter().map(|problem| format!("\n  {problem}")).collect();
    let said =
        format!("the profile does not fit the database, and nothing was copied:{}", lines.concat());
    Failure::message(Exit::Refused, class, said)
        .hint("correct the profile, then see that it fits: `backup sanitise --check`")
}

/// Why there is no profile.
pub fn profile(error: ProfileError) -> Failure {
    let (class, hint) = match &error {
        ProfileError::Read { .. } => {
            ("sanitise.no_profile", "write a first one: `backup sanitise --init`")
        }
        ProfileError::NotAClass { .. } => (
            "sanitise.profile",
            "the classes are keep, free-text, secret, and personal:name, :email, :phone, :address, \
             :url, :date, :ip, :code and :text",
        ),
        ProfileError::NotToml(_) | ProfileError::NotSo { .. } => (
            "sanitise.profile",
            "correct the file, then see that it fits: `backup sanitise --check`",
        ),
    };
    Failure::new(Exit::Usage, class, error).hint(hint)
}

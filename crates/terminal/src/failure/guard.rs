//! What to do when a guard says no.

use dbkit::guard::Refused;

use super::Failure;
use crate::exit::Exit;

impl Failure {
    /// A refusal: nothing was changed, exit code 4.
    pub fn refused(refused: Refused) -> Self {
        let (class, hint) = match &refused {
            Refused::WrongEnvironment { stamp, .. } => (
                "refused.environment",
                format!("say `--env {stamp}`, or point DATABASE_URL to the database you meant"),
            ),
            Refused::Never { .. } => (
                "refused.never",
                "create a new database instead, and point DATABASE_URL to it".to_owned(),
            ),
            Refused::NeedsBreakGlass { database, .. } => (
                "refused.break_glass",
                format!("in an emergency: `--confirm {database} --break-glass 'REASON'` (audited)"),
            ),
            Refused::NotConfirmed { yes_is_enough: true, .. } => {
                ("refused.not_confirmed", "add `--yes`".to_owned())
            }
            Refused::NotConfirmed { database, .. } => {
                ("refused.not_confirmed", format!("add `--confirm {database}`"))
            }
        };
        Self::new(Exit::Refused, class, refused).hint(hint)
    }
}

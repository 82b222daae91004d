//! The proof that `--only` demands.

use migration::explain::{explain_rehearsal, explain_shadow};
use migration_engine::{
    Project,
    commute::{Proof, ProofError, prove},
    ledger,
    rehearsal::{applied, remembered},
};
use terminal::{Context, Exit, Failure, Opened};

use super::ShadowFlags;

/// How many differences a refusal shows.
const SHOWN: usize = 20;

/// Refuses to take `name` out of the middle unless two shadows agree that nothing else is touched.
pub(super) async fn demand(
    opened: &Opened,
    project: &Project,
    name: &str,
    shadow: &ShadowFlags,
    context: &Context,
) -> Result<(), Failure> {
    context.console.step(&format!("proving on shadow databases that {name} can go alone"));
    let ledger = ledger::read(&opened.db, project).await?;
    let remembered =
        remembered(project, &ledger).map_err(|error| explain_rehearsal(error.into()))?;
    let applied = applied(project, &ledger, &remembered);
    let builds_on_it =
        |other: &&String| project.dependencies(other).iter().any(|needs| needs == name);
    let declared: Vec<_> = project.names().iter().filter(builds_on_it).cloned().collect();
    let options = shadow.options(context)?;
    let proof = prove(&opened.url, &options, &applied, name, &declared).await;
    match proof.map_err(unproven)? {
        Proof::Commutes { .. } => {
            context.console.note(&format!(
                "proven: without {name}, the schema is as if it had never been applied"
            ));
            Ok(())
        }
        Proof::Refused { differences, dependants, error } => {
            let mut failure = Failure::message(
                Exit::Refused,
                "migration.not_alone",
                format!("{name} cannot go alone: what was applied after it builds on it"),
            );
            if let Some(error) = error {
                failure = failure.hint(format!("its way down fails: {error}"));
            }
            let shown =
                differences.iter().take(SHOWN).map(|change| format!("would differ: {change}"));
            let failure = shown.fold(failure, Failure::hint);
            Err(failure.hint(match &dependants[..] {
                [] => format!("roll back to it: `migration down --to` the one before {name}"),
                _ => format!("roll back {} first", dependants.join(", ")),
            }))
        }
    }
}

fn unproven(error: ProofError) -> Failure {
    match error {
        ProofError::Shadow(error) => explain_shadow(error),
        error @ ProofError::NotApplied(_) => {
            Failure::new(Exit::Refused, "migration.not_applied", error)
        }
    }
}

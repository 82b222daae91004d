//! Asking before something is destroyed.

use dbkit::{
    DatabaseUrl,
    guard::{Consent, Destruction, Permit, Refused, Target, permit},
};
use dialoguer::{Input, theme::SimpleTheme};

use crate::{context::Context, exit::Exit, failure::Failure, flags::ConsentFlags};

impl Context {
    /// Obtains the permit for `destruction`, asking for the database's name where somebody sits
    /// there to type it. `stakes` says in sentences what would be lost, and is shown first.
    pub fn permit(
        &self,
        target: &Target,
        destruction: Destruction,
        flags: &ConsentFlags,
        stakes: &str,
    ) -> Result<Permit, Failure> {
        let mut consent = consent(flags);
        match permit(target, destruction, &consent) {
            Err(Refused::NotConfirmed { .. })
                if self.is_interactive() && consent.confirmed.is_none() =>
            {
                consent.confirmed = Some(self.retyped(target, stakes)?);
                permit(target, destruction, &consent)
            }
            decided => decided,
        }
        .map_err(|refused| Failure::refused(refused).context(stakes.to_owned()))
    }

    /// Refuses, before any connection is made, what no answer of the operator could allow.
    pub fn refuse_early(
        &self,
        destruction: Destruction,
        flags: &ConsentFlags,
    ) -> Result<(), Failure> {
        let url = self.named_url()?;
        let target = Target {
            environment: self.settings.environment(),
            stamp: None,
            database: url.as_ref().map_or_else(|| "(none named)".to_owned(), DatabaseUrl::database),
            local: url.as_ref().is_none_or(DatabaseUrl::is_local),
        };
        match permit(&target, destruction, &consent(flags)) {
            Err(refused @ (Refused::Never { .. } | Refused::NeedsBreakGlass { .. })) => {
                Err(Failure::refused(refused))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Refuses what the flags do not allow where nobody sits there to be asked, before work is done that a
    /// refusal would waste.
    pub fn refuse_unasked(
        &self,
        target: &Target,
        destruction: Destruction,
        flags: &ConsentFlags,
    ) -> Result<(), Failure> {
        match permit(target, destruction, &consent(flags)) {
            Err(Refused::NotConfirmed { .. })
                if self.is_interactive() && flags.confirm.is_none() =>
            {
                Ok(())
            }
            Err(refused) => Err(Failure::refused(refused)),
            Ok(_) => Ok(()),
        }
    }

    fn retyped(&self, target: &Target, stakes: &str) -> Result<String, Failure> {
        self.console.clear();
        self.console.note(stakes);
        Input::with_theme(&SimpleTheme)
            .with_prompt(format!("Type `{}` to go on", target.database))
            .allow_empty(true)
            .interact_text()
            .map_err(|error| Failure::new(Exit::Refused, "refused.no_answer", error))
    }
}

fn consent(flags: &ConsentFlags) -> Consent {
    Consent {
        yes: flags.yes,
        confirmed: flags.confirm.clone(),
        break_glass: flags.break_glass.clone(),
    }
}

//! Permission to destroy data.
//!
//! Every function that can lose data takes a [`Permit`]; the only way to get one is [`permit`],
//! so no code path can forget to ask.
//!
//! | | testing | development, this machine | development, elsewhere | staging | production |
//! |---|---|---|---|---|---|
//! | roll back | free | free | the name | the name | the name, break glass |
//! | replace | free | yes, or the name | the name | the name | the name, break glass |
//! | wipe | free | yes, or the name | the name, break glass | never | never |
//!
//! To replace is to put a backup in the place of what is there; production knows it too, since restoring
//! production is what backups are for.
//!
//! A wipe is for databases that are made again in a minute: environment, stamp and host must all say
//! so. Another host may well be somebody's development server, hence the emergency door.

use crate::environment::Environment;

/// The database a destructive command would touch.
#[derive(Clone, Debug)]
pub struct Target {
    /// What kind of database the operator says it is.
    pub environment: Environment,
    /// What kind of database it says it is itself, if it was ever told.
    pub stamp: Option<Environment>,
    /// Its name, as the operator must retype it.
    pub database: String,
    /// Whether its server runs on this machine.
    pub local: bool,
}

/// How much a command may destroy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destruction {
    /// Undo chosen migrations, and with them the data that they held.
    RollBack,
    /// Put a backup in the place of what is there, or remove what a backup has replaced.
    Replace,
    /// Remove everything there is.
    Wipe,
}

/// What the operator said before the command ran.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// A plain yes, without naming anything.
    pub yes: bool,
    /// The database's name, retyped.
    pub confirmed: Option<String>,
    /// Why the rules must yield this once; written to the audit trail.
    pub break_glass: Option<String>,
}

/// Proof that a destructive command may touch one database.
#[derive(Debug)]
pub struct Permit {
    database: String,
    break_glass: Option<String>,
}

impl Permit {
    /// The database this permit is for.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Why the rules yielded, for the audit trail.
    pub fn break_glass(&self) -> Option<&str> {
        self.break_glass.as_deref()
    }
}

/// Why a destructive command may not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The database says that it is something else.
    #[error("the command says {said}, but database `{database}` is stamped {stamp}")]
    WrongEnvironment {
        /// The database that was asked for.
        database: String,
        /// What the operator said.
        said: Environment,
        /// What the database says.
        stamp: Environment,
    },
    /// This environment never allows it.
    #[error("a {environment} database is never wiped: `{database}`")]
    Never {
        /// The database that was asked for.
        database: String,
        /// Its environment.
        environment: Environment,
    },
    /// This environment allows it only in an emergency.
    #[error("database `{database}` is {environment}: only an emergency with a reason allows this")]
    NeedsBreakGlass {
        /// The database that was asked for.
        database: String,
        /// Its environment.
        environment: Environment,
    },
    /// The operator did not name the database.
    #[error("database `{database}` ({environment}) was not confirmed")]
    NotConfirmed {
        /// The database that was asked for.
        database: String,
        /// Its environment.
        environment: Environment,
        /// Whether a plain yes would have been enough.
        yes_is_enough: bool,
    },
}

/// Decides whether the operator, having given `consent`, may do `destruction` to `target`.
pub fn permit(
    target: &Target,
    destruction: Destruction,
    consent: &Consent,
) -> Result<Permit, Refused> {
    let (database, environment) = (target.database.clone(), target.environment);
    agree(target)?;
    let Some(ceremony) = ceremony(target, destruction) else {
        return Err(Refused::Never { database, environment });
    };
    let named = consent.confirmed.as_deref() == Some(&*database);
    if ceremony == Ceremony::BreakGlass && consent.break_glass.is_none() {
        return Err(Refused::NeedsBreakGlass { database, environment });
    }
    let satisfied = match ceremony {
        Ceremony::Free => true,
        Ceremony::Yes => consent.yes || named,
        Ceremony::Name | Ceremony::BreakGlass => named,
    };
    if !satisfied {
        let yes_is_enough = ceremony == Ceremony::Yes;
        return Err(Refused::NotConfirmed { database, environment, yes_is_enough });
    }
    let break_glass = consent.break_glass.clone().filter(|_| ceremony == Ceremony::BreakGlass);
    Ok(Permit { database, break_glass })
}

/// Checks that the operator and the database mean the same environment.
///
/// Commands that only add data ask this much; [`permit`] asks it first.
pub fn agree(target: &Target) -> Result<(), Refused> {
    match target.stamp {
        Some(stamp) if stamp != target.environment => Err(Refused::WrongEnvironment {
            database: target.database.clone(),
            said: target.environment,
            stamp,
        }),
        _ => Ok(()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ceremony {
    Free,
    Yes,
    Name,
    BreakGlass,
}

/// The table in the module's documentation; `None` is its "never".
fn ceremony(target: &Target, destruction: Destruction) -> Option<Ceremony> {
    use Destruction::{Replace, RollBack, Wipe};
    Some(match (target.environment, destruction) {
        // An unset APP_ENV means development, so a server elsewhere may well be somebody's
        // production: its name must be typed.
        (Environment::Development, RollBack | Replace) if !target.local => Ceremony::Name,
        (Environment::Development, Wipe) if !target.local => Ceremony::BreakGlass,
        (Environment::Testing, _) | (Environment::Development, RollBack) => Ceremony::Free,
        (Environment::Development, Replace | Wipe) => Ceremony::Yes,
        (Environment::Staging, RollBack | Replace) => Ceremony::Name,
        (Environment::Production, RollBack | Replace) => Ceremony::BreakGlass,
        (Environment::Staging | Environment::Production, Wipe) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Destruction::{Replace, RollBack, Wipe};
    use Environment::{Development, Production, Staging, Testing};

    const NOTHING: (bool, Option<&str>, Option<&str>) = (false, None, None);
    const YES: (bool, Option<&str>, Option<&str>) = (true, None, None);
    const NAME: (bool, Option<&str>, Option<&str>) = (false, Some("shop"), None);
    const OTHER_NAME: (bool, Option<&str>, Option<&str>) = (true, Some("shop2"), None);
    const GLASS: (bool, Option<&str>, Option<&str>) = (false, Some("shop"), Some("outage"));
    const GLASS_ALONE: (bool, Option<&str>, Option<&str>) = (true, None, Some("outage"));

    #[track_caller]
    fn check(
        environment: Environment,
        local: bool,
        destruction: Destruction,
        (yes, confirmed, break_glass): (bool, Option<&str>, Option<&str>),
        expected: bool,
    ) {
        let target = Target { environment, stamp: None, database: "shop".to_owned(), local };
        let consent = Consent {
            yes,
            confirmed: confirmed.map(str::to_owned),
            break_glass: break_glass.map(str::to_owned),
        };
        let actual = permit(&target, destruction, &consent);
        assert_eq!(actual.is_ok(), expected, "{actual:?}");
    }

    #[test]
    fn production_and_staging_are_never_wiped() {
        for said in [NOTHING, YES, NAME, GLASS] {
            check(Production, true, Wipe, said, false);
            check(Staging, true, Wipe, said, false);
        }
    }

    #[test]
    fn production_rolls_back_in_an_emergency_alone() {
        for said in [NOTHING, YES, NAME, GLASS_ALONE] {
            check(Production, true, RollBack, said, false);
        }
        check(Production, true, RollBack, GLASS, true);
    }

    #[test]
    fn staging_must_be_retyped() {
        for said in [NOTHING, YES, OTHER_NAME] {
            check(Staging, true, RollBack, said, false);
        }
        check(Staging, true, RollBack, NAME, true);
    }

    #[test]
    fn a_developers_own_machine_asks_before_a_wipe() {
        check(Development, true, RollBack, NOTHING, true);
        check(Development, true, Wipe, NOTHING, false);
        check(Development, true, Wipe, YES, true);
        check(Development, true, Wipe, NAME, true);
    }

    #[test]
    fn development_elsewhere_must_be_retyped_and_is_wiped_in_an_emergency_alone() {
        check(Development, false, RollBack, YES, false);
        check(Development, false, RollBack, NAME, true);
        for said in [NOTHING, YES, NAME, GLASS_ALONE] {
            check(Development, false, Wipe, said, false);
        }
        check(Development, false, Wipe, GLASS, true);
    }

    #[test]
    fn a_backup_takes_the_place_of_production_in_an_emergency_alone() {
        for said in [NOTHING, YES, NAME, GLASS_ALONE] {
            check(Production, true, Replace, said, false);
        }
        check(Production, true, Replace, GLASS, true);
        for said in [NOTHING, YES, OTHER_NAME] {
            check(Staging, true, Replace, said, false);
            check(Development, false, Replace, said, false);
        }
        check(Staging, true, Replace, NAME, true);
        check(Development, false, Replace, NAME, true);
        check(Development, true, Replace, NOTHING, false);
        check(Development, true, Replace, YES, true);
    }

    #[test]
    fn tests_need_no_ceremony() {
        check(Testing, false, Replace, NOTHING, true);
        check(Testing, false, RollBack, NOTHING, true);
        check(Testing, false, Wipe, NOTHING, true);
    }

    #[test]
    fn the_stamp_outranks_every_word() {
        let target = Target {
            environment: Testing,
            stamp: Some(Production),
            database: "shop".to_owned(),
            local: true,
        };
        let refused = permit(&target, RollBack, &Consent::default()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the command says testing, but database `shop` is stamped production"
        );
    }

    #[test]
    fn an_unneeded_reason_is_not_recorded() {
        let target =
            Target { environment: Testing, stamp: None, database: "shop".to_owned(), local: true };
        let consent = Consent { break_glass: Some("because".to_owned()), ..Consent::default() };
        assert_eq!(permit(&target, Wipe, &consent).unwrap().break_glass(), None);
    }
}

//! Permits for the databases of tests.

use dbkit::{
    Environment,
    guard::{self, Consent, Destruction, Permit, Target},
};

/// A permit to do anything to a test's database.
pub fn permit(database: &str) -> Permit {
    let target = Target {
        environment: Environment::Testing,
        stamp: None,
        database: database.to_owned(),
        local: true,
    };
    guard::permit(&target, Destruction::Wipe, &Consent::default()).expect("tests need no ceremony")
}

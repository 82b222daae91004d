//! Which kind of database a command is pointed at.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The kind of database a command is pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A developer's own machine.
    Development,
    /// An automated test; its database lives for one test.
    Testing,
    /// A shared rehearsal of production.
    Staging,
    /// Real data.
    Production,
}

/// A name that stands for no environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an environment")]
pub struct UnknownEnvironment(pub String);

impl Environment {
    /// Every environment, from the least to the most careful.
    pub const ALL: [Self; 4] = [Self::Development, Self::Testing, Self::Staging, Self::Production];

    /// The name by which people and the database know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Testing => "testing",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        // `test` is what RAILS_ENV and NODE_ENV taught everybody to write.
        if name == "test" {
            return Ok(Self::Testing);
        }
        Self::ALL
            .into_iter()
            .find(|environment| environment.name() == name)
            .ok_or_else(|| UnknownEnvironment(name.to_owned()))
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for environment in Environment::ALL {
            assert_eq!(environment.name().parse(), Ok(environment));
        }
    }

    #[test]
    fn test_is_an_alias_of_testing() {
        assert_eq!("test".parse(), Ok(Environment::Testing));
    }

    #[test]
    fn an_unknown_name_is_an_error_and_never_a_default() {
        for name in ["", "prod", "Production", " development"] {
            assert_eq!(name.parse::<Environment>(), Err(UnknownEnvironment(name.to_owned())));
        }
    }
}

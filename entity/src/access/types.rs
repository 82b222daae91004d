//! The enumerations of this domain; each is a type of the same name in PostgreSQL.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a user may do with the account.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    DeriveDisplay,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "Enum",
    enum_name = "user_status",
    rename_all = "snake_case"
)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// May log in.
    Active,
    /// Was invited and has not set a password yet.
    Invited,
    /// May not log in for now.
    Suspended,
    /// May never log in again; kept because history refers to it.
    Disabled,
}

/// The colours of the user interface.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    DeriveDisplay,
    Serialize,
    Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "theme", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Follows the device.
    System,
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

#[cfg(test)]
mod tests {
    use sea_orm::{ActiveEnum, Iterable};

    use super::*;

    #[test]
    fn json_and_the_database_use_the_same_words() -> serde_json::Result<()> {
        for status in UserStatus::iter() {
            assert_eq!(UserStatus::try_from_value(&status.to_value()), Ok(status));
            assert_eq!(serde_json::to_value(status)?, status.to_value());
        }
        Ok(())
    }
}

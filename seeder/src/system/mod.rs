//! The accounts that a new installation needs, so that somebody can log in and create the others.
//!
//! They are created once and belong to the operators from then on: a changed address, name or
//! password stays. Only that they are system accounts follows the code, and a role of theirs that
//! was taken away comes back.

use std::collections::BTreeMap;

use entity::{
    access::{types::UserStatus, user, user_role},
    prelude::{User, UserRole},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, NotSet, QueryFilter as _,
    QuerySelect as _, Set,
};
use seeding_engine::{Content, Kind, Rows, Seed, named_key};
use uuid::Uuid;

use crate::{
    Password, Settings,
    password::{self, Salts, UNUSABLE},
    reference::role_key,
};

/// A system account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemUser {
    /// What stands before the `@` of its address.
    pub name: &'static str,
    /// Its full name.
    pub full_name: &'static str,
    /// Its role.
    pub role: &'static str,
}

/// The system accounts.
pub const SYSTEM_USERS: [SystemUser; 3] = [
    SystemUser { name: "superadmin", full_name: "System Administrator", role: "SUPERADMIN" },
    SystemUser { name: "admin", full_name: "School Office", role: "ADMIN" },
    SystemUser { name: "principal", full_name: "Principal", role: "ADMIN" },
];

impl SystemUser {
    /// Its address at `domain`.
    pub fn email(&self, domain: &str) -> String {
        format!("{}@{}", self.name, domain.to_lowercase())
    }

    pub(crate) fn key(&self) -> Uuid {
        named_key("users", self.name)
    }

    fn password<'a>(&self, settings: &'a Settings) -> Option<&'a Password> {
        let passwords = &settings.system_passwords;
        match self.name {
            "superadmin" => passwords.superadmin.as_ref(),
            "admin" => passwords.admin.as_ref(),
            _ => passwords.principal.as_ref(),
        }
    }
}

/// The system accounts that are not there yet: a run will create them, with the passwords of its
/// settings. Passwords of all others mean nothing and need not be shown.
pub async fn missing(db: &impl ConnectionTrait) -> Result<Vec<SystemUser>, DbErr> {
    let keys = SYSTEM_USERS.iter().map(SystemUser::key);
    let there: Vec<Uuid> = User::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Id.is_in(keys))
        .into_tuple()
        .all(db)
        .await?;
    Ok(SYSTEM_USERS.into_iter().filter(|user| !there.contains(&user.key())).collect())
}

/// The system accounts with their roles.
pub fn users(settings: &Settings) -> Seed {
    let settings = settings.clone();
    Seed {
        id: "system.users",
        description: "superadmin@, admin@ and principal@",
        kind: Kind::System,
        version: 1,
        environments: Kind::System.environments(),
        requires: &["reference.access"],
        content: Content::rows(move |_| vec![accounts(&settings), roles()]),
    }
}

fn accounts(settings: &Settings) -> Rows {
    let passwords: BTreeMap<Uuid, Password> = SYSTEM_USERS
        .iter()
        .filter_map(|user| Some((user.key(), user.password(settings)?.clone())))
        .collect();
    let salts = Salts::from_bytes(settings.salt);
    Rows::of::<User>(SYSTEM_USERS.iter().map(|user| account(user, &settings.domain)))
        .insert_only([
            user::Column::Email,
            user::Column::FullName,
            user::Column::DisplayName,
            user::Column::PasswordHash,
            user::Column::Status,
        ])
        .completed_by([user::Column::PasswordHash], move |user| {
            let password = user.id.try_as_ref().and_then(|id| passwords.get(id));
            password::set(user, password, &salts)
        })
        .synced([user::Column::Id])
}

fn account(user: &SystemUser, domain: &str) -> user::ActiveModel {
    user::ActiveModel {
        id: Set(user.key()),
        email: Set(user.email(domain)),
        full_name: Set(user.full_name.to_owned()),
        display_name: Set(user.full_name.to_owned()),
        password_hash: Set(UNUSABLE.to_owned()),
        status: Set(UserStatus::Active),
        is_system: Set(true),
        last_login_at: NotSet,
        created_at: NotSet,
        updated_at: NotSet,
        created_by: NotSet,
        updated_by: NotSet,
    }
}

fn roles() -> Rows {
    Rows::of::<UserRole>(SYSTEM_USERS.iter().map(|user| user_role::ActiveModel {
        user_id: Set(user.key()),
        role_id: Set(role_key(user.role)),
        granted_at: NotSet,
        granted_by: NotSet,
    }))
    .filled()
}

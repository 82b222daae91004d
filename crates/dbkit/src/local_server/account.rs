//! The account that PostgreSQL runs as when the caller is root.

use std::path::Path;

use nix::unistd::{Uid, User, geteuid};
use tokio::process::Command;

use super::files::Owner;
use crate::postgres;

/// Accounts that distributions have for this, best first.
const FALLBACKS: [&str; 2] = ["postgres", "nobody"];

/// An ordinary account of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) owner: Owner,
}

/// Root has no ordinary account to hand over to.
#[derive(Debug, thiserror::Error)]
#[error("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")]
pub struct NoAccount;

impl Account {
    /// The account to run as: none of its own unless the caller is root.
    ///
    /// It is the owner of the first of these folders that has an ordinary owner known to the
    /// system (`initdb` refuses a number without a name), or a usual one.
    pub(super) fn choose(folders: &[&Path]) -> Result<Option<Self>, NoAccount> {
        if !is_root() {
            return Ok(None);
        }
        let owners = folders.iter().filter_map(|folder| Owner::of(folder).ok());
        owners
            .filter(|owner| owner.uid != 0)
            .find_map(|owner| User::from_uid(Uid::from_raw(owner.uid)).ok().flatten())
            .or_else(|| FALLBACKS.iter().find_map(|name| User::from_name(name).ok().flatten()))
            .map(|user| Some(Self::from(user)))
            .ok_or(NoAccount)
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        let owner = Owner { uid: user.uid.as_raw(), gid: user.gid.as_raw() };
        Self { name: user.name, owner }
    }
}

/// A command for one PostgreSQL program, run as this account.
///
/// The standard library drops root's supplementary groups along with its user.
pub(super) fn program(account: Option<&Account>, path: &Path) -> Command {
    let mut command = postgres::program(path);
    if let Some(Account { owner, .. }) = account {
        command.uid(owner.uid).gid(owner.gid);
    }
    command
}

/// Whether the caller is root.
pub(super) fn is_root() -> bool {
    geteuid().is_root()
}

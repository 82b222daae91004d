//! Which backup is meant where it is not named: the latest of a kind, or of a state of the schema.

use std::str::FromStr;

use crate::{Backup, Entry, FindError, Kind, Store, dossier, find, list};

/// Which backup is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The one of this name, or whose name begins so.
    Named(String),
    /// The latest, except what a restore has backed up of what it replaced: else a second restore would
    /// undo the first.
    Latest,
    /// The latest that was read to its end, or restored, and found sound.
    LatestVerified,
    /// The latest that was made for this reason.
    LatestOf(Kind),
    /// The latest with this migration as the last one.
    Migration(String),
}

impl FromStr for Choice {
    type Err = FindError;

    fn from_str(text: &str) -> Result<Self, FindError> {
        Ok(match text.split_once(':') {
            Some(("latest", "verified")) => Self::LatestVerified,
            Some(("latest", kind)) => {
                let kind = Kind::ALL.into_iter().find(|known| known.name() == kind);
                Self::LatestOf(kind.ok_or_else(|| FindError::NotAName(text.to_owned()))?)
            }
            _ if text == "latest" => Self::Latest,
            _ => Self::Named(text.to_owned()),
        })
    }
}

/// Finds the backup that is meant. A name may be that of any database's backup, all else is of `database`.
pub async fn choose(store: &Store, database: &str, choice: &Choice) -> Result<Backup, FindError> {
    let absent = |what: String| FindError::NoSuch { database: database.to_owned(), what };
    match choice {
        Choice::Named(name) => find(store, None, name).await,
        Choice::Latest => {
            let backups = complete(store, database).await?;
            if backups.is_empty() {
                return Err(FindError::Empty(store.clone()));
            }
            let replaced = Kind::BeforeRestore.name();
            let found = backups.into_iter().find(|backup| backup.manifest.kind != replaced);
            found.ok_or_else(|| absent(format!("but of kind {replaced}")))
        }
        Choice::LatestVerified => {
            for backup in complete(store, database).await? {
                if is_verified(&backup).await {
                    return Ok(backup);
                }
            }
            Err(absent("that was verified".to_owned()))
        }
        Choice::LatestOf(kind) => {
            let mut backups = complete(store, database).await?.into_iter();
            let found = backups.find(|backup| backup.manifest.kind == kind.name());
            found.ok_or_else(|| absent(format!("of kind {}", kind.name())))
        }
        Choice::Migration(name) => {
            let head = |backup: &Backup| backup.manifest.migrations.as_ref()?.head.clone();
            let mut backups = complete(store, database).await?.into_iter();
            let found = backups.find(|backup| {
                // A part of a database is no state of it.
                backup.manifest.selection.is_none() && head(backup).as_ref() == Some(name)
            });
            found.ok_or_else(|| absent(format!("with {name} as the last migration")))
        }
    }
}

async fn complete(store: &Store, database: &str) -> Result<Vec<Backup>, FindError> {
    let entries = list(store, Some(database)).await?.into_iter();
    Ok(entries
        .filter_map(|entry| match entry {
            Entry::Complete(backup) => Some(backup),
            Entry::Damaged { .. } => None,
        })
        .collect())
}

async fn is_verified(backup: &Backup) -> bool {
    dossier(backup).await.is_ok_and(|dossier| dossier.proof().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_read_from_what_is_typed() {
        let read = |text: &str| text.parse::<Choice>().unwrap();
        assert_eq!(read("latest"), Choice::Latest);
        assert_eq!(read("latest:verified"), Choice::LatestVerified);
        assert_eq!(read("latest:before-restore"), Choice::LatestOf(Kind::BeforeRestore));
        assert_eq!(read("20261120"), Choice::Named("20261120".to_owned()));
        let error = "latest:never".parse::<Choice>().unwrap_err();
        assert!(matches!(error, FindError::NotAName(_)));
    }
}

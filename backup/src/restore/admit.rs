//! Which backups may take the place of which database.

use dbkit::{DatabaseUrl, Environment};

use super::{RestoreError, RestoreOptions};
use crate::{Backup, server::Server};

/// Where a backup may be from that takes the place of a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// From that database alone: same name, same server.
    #[default]
    Own,
    /// From anywhere.
    Any,
}

const MAY_IDENTIFY: &str = "SELECT has_function_privilege('pg_control_system()', 'EXECUTE')";

const IDENTIFIER: &str = "SELECT system_identifier::text FROM pg_control_system()";

/// Refuses a backup of another database, and a sanitised one where there is production.
///
/// Whatever replaces a database asks this itself; asked before, it spares work that would be for nothing.
pub async fn admit(
    backup: &Backup,
    url: &DatabaseUrl,
    options: &RestoreOptions,
) -> Result<(), RestoreError> {
    let mut server = Server::open(url, &options.database).await?;
    let admitted = admit_over(&mut server, backup, options).await;
    server.close().await;
    admitted
}

pub(crate) async fn admit_over(
    server: &mut Server,
    backup: &Backup,
    options: &RestoreOptions,
) -> Result<(), RestoreError> {
    let manifest = &backup.manifest;
    let id = || manifest.id.clone();
    if manifest.sanitised.is_some() && options.environment == Environment::Production {
        return Err(RestoreError::Sanitised(id()));
    }
    if options.origin == Origin::Any {
        return Ok(());
    }
    if manifest.source.database != options.database {
        let (of, database) = (manifest.source.database.clone(), options.database.clone());
        return Err(RestoreError::OfAnother { id: id(), of, database });
    }
    let here = identifier(server).await?;
    match (&manifest.source.system_identifier, here) {
        (Some(there), Some(here)) if *there != here => {
            Err(RestoreError::OfAnotherServer { id: id(), of: manifest.source.host.clone() })
        }
        // Where one of the two is not known, the name must do.
        _ => Ok(()),
    }
}

async fn identifier(server: &mut Server) -> Result<Option<String>, RestoreError> {
    let (may_identify,): (bool,) = server.row("identify the server", MAY_IDENTIFY).await?;
    if !may_identify {
        return Ok(None);
    }
    let (identifier,): (String,) = server.row("identify the server", IDENTIFIER).await?;
    Ok(Some(identifier))
}

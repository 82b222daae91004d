//! What a restore would do, before it does anything: what would be lost, who would be cut off, and what is
//! missing.

use std::collections::{BTreeMap, BTreeSet};

use dbkit::DatabaseUrl;
use serde::Serialize;

use crate::{
    Backup, Manifest, Programs, RestoreError, RestoreOptions, fingerprint,
    restore::{Way, selection, surroundings, work::TABLE_LOCK},
    server::Server,
    snapshot::Snapshot,
};

/// What a restore would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The backup.
    pub backup: String,
    /// The database that would be replaced, or be made.
    pub database: String,
    /// How.
    pub mode: Way,
    /// Every table of either, with its rows.
    pub tables: Vec<TablePlan>,
    /// Migrations that are applied now and would not be any more: they must be applied again.
    pub migrations_lost: Vec<String>,
    /// Migrations that would be applied again.
    pub migrations_back: Vec<String>,
    /// The sessions that would be cut off, or would have to wait.
    pub sessions: Vec<SessionPlan>,
    /// How much room it takes.
    pub space: SpacePlan,
    /// Roles that the archive speaks of and the server does not know.
    pub roles_missing: Vec<String>,
    /// Extensions that the archive makes and the server does not have.
    pub extensions_missing: Vec<String>,
    /// What would make it fail.
    pub obstacles: Vec<String>,
    /// The version of `pg_restore` that would be used.
    pub client_version: String,
    /// The version of the server.
    pub server_version: String,
}

/// A table's rows, where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TablePlan {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// How many rows it has now; nothing, if it is not there.
    pub live: Option<u64>,
    /// How many it would have; nothing, if it would not be there.
    pub backup: Option<u64>,
}

/// Sessions of one role and program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionPlan {
    /// The role.
    pub user: String,
    /// What the program calls itself.
    pub application: String,
    /// How many.
    pub sessions: u64,
}

/// Room, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SpacePlan {
    /// What the restored database takes on the server, about.
    pub server_needs: u64,
    /// What is free there, if that can be seen from here.
    pub server_free: Option<u64>,
    /// What the unpacked archive takes here, for as long as it is restored.
    pub here_needs: u64,
    /// What is free here.
    pub here_free: Option<u64>,
}

const SESSIONS: &str = "
SELECT coalesce(usename::text, ''), coalesce(application_name, ''), count(*)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND application_name NOT IN ('seaworthy backup', 'seaworthy restore')
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2";

const PREPARED: &str =
    "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY 1";

/// Says what restoring `backup` that `way` would do, and changes nothing.
///
/// `url` is the database that would be replaced; for a new one, any on its server.
pub async fn plan(
    backup: &Backup,
    url: &DatabaseUrl,
    way: Way,
    options: &RestoreOptions,
    programs: &Programs,
) -> Result<Plan, RestoreError> {
    let manifest = &backup.manifest;
    let client = programs.choose("pg_restore", manifest.client_version())?;
    let selection = selection::of(manifest, &options.tables)?;
    let mut server = Server::open(url, &url.database()).await?;
    let version = server.version().await?;
    let mut plan = Plan {
        backup: manifest.id.to_string(),
        database: options.database.clone(),
        mode: way,
        tables: Vec::new(),
        migrations_lost: Vec::new(),
        migrations_back: Vec::new(),
        sessions: Vec::new(),
        space: space(&mut server, backup, url).await?,
        roles_missing: missing_roles(&mut server, manifest).await?,
        extensions_missing: missing_extensions(&mut server, manifest).await?,
        obstacles: Vec::new(),
        client_version: client.version.to_string(),
        server_version: version.to_string(),
    };
    server.close().await;
    let mut live = BTreeMap::new();
    if way.replaces() {
        live = look(url, way, &mut plan, manifest).await?;
        if let Some(selection) = &selection {
            let around = surroundings::of(url, selection, &manifest.toc).await?;
            plan.obstacles
                .extend(around.dependents.into_iter().map(|name| format!("{name} needs a table")));
        }
    }
    let wanted = |schema: &str, name: &str| {
        selection.as_ref().is_none_or(|selection| selection.has_table(schema, name))
    };
    plan.tables = tables(manifest, &live, wanted);
    Ok(plan)
}

type Rows = BTreeMap<(String, String), u64>;

/// Looks at the live database; how many rows its tables have.
async fn look(
    url: &DatabaseUrl,
    way: Way,
    plan: &mut Plan,
    manifest: &Manifest,
) -> Result<Rows, RestoreError> {
    let mut snapshot = Snapshot::open(url, TABLE_LOCK).await?;
    let relations = fingerprint::relations(&mut snapshot).await?;
    let counts = fingerprint::counts(&mut snapshot, &relations).await?;
    let names = relations.tables().map(|(schema, name)| (schema.to_owned(), name.to_owned()));
    let live: Rows = names.zip(counts).collect();
    if way != Way::Tables {
        let applied = crate::facts::migrations(&mut snapshot).await?.map(|now| now.applied);
        let recorded = manifest.migrations.as_ref().map(|then| then.applied.clone());
        let (now, then) = (applied.unwrap_or_default(), recorded.unwrap_or_default());
        plan.migrations_lost = only_in(&now, &then);
        plan.migrations_back = only_in(&then, &now);
    }
    let sessions: Vec<(String, String, i64)> = snapshot.rows("the sessions", SESSIONS).await?;
    let session = |(user, application, sessions)| SessionPlan {
        user,
        application,
        sessions: u64::try_from(sessions).unwrap_or_default(),
    };
    plan.sessions = sessions.into_iter().map(session).collect();
    if way == Way::Swap {
        let prepared: Vec<(String,)> = snapshot.rows("prepared transactions", PREPARED).await?;
        let obstacle = |(gid,)| format!("transaction {gid:?} is prepared in it");
        plan.obstacles.extend(prepared.into_iter().map(obstacle));
    }
    snapshot.close().await;
    Ok(live)
}

fn only_in(names: &[String], others: &[String]) -> Vec<String> {
    names.iter().filter(|name| !others.contains(name)).cloned().collect()
}

fn tables(manifest: &Manifest, live: &Rows, wanted: impl Fn(&str, &str) -> bool) -> Vec<TablePlan> {
    let recorded: Rows = manifest
        .content
        .tables
        .iter()
        .map(|table| ((table.schema.clone(), table.name.clone()), table.rows))
        .collect();
    let names: BTreeSet<_> = live.keys().chain(recorded.keys()).collect();
    let wanted = names.into_iter().filter(|(schema, name)| wanted(schema, name));
    let table = |key: &(String, String)| TablePlan {
        schema: key.0.clone(),
        name: key.1.clone(),
        live: live.get(key).copied(),
        backup: recorded.get(key).copied(),
    };
    wanted.map(table).collect()
}

async fn missing_roles(
    server: &mut Server,
    manifest: &Manifest,
) -> Result<Vec<String>, RestoreError> {
    let known: Vec<(String,)> =
        server.rows("list the roles", "SELECT rolname::text FROM pg_roles").await?;
    let known: BTreeSet<_> = known.into_iter().map(|(name,)| name).collect();
    Ok(manifest.roles.iter().filter(|role| !known.contains(*role)).cloned().collect())
}

async fn missing_extensions(
    server: &mut Server,
    manifest: &Manifest,
) -> Result<Vec<String>, RestoreError> {
    let sql = "SELECT name::text FROM pg_available_extensions";
    let known: Vec<(String,)> = server.rows("list the extensions", sql).await?;
    let known: BTreeSet<_> = known.into_iter().map(|(name,)| name).collect();
    let names = manifest.extensions.iter().map(|extension| &extension.name);
    Ok(names.filter(|name| !known.contains(*name)).cloned().collect())
}

async fn space(
    server: &mut Server,
    backup: &Backup,
    url: &DatabaseUrl,
) -> Result<SpacePlan, RestoreError> {
    // Whoever may not read the setting does not get to know it.
    let folder =
        server.row::<(String,)>("find the data", "SELECT current_setting('data_directory')");
    let folder = folder.await.ok().filter(|_| url.is_local());
    Ok(SpacePlan {
        server_needs: backup.manifest.source.bytes,
        server_free: folder.and_then(|(folder,)| free(folder.as_ref())),
        here_needs: backup.manifest.artifact.raw.bytes,
        here_free: backup.place.staging().ok().and_then(|folder| free(&folder)),
    })
}

/// How much is free in the file system of a folder, for whoever is not root.
fn free(folder: &std::path::Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_either_is_listed_with_its_rows() {
        let manifest = crate::manifest::tests::manifest("20261120T214530Z_manual_9f1c02ab");
        let name = manifest.content.tables[0].name.clone();
        let key = |name: &str| ("public".to_owned(), name.to_owned());
        let live = Rows::from([(key("new"), 5), (key(&name), 7)]);
        let found = tables(&manifest, &live, |_, _| true);
        let rows: Vec<_> = found.iter().map(|table| (table.live, table.backup)).collect();
        assert_eq!(rows, [(Some(5), None), (Some(7), Some(u64::MAX))]);
        assert_eq!(tables(&manifest, &live, |_, table| table == "new").len(), 1);
    }

    #[test]
    fn migrations_are_lost_and_come_back() {
        let [one, two, three] = ["m1", "m2", "m3"].map(str::to_owned);
        let (now, then) = ([one.clone(), two.clone()], [one, three.clone()]);
        assert_eq!(only_in(&now, &then), [two]);
        assert_eq!(only_in(&then, &now), [three]);
    }
}

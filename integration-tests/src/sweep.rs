//! What is left when nobody uses the server any more.

use std::{fs, path::Path};

use anyhow::Result;
use dbkit::{
    DatabaseUrl, Identifier,
    local_server::{self, DATABASE},
};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::{
    cluster::clusters,
    permission, place,
    server::{Which, which, workspace},
    sql,
};

/// Deletes the throwaway servers of `folder`, and what tests have left on one that was given.
pub async fn sweep(folder: &Path) -> Result<()> {
    for cluster in fs::read_dir(clusters(folder)).into_iter().flatten().flatten() {
        destroy(&cluster.path()).await?;
        fs::remove_dir_all(cluster.path())?;
    }
    match which()? {
        Which::Given(url) => sweep_given(&url).await,
        // The folder stays: it may hold a PostgreSQL that was downloaded.
        Which::Own => destroy(&workspace(folder)).await,
    }
}

/// Stops and deletes the server of this workspace, if there is one.
pub(crate) async fn destroy(workspace: &Path) -> Result<()> {
    local_server::destroy(workspace, &permission::permit(DATABASE), &()).await?;
    Ok(())
}

async fn sweep_given(url: &DatabaseUrl) -> Result<()> {
    let mut session = sql::session(url).await?;
    let databases = "SELECT datname::text FROM pg_database WHERE starts_with(datname::text, ";
    let roles = "SELECT rolname::text FROM pg_roles WHERE starts_with(rolname::text, ";
    for kind in ["test", "template"] {
        drop_named(&mut session, databases, kind, "DATABASE", "WITH (FORCE)").await?;
    }
    drop_named(&mut session, roles, "test", "ROLE", "").await
}

async fn drop_named(
    session: &mut PgConnection,
    query: &str,
    kind: &str,
    noun: &str,
    options: &str,
) -> Result<()> {
    let query = format!("{query}'{kind}_{}_')", place::build_name());
    let names: Vec<String> =
        sqlx::query_scalar(AssertSqlSafe(query)).fetch_all(&mut *session).await?;
    for name in names {
        let drop = format!("DROP {noun} IF EXISTS {} {options}", Identifier(&name));
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut *session).await?;
    }
    Ok(())
}

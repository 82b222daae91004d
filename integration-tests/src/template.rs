//! The migrated database that every test's database is a copy of.

use anyhow::Result;
use dbkit::{
    ConnectOptions, Identifier, Literal,
    lock::{self, LockName},
};
use migration::project::project;
use migration_engine::Upto;

use crate::{
    engine::Engine,
    place,
    server::{LIMIT, Server},
    sql,
};

const BUILDING: LockName = LockName("test template");

/// The template's name on this server; the first caller of all makes it.
///
/// Its name says which migrations made it, so that one that is there is never out of date.
pub(crate) async fn ready(server: &Server) -> Result<String> {
    let name = format!("template_{}_{}", place::build_name(), env!("MIGRATIONS_DIGEST"));
    if exists(server, &name).await? {
        return Ok(name);
    }
    let options = ConnectOptions::new("seaworthy test template");
    let lock = lock::acquire(&server.url, &options, BUILDING, LIMIT).await?;
    if !exists(server, &name).await? {
        build(server, &name).await?;
    }
    lock.release().await?;
    Ok(name)
}

/// A template that is still being built takes connections.
async fn exists(server: &Server, name: &str) -> Result<bool> {
    let name = Literal(name);
    let question = format!(
        "SELECT EXISTS (SELECT FROM pg_database WHERE datname = {name} AND NOT datallowconn)"
    );
    sql::ask(&server.url, &question).await
}

async fn build(server: &Server, name: &str) -> Result<()> {
    let database = Identifier(name);
    let create = [
        format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"),
        format!("CREATE DATABASE {database} TEMPLATE template0"),
    ];
    sql::execute(&server.url, &create).await?;
    let url = server.url.with_database(name);
    Engine::default().up(&url, &project(), Upto::All).await?;
    // A database with a connection cannot be copied, so there will be none.
    let close = format!("ALTER DATABASE {database} WITH ALLOW_CONNECTIONS false");
    sql::execute(&server.url, &[close]).await
}

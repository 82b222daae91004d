//! A database that exists for one test.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use dbkit::{DatabaseUrl, Identifier, connect, guard::Permit};
use sea_orm::DatabaseConnection;
use url::Url;

use crate::{
    blocking, permission,
    place::unique_name,
    server::{Server, server},
    sql, template,
};

/// The password of every role of a test, for servers that ask.
const PASSWORD: &str = "let-me-in";

/// A database that exists for one test, with the roles that the test has made.
///
/// Both go when the value does, also when the test panics.
#[derive(Debug)]
pub struct TestDatabase {
    server: &'static Server,
    url: DatabaseUrl,
    db: DatabaseConnection,
    roles: Mutex<Vec<String>>,
}

impl TestDatabase {
    /// One to which all migrations are applied.
    pub async fn migrated() -> Self {
        let server = server().await;
        let template = template::ready(server).await.expect("the migrations make a template");
        Self::copy_of(server, &template).await.expect("the template can be copied")
    }

    /// One with nothing in it.
    pub async fn empty() -> Self {
        Self::copy_of(server().await, "template0").await.expect("a database can be created")
    }

    async fn copy_of(server: &'static Server, template: &str) -> Result<Self> {
        let name = unique_name();
        // Copying files writes no log; since nothing is synced, it is the quickest way.
        let strategy = if server.version.major() >= 15 { "STRATEGY file_copy" } else { "" };
        let (database, template) = (Identifier(&name), Identifier(template));
        let create = format!("CREATE DATABASE {database} TEMPLATE {template} {strategy}");
        sql::execute(&server.url, &[create]).await?;
        let url = server.url.with_database(&name);
        let db = connect(&url, &sql::options(), &()).await.context("connect to the copy")?;
        Ok(Self { server, url, db, roles: Mutex::default() })
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.url.database()
    }

    /// Where it is, for a superuser.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// A pool of connections to it, as a superuser.
    pub fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// A permit to destroy it.
    pub fn permit(&self) -> Permit {
        permission::permit(&self.name())
    }

    /// Creates a role that may log in, and has the `attributes` besides; its URL for this database.
    pub async fn role(&self, attributes: &str) -> DatabaseUrl {
        let name = unique_name();
        let create = format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' {attributes}");
        sql::run(&self.db, &create).await;
        self.roles.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
        let mut url: Url = self.url.expose().parse().expect("it was one before");
        url.set_username(&name).expect("the URL has a host");
        url.set_password(Some(PASSWORD)).expect("the URL has a host");
        url.as_str().parse().expect("it names a database")
    }

    /// A role that may read everything in this database, and change nothing.
    pub async fn reader(&self) -> DatabaseUrl {
        let url = self.role("IN ROLE pg_read_all_data").await;
        // Before PostgreSQL 15 everybody may create in `public`.
        sql::run(&self.db, "REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
        url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let mut statements =
            vec![format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Identifier(&self.name()))];
        let roles = self.roles.get_mut().unwrap_or_else(PoisonError::into_inner);
        statements.extend(roles.iter().map(|role| format!("DROP ROLE {role}")));
        // What cannot be dropped now is swept when the last test process has ended. To panic here
        // would hide why the test failed.
        drop(blocking::run(sql::execute(&self.server.url, &statements)));
    }
}

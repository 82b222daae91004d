//! Databases that exist for one purpose and are dropped again.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::{
    DatabaseUrl, Identifier,
    connect::{ConnectError, ConnectOptions, connect_session},
};

/// A database that was just created and is nobody's yet.
///
/// It is dropped by [`ScratchDatabase::drop`], or becomes an ordinary one by
/// [`ScratchDatabase::keep`]. A process that dies in between leaves it behind under its name.
#[derive(Debug)]
#[must_use = "drop it or keep it, or it stays behind"]
pub struct ScratchDatabase {
    maintenance: DatabaseUrl,
    url: DatabaseUrl,
}

/// Why a database was not created or dropped.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// A database of that name is there already, and stays as it is.
    #[error("database `{0}` exists already")]
    Exists(String),
    /// The role may not create databases.
    #[error("the role may not create databases (`{database}` was asked for)")]
    NotAllowed {
        /// The database that was asked for.
        database: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// There is no connection to create it over.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Anything else.
    #[error("cannot create, rename or drop database `{database}`")]
    Sql {
        /// The database that was asked for.
        database: String,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
}

/// Creates database `name`, a copy of `template`, on the server of `maintenance`.
///
/// `template0` gives an empty one. `maintenance` is any other database on that server, usually the
/// one that the command is about, and never the template.
pub async fn create(
    maintenance: &DatabaseUrl,
    name: &str,
    template: &str,
) -> Result<ScratchDatabase, ScratchError> {
    create_with(maintenance, name, template, "").await
}

/// Like [`create`], with further clauses of `CREATE DATABASE`, in which values are quoted already.
pub async fn create_with(
    maintenance: &DatabaseUrl,
    name: &str,
    template: &str,
    clauses: &str,
) -> Result<ScratchDatabase, ScratchError> {
    let (quoted, template) = (Identifier(name), Identifier(template));
    let sql = format!("CREATE DATABASE {quoted} TEMPLATE {template} {clauses}");
    execute(maintenance, name, sql).await?;
    Ok(ScratchDatabase { maintenance: maintenance.clone(), url: maintenance.with_database(name) })
}

impl ScratchDatabase {
    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Turns it into a database like any other.
    pub fn keep(self) -> DatabaseUrl {
        self.url
    }

    /// Gives it the name under which it is to be known, which must be free.
    ///
    /// Nobody may be connected. Whoever looks for that name finds nothing, or all of it.
    pub async fn rename(&mut self, name: &str) -> Result<(), ScratchError> {
        let (old, new) = (self.url.database(), Identifier(name));
        let sql = format!("ALTER DATABASE {} RENAME TO {new}", Identifier(&old));
        execute(&self.maintenance, name, sql).await?;
        self.url = self.maintenance.with_database(name);
        Ok(())
    }

    /// Drops it, and cuts off whoever is connected.
    pub async fn drop(self) -> Result<(), ScratchError> {
        let name = self.url.database();
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Identifier(&name));
        execute(&self.maintenance, &name, sql).await
    }
}

/// Makes sure that no database of the server of `maintenance` has this name.
pub async fn require_free(maintenance: &DatabaseUrl, name: &str) -> Result<(), ScratchError> {
    let options = ConnectOptions::new("seaworthy scratch");
    let mut session = connect_session(maintenance, &options).await?;
    let taken = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut session)
        .await
        .map_err(|source| ScratchError::Sql { database: name.to_owned(), source })?;
    let _ = session.close().await;
    if taken { Err(ScratchError::Exists(name.to_owned())) } else { Ok(()) }
}

async fn execute(
    maintenance: &DatabaseUrl,
    database: &str,
    sql: String,
) -> Result<(), ScratchError> {
    let options = ConnectOptions::new("seaworthy scratch");
    let mut session = connect_session(maintenance, &options).await?;
    let result = session.execute(AssertSqlSafe(sql)).await;
    // The statement's own result is what matters, not how the goodbye went.
    let _ = session.close().await;
    result.map(drop).map_err(|source| classify(database.to_owned(), source))
}

fn classify(database: String, source: sqlx::Error) -> ScratchError {
    let code = source.as_database_error().and_then(|error| error.code().map(String::from));
    match code.as_deref() {
        Some("42P04") => ScratchError::Exists(database),
        Some("42501") => ScratchError::NotAllowed { database, source },
        _ => ScratchError::Sql { database, source },
    }
}

//! SQL in one line, for tests: a panic with the statement and the server's answer where it fails.

use dbkit::{ConnectOptions, DatabaseUrl, connect, connect::connect_session};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement, TryGetable,
};
use sqlx::{AssertSqlSafe, Connection as _, Decode, PgConnection, Postgres, Type};

/// How tests connect.
pub fn options() -> ConnectOptions {
    ConnectOptions::new("seaworthy test")
}

/// Carries out statements that are expected to succeed.
#[track_caller]
pub fn run<'a>(db: &'a impl ConnectionTrait, sql: &'a str) -> impl Future<Output = ()> + 'a {
    let caller = std::panic::Location::caller();
    async move {
        let result = db.execute_unprepared(sql).await;
        result.unwrap_or_else(|error| panic!("{caller}: {sql}: {error}"));
    }
}

/// The one value that a query answers with.
pub async fn value<T: TryGetable>(db: &impl ConnectionTrait, sql: &str) -> T {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    let row = row.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let value = row.expect("the query answers with a row").try_get_by_index(0);
    value.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The first column of every row.
pub async fn column<T: TryGetable>(db: &impl ConnectionTrait, sql: &str) -> Vec<T> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
    let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let values: Result<_, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    values.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The SQLSTATE with which the server refused a statement.
pub fn sqlstate(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    error.as_database_error()?.code().map(String::from)
}

/// A pool of connections.
pub async fn pool(url: &DatabaseUrl) -> DatabaseConnection {
    connect(url, &options(), &()).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

/// A connection that belongs to no pool.
pub async fn session(url: &DatabaseUrl) -> Result<PgConnection, dbkit::ConnectError> {
    connect_session(url, &options()).await
}

/// Asks one question over a connection of its own.
pub(crate) async fn ask<T>(url: &DatabaseUrl, question: &str) -> anyhow::Result<T>
where
    T: for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin,
{
    let mut session = session(url).await?;
    let question = AssertSqlSafe(question.to_owned());
    let answer = sqlx::query_scalar(question).fetch_one(&mut session).await?;
    session.close().await?;
    Ok(answer)
}

/// Carries out statements over a connection of their own.
pub(crate) async fn execute(url: &DatabaseUrl, statements: &[String]) -> anyhow::Result<()> {
    let mut session = session(url).await?;
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut session).await?;
    }
    session.close().await?;
    Ok(())
}

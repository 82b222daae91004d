//! Who can connect to the server, and as what; see the module's documentation for why.

use sqlx::{AssertSqlSafe, PgConnection, query_scalar, raw_sql};

use crate::identifier::Identifier;

/// The superuser, who exists on the Unix socket alone.
pub const SUPERUSER: &str = "postgres";

/// The role of everybody else.
pub const ROLE: &str = "app";

/// The database that the role owns.
pub const DATABASE: &str = "app";

/// The cluster's `pg_hba.conf`: the first line that matches decides.
pub(super) const HBA: &str = "\
# Written when this cluster was made. The socket's folder can be entered by its owner alone, TCP
# can be reached by every user of the machine; therefore the superuser exists only on the socket.
# TYPE  DATABASE  USER  ADDRESS       METHOD
local   all       all                 trust
host    all       app   127.0.0.1/32  trust
host    all       all   all           reject
";

/// Creates the role and its database where they are missing.
///
/// A start may be killed between any two statements, so each is looked for on every start.
pub(super) async fn ensure(superuser: &mut PgConnection) -> Result<(), sqlx::Error> {
    let role = "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1)";
    if !exists(superuser, role, ROLE).await? {
        let create = format!("CREATE ROLE {} LOGIN CREATEDB", Identifier(ROLE));
        raw_sql(AssertSqlSafe(create)).execute(&mut *superuser).await?;
    }
    let database = "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)";
    if !exists(superuser, database, DATABASE).await? {
        let create = format!("CREATE DATABASE {} OWNER {}", Identifier(DATABASE), Identifier(ROLE));
        raw_sql(AssertSqlSafe(create)).execute(&mut *superuser).await?;
    }
    Ok(())
}

async fn exists(
    connection: &mut PgConnection,
    question: &'static str,
    name: &str,
) -> Result<bool, sqlx::Error> {
    query_scalar(question).bind(name).fetch_one(connection).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Vec<Vec<&'static str>> {
        let lines = HBA.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split_whitespace().collect()).collect()
    }

    #[test]
    fn only_the_role_can_connect_over_tcp() {
        let tcp: Vec<_> = rules().into_iter().filter(|rule| rule[0].starts_with("host")).collect();
        assert_eq!(tcp.last().unwrap()[..], ["host", "all", "all", "all", "reject"]);
        for rule in &tcp[..tcp.len() - 1] {
            assert_eq!((rule[2], rule[3]), (ROLE, "127.0.0.1/32"));
        }
    }

    #[test]
    fn the_superuser_needs_the_socket() {
        assert_eq!(rules()[0], ["local", "all", "all", "trust"]);
    }
}

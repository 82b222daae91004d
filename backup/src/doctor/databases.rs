//! What dead runs have left on a server: databases that let nobody in, and databases that nobody wants.
//!
//! Everything that has to be known is on the server itself, so any machine can put it right. What is
//! found is judged by [`rules`](crate::swap::rules); a run that is alive is left alone, because it holds
//! a lock that ends with it.

use std::time::Duration;

use dbkit::{DatabaseUrl, Identifier};
use serde::Serialize;

use crate::{
    DatabaseFinding,
    server::{Server, ServerError},
    swap::{
        mark::Mark,
        rules::{self, Seen},
        settle::{allow_sql, open_sql},
    },
};

/// How long a session that has lost its client may still be at work.
const LAST_WORDS: Duration = Duration::from_secs(10);

const DATABASES: &str = "
SELECT oid::bigint, datname::text, datallowconn, shobj_description(oid, 'pg_database')
FROM pg_database ORDER BY datname COLLATE \"C\"";

/// Databases that are being made at this moment. A client that was killed cannot stop that, and the database is
/// to be seen only when it is done.
const BEING_MADE: &str = "
SELECT count(*) FROM pg_stat_activity
WHERE state = 'active' AND application_name = 'seaworthy scratch'
    AND query LIKE 'CREATE DATABASE \"seaworthy\\_%'";

/// What was found on a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// What is wrong.
    pub findings: Vec<DatabaseFinding>,
    /// How many databases belong to runs that are under way.
    pub under_way: usize,
}

/// What was done about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatabaseRepair {
    /// What was wrong.
    #[serde(flatten)]
    pub finding: DatabaseFinding,
    /// Whether it is right now.
    pub repaired: bool,
}

/// Says what is wrong with the databases of the server of `url`.
pub async fn examine_databases(url: &DatabaseUrl) -> Result<Examined, ServerError> {
    let mut server = Server::open(url, &url.database()).await?;
    let examined = examine(&mut server).await?;
    server.close().await;
    Ok(examined)
}

/// Puts right what is wrong, as far as it can be; how many databases belong to runs that are under way.
pub async fn repair_databases(
    url: &DatabaseUrl,
) -> Result<(Vec<DatabaseRepair>, usize), ServerError> {
    let mut server = Server::open(url, &url.database()).await?;
    // Looking has taken the locks of the dead, so that nobody takes up their business meanwhile.
    let examined = examine(&mut server).await?;
    let mut repairs = Vec::new();
    for finding in examined.findings {
        let repaired = finding.is_repairable();
        repair(&mut server, &finding).await?;
        repairs.push(DatabaseRepair { finding, repaired });
    }
    server.close().await;
    Ok((repairs, examined.under_way))
}

async fn examine(server: &mut Server) -> Result<Examined, ServerError> {
    let seen = look(server).await?;
    let mut alive = Vec::new();
    for run in rules::runs(&seen) {
        if server.is_alive(run).await? {
            alive.push(run);
        }
    }
    let being_made: Vec<(i64,)> = server.rows("see what is being made", BEING_MADE).await?;
    let being_made: i64 = being_made.iter().map(|(count,)| count).sum();
    // A run that has ended between the two looks has changed what there is.
    let seen = look(server).await?;
    let findings = rules::judge(&seen, &alive);
    let under_way = alive.len() + usize::try_from(being_made).unwrap_or_default();
    Ok(Examined { findings, under_way })
}

async fn look(server: &mut Server) -> Result<Vec<Seen>, ServerError> {
    let rows: Vec<(i64, String, bool, Option<String>)> =
        server.rows("list the databases", DATABASES).await?;
    let seen = |(oid, name, is_open, comment): (_, _, _, Option<String>)| Seen {
        oid,
        name,
        is_open,
        mark: Mark::of(comment.as_deref()),
    };
    Ok(rows.into_iter().map(seen).collect())
}

async fn repair(server: &mut Server, finding: &DatabaseFinding) -> Result<(), ServerError> {
    let sql = match finding {
        DatabaseFinding::Closed { database, comment, .. } => {
            server.claim(database, LAST_WORDS).await?;
            open_sql(database, comment.as_deref())
        }
        DatabaseFinding::AsideClosed { database } => allow_sql(database),
        DatabaseFinding::Abandoned { database, .. } => {
            format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", Identifier(database))
        }
        DatabaseFinding::Missing { .. } => return Ok(()),
    };
    server.execute(&format!("repair `{}`", finding.database()), &sql).await
}

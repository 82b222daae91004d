//! Passwords, asked for by a server that trusts nobody.

use dbkit::{
    ConnectError, DatabaseUrl,
    connect::{connect_session, dedicated},
};
use integration_tests::{Cluster, sql};

use super::failure;
use crate::watching::until;

/// Everybody over TCP must know a password, and `app` only with encryption, which there is none.
pub(super) const ASK_FOR_PASSWORDS: &str = "\
local   all all                trust
hostssl all app  127.0.0.1/32  scram-sha-256
host    all all  127.0.0.1/32  scram-sha-256
";

pub(super) async fn with_role(cluster: &Cluster) {
    let superuser = sql::pool(cluster.superuser()).await;
    sql::run(&superuser, "CREATE ROLE tester LOGIN PASSWORD 'p@ss/w%rd'").await;
    superuser.close().await.unwrap();
}

#[tokio::test]
async fn the_right_password_opens_and_any_other_is_told_without_being_shown() {
    let mut cluster = Cluster::start().await;
    with_role(&cluster).await;
    cluster.restart(&[], |cluster| cluster.write("pg_hba.conf", ASK_FOR_PASSWORDS)).await;
    let url = |credentials: &str| cluster.tcp(credentials, "127.0.0.1", "");

    let db = sql::pool(&url("tester:p%40ss%2Fw%25rd")).await;
    assert_eq!(sql::value::<String>(&db, "SELECT current_user::text").await, "tester");

    for (credentials, user) in
        [("tester:secret", "tester"), ("tester", "tester"), ("nobody:secret", "nobody")]
    {
        let error = failure(&url(credentials), &sql::options()).await;
        let ConnectError::Authentication { user: found, .. } = &error else { panic!("{error:?}") };
        assert_eq!(found, user);
        assert!(!error.is_transient());
        let told = format!("{error} {error:?}");
        assert!(!told.contains("secret"), "{told}");
    }

    let plain: DatabaseUrl = cluster.tcp("tester:p%40ss%2Fw%25rd", "127.0.0.1", "sslmode=require");
    let error = failure(&plain, &sql::options()).await;
    let ConnectError::Tls { mode, .. } = &error else { panic!("{error:?}") };
    assert_eq!(mode, "require");
}

#[tokio::test]
async fn a_password_that_saslprep_refuses_opens_pools_and_sessions_and_leaves_none() {
    let mut cluster = Cluster::start().await;
    let superuser = sql::pool(cluster.superuser()).await;
    sql::run(&superuser, "CREATE ROLE tester LOGIN PASSWORD E'two\\nlines \u{1f511}'").await;
    superuser.close().await.unwrap();
    cluster.restart(&[], |cluster| cluster.write("pg_hba.conf", ASK_FOR_PASSWORDS)).await;
    let url = |credentials: &str| cluster.tcp(credentials, "127.0.0.1", "");
    let right = url("tester:two%0Alines%20%F0%9F%94%91");

    let pool = sql::pool(&right).await;
    let single = dedicated(&right, &sql::options()).unwrap();
    let mut session = connect_session(&right, &sql::options()).await.unwrap();
    for db in [&pool, &single] {
        assert_eq!(sql::value::<String>(db, "SELECT current_user::text").await, "tester");
    }
    sqlx::raw_sql("SELECT 1").execute(&mut session).await.unwrap();
    for db in [pool, single] {
        db.close().await.unwrap();
    }
    drop(session);
    let gone = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'tester')";
    let superuser = sql::pool(cluster.superuser()).await;
    until("the end of all sessions", async || sql::value(&superuser, gone).await).await;

    let error = failure(&url("tester:secret%0Alines"), &sql::options()).await;
    assert!(matches!(&error, ConnectError::Authentication { user, .. } if user == "tester"));
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    let port = right.port();
    let nobody = format!("postgres://tester:a%0Ab@127.0.0.1:{port}/app?host=127.0.0.1&port=1");
    let error = failure(&nobody.parse().unwrap(), &sql::options()).await;
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
}

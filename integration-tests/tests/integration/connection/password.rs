//! Passwords, asked for by a server that trusts nobody.

use dbkit::{ConnectError, DatabaseUrl};
use integration_tests::{Cluster, sql};

use super::failure;

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

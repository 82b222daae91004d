//! A password with line breaks over an encrypted connection: it is given away to nobody but the server.

use dbkit::{ConnectError, connect};
use integration_tests::{Program, Run, sql};
use sea_orm::DatabaseConnection;
use tempfile::TempDir;

use super::password::{PASSWORDS, credentials, keeper};
use crate::{
    connection::tls::Secure,
    seeder::assert_failed,
    watching::{DUMP_WAITS, Held, Running, until},
};

/// How the sessions of the role are connected: all that there are, and the encrypted ones.
const ENCRYPTED: &str = "
SELECT count(*) FILTER (WHERE application_name LIKE 'seaworthy backup%') >= 2 AND bool_and(ssl)
FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'keeper'";

/// A server that offers TLS, and a superuser with a password of several lines.
struct Scene {
    secure: Secure,
    superuser: DatabaseConnection,
    place: TempDir,
}

impl Scene {
    async fn start() -> Self {
        let secure = Secure::start().await;
        let superuser = sql::pool(secure.cluster.superuser()).await;
        sql::run(&superuser, super::SMALL).await;
        sql::run(&superuser, &keeper("keeper", PASSWORDS[1])).await;
        Self { secure, superuser, place: tempfile::tempdir().unwrap() }
    }

    /// Lets the role in by these lines alone.
    async fn admit(&mut self, lines: &str) {
        let lines = format!("local all all trust\n{lines}\n");
        let write = |cluster: &integration_tests::Cluster| cluster.write("pg_hba.conf", &lines);
        let settings = [("ssl", "on"), ("ssl_ca_file", "root.crt")];
        self.secure.cluster.restart(&settings, write).await;
        self.superuser = sql::pool(self.secure.cluster.superuser()).await;
    }

    fn url(&self, host: &str, parameters: &str) -> dbkit::DatabaseUrl {
        let parameters = ["authority.pem", "client.crt", "client.key"]
            .into_iter()
            .fold(parameters.to_owned(), |text, name| text.replace(name, &self.secure.file(name)));
        self.secure.cluster.tcp(&credentials("keeper", PASSWORDS[1]), host, &parameters)
    }

    async fn create(&self, host: &str, parameters: &str) -> Run {
        let program = Program::new("backup").await.on(&self.url(host, parameters));
        program.env("BACKUP_DIR", self.place.path().join("backups")).args("create").run().await
    }
}

#[tokio::test]
async fn all_of_a_backup_is_encrypted_where_the_mode_says_so() {
    let scene = Scene::start().await;
    let backups = scene.place.path().join("backups").display().to_string();
    for (host, parameters) in [
        ("127.0.0.1", "sslmode=require"),
        ("127.0.0.1", "sslmode=verify-ca&sslrootcert=authority.pem"),
        ("localhost", "sslmode=verify-full&sslrootcert=authority.pem&channel_binding=require"),
    ] {
        let held = Held::take(scene.secure.cluster.superuser(), DUMP_WAITS).await;
        let url = scene.url(host, parameters);
        let variables = [("DATABASE_URL", url.expose()), ("BACKUP_DIR", backups.as_str())];
        let running = Running::start("backup", &variables, "create").await;
        let encrypted = async || {
            let found: Option<bool> = sql::value(&scene.superuser, ENCRYPTED).await;
            found == Some(true)
        };
        until("an encrypted pg_dump", encrypted).await;
        held.release().await;
        let ended = running.end().await;
        assert_eq!(ended.code, Some(0), "{parameters}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_server_that_is_not_to_be_trusted_does_not_get_the_password() {
    let scene = Scene::start().await;
    for (host, parameters) in [
        // Nobody has heard of this authority.
        ("localhost", "sslmode=verify-full"),
        ("localhost", "sslmode=verify-ca"),
        ("localhost", "sslmode=verify-full&sslrootcert=/nowhere/authority.pem"),
        // The certificate is for another name.
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=authority.pem"),
    ] {
        let error = connect(&scene.url(host, parameters), &sql::options(), &()).await.unwrap_err();
        assert!(matches!(error, ConnectError::Tls { .. }), "{parameters}: {error:?}");
        let run = scene.create(host, parameters).await;
        assert_failed(&run, 1, "no encrypted connection");
        assert!(!run.stderr.contains("unt0ld"), "{run}");
    }
}

#[tokio::test]
async fn the_other_way_is_tried_where_the_server_lets_nobody_in_by_the_first() {
    let mut scene = Scene::start().await;
    scene.admit("hostssl all keeper all scram-sha-256").await;
    for parameters in ["sslmode=allow", "sslmode=prefer", ""] {
        let run = scene.create("127.0.0.1", parameters).await;
        assert_eq!(run.code, 0, "{parameters}: {run}");
    }
    let run = scene.create("127.0.0.1", "sslmode=disable").await;
    assert_failed(&run, 1, "does not let `keeper` in");
    scene.admit("hostnossl all keeper all scram-sha-256").await;
    for parameters in ["sslmode=allow", "sslmode=prefer", "sslmode=disable"] {
        let run = scene.create("127.0.0.1", parameters).await;
        assert_eq!(run.code, 0, "{parameters}: {run}");
    }
    let run = scene.create("127.0.0.1", "sslmode=require").await;
    assert_failed(&run, 1, "does not let `keeper` in");
}

#[tokio::test]
async fn a_certificate_of_the_client_is_shown_where_it_is_asked_for() {
    let mut scene = Scene::start().await;
    scene.admit("hostssl all keeper all scram-sha-256 clientcert=verify-ca").await;
    let own = "sslmode=require&sslcert=client.crt&sslkey=client.key";
    let run = scene.create("127.0.0.1", own).await;
    assert_eq!(run.code, 0, "{run}");
    let run = scene.create("127.0.0.1", "sslmode=require").await;
    assert_failed(&run, 1, "does not let `keeper` in");
}

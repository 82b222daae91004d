//! Encryption, with a real certificate of an authority that only this test knows.

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

use dbkit::{ConnectError, DatabaseUrl, connect};
use integration_tests::{Cluster, sql};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

use super::{
    failure,
    password::{ASK_FOR_PASSWORDS, with_role},
};

const CREDENTIALS: &str = "tester:p%40ss%2Fw%25rd";

/// A server that offers TLS, with a certificate for `localhost` alone.
pub(crate) struct Secure {
    pub(crate) cluster: Cluster,
    folder: TempDir,
}

impl Secure {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        std::fs::write(folder.path().join("authority.pem"), authority.pem()).unwrap();
        // A client that shows a certificate of its own.
        let key = KeyPair::generate().unwrap();
        let mut client = CertificateParams::new(vec!["client".to_owned()]).unwrap();
        // With the authority's own name it would pass for one that signs itself.
        client.distinguished_name.push(DnType::CommonName, "client");
        let client = client.signed_by(&key, &authority).unwrap();
        std::fs::write(folder.path().join("client.crt"), client.pem()).unwrap();
        std::fs::write(folder.path().join("client.key"), key.serialize_pem()).unwrap();
        std::fs::set_permissions(folder.path().join("client.key"), Permissions::from_mode(0o600))
            .unwrap();
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&key, &authority).unwrap();

        let mut cluster = Cluster::start().await;
        with_role(&cluster).await;
        let write = |cluster: &Cluster| {
            cluster.write("root.crt", &authority.pem());
            cluster.write("server.crt", &server.pem());
            cluster.write("server.key", &key.serialize_pem());
            cluster.write("pg_hba.conf", ASK_FOR_PASSWORDS);
        };
        let settings = [("ssl", "on"), ("ssl_ca_file", "root.crt")];
        cluster.restart(&settings, write).await;
        Self { cluster, folder }
    }

    fn url(&self, host: &str, parameters: &str) -> DatabaseUrl {
        self.cluster.tcp(CREDENTIALS, host, parameters)
    }

    /// The same with the authority's certificate.
    fn trusting(&self, host: &str, parameters: &str) -> DatabaseUrl {
        self.url(host, &format!("{parameters}&sslrootcert={}", self.file("authority.pem")))
    }

    /// `authority.pem`, `client.crt` or `client.key`.
    pub(crate) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

async fn is_encrypted(url: &DatabaseUrl) -> bool {
    let db = connect(url, &sql::options(), &()).await.unwrap();
    sql::value(&db, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").await
}

#[tokio::test]
async fn every_mode_encrypts_and_trusts_as_libpq_documents() {
    let server = Secure::start().await;

    assert!(!is_encrypted(&server.url("127.0.0.1", "sslmode=disable")).await);
    assert!(is_encrypted(&server.url("127.0.0.1", "")).await);
    assert!(is_encrypted(&server.url("127.0.0.1", "sslmode=prefer")).await);
    assert!(is_encrypted(&server.url("127.0.0.1", "sslmode=require")).await);
    assert!(is_encrypted(&server.trusting("localhost", "sslmode=verify-full")).await);
    assert!(is_encrypted(&server.trusting("127.0.0.1", "sslmode=verify-ca")).await);

    for (url, expected) in [
        // Nobody has heard of this authority.
        (server.url("localhost", "sslmode=verify-full"), "verify-full"),
        (server.url("localhost", "sslmode=verify-ca"), "verify-ca"),
        // The certificate is for another name.
        (server.trusting("127.0.0.1", "sslmode=verify-full"), "verify-full"),
    ] {
        let error = failure(&url, &sql::options()).await;
        let ConnectError::Tls { mode, .. } = &error else { panic!("{expected}: {error:?}") };
        assert_eq!(mode, expected);
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn a_root_certificate_that_is_not_there_is_an_error_and_no_plain_connection() {
    let server = Secure::start().await;
    let url = server.url("localhost", "sslmode=verify-full&sslrootcert=/nowhere/authority.pem");
    let error = failure(&url, &sql::options()).await;
    assert!(!error.is_transient(), "{error:?}");
    let told = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(!format!("{error} {told}").contains("w%rd"), "{error} {told}");
}

//! A receiver elsewhere must prove who it is.

use std::sync::Arc;

use integration_tests::{Program, TestDatabase};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio_rustls::TlsAcceptor;

use super::receiver::{Receiver, Reply};

/// A receiver with a certificate for this name, and the authority that says so, in PEM.
async fn receiver(name: &str) -> (Receiver, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let server = server.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], key)
        .unwrap();
    let tls = TlsAcceptor::from(Arc::new(config));
    (Receiver::start_with(&[Reply::Status(200)], Some(tls)).await, authority.pem())
}

#[tokio::test]
async fn a_receiver_is_told_over_tls_if_its_certificate_is_good() {
    let test = TestDatabase::empty().await;
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("authority.pem");
    for (name, trusted, told) in
        [("localhost", true, true), ("localhost", false, false), ("other.example", true, false)]
    {
        let (receiver, own) = receiver(name).await;
        let (_, others) = self::receiver(name).await;
        std::fs::write(&authority, if trusted { own } else { others }).unwrap();
        let program = Program::new("migration").await.on(test.url()).args("fresh --env testing");
        let program = receiver.told_by(program).env("SSL_CERT_FILE", &authority);
        let run = program.run().await;
        assert_eq!(run.code, 0, "{run}");
        assert_eq!(receiver.requests().len(), usize::from(told), "{run}");
        assert_eq!(run.stderr.contains("nobody was told how this ended"), !told, "{run}");
        assert_eq!(run.stderr.contains("certificate"), !told, "{run}");
    }
}

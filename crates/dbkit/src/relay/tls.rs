//! Encryption as libpq has it: a certificate is checked as soon as there is an authority to check it
//! by, and its name where the mode says so.

use std::{fs, io, path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{
        CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName, UnixTime,
        pem::PemObject,
    },
    version::{TLS12, TLS13},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    access::{Access, Mode, Trust},
    channel_binding,
    refusal::Refusal,
    upstream::{Line, Stream},
};

/// Encrypts a connection on which the server is ready for it.
pub(super) async fn encrypt(access: &Access, plain: Box<dyn Stream>) -> Result<Line, Refusal> {
    let config = config(access).map_err(Refusal::encryption)?;
    let name = ServerName::try_from(access.host.trim_matches(['[', ']']).to_owned());
    let name = name.map_err(Refusal::encryption)?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, plain).await;
    let stream = stream.map_err(Refusal::encryption)?;
    let end_point = certificate(&stream).and_then(channel_binding::end_point);
    Ok(Line { stream: Box::new(stream), end_point })
}

fn certificate(stream: &TlsStream<Box<dyn Stream>>) -> Option<&[u8]> {
    Some(stream.get_ref().1.peer_certificates()?.first()?.as_ref())
}

fn config(access: &Access) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let versions = if access.trust.newest { &[&TLS13][..] } else { &[&TLS13, &TLS12] };
    let verifier = verifier(access, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(told)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match own_certificate(&access.trust)? {
        Some((chain, key)) => config.with_client_auth_cert(chain, key).map_err(told),
        None => Ok(config.with_no_client_auth()),
    }
}

/// Decides whom to believe. Files that are not there count as if they had not been named, except
/// where the mode cannot do without.
fn verifier(access: &Access, provider: &Arc<CryptoProvider>) -> Result<Verifier, String> {
    let trust = &access.trust;
    let mut roots = RootCertStore::empty();
    for certificate in read::<CertificateDer<'_>>(trust.roots.as_deref())?.into_iter().flatten() {
        roots.add(certificate).map_err(told)?;
    }
    let must_verify = access.mode >= Mode::VerifyCa;
    if must_verify && trust.web {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let authority = match (roots.is_empty(), must_verify) {
        (true, true) => return Err("there is no root certificate to verify the server by".into()),
        (true, false) => None,
        (false, _) => {
            let revoked = read::<CertificateRevocationListDer<'_>>(trust.revoked.as_deref())?;
            let builder =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
            Some(builder.with_crls(revoked.unwrap_or_default()).build().map_err(told)?)
        }
    };
    let by_name = access.mode == Mode::VerifyFull;
    Ok(Verifier { authority, by_name, provider: Arc::clone(provider) })
}

type OwnCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn own_certificate(trust: &Trust) -> Result<Option<OwnCertificate>, String> {
    let Some(chain) = read::<CertificateDer<'_>>(trust.certificate.as_deref())? else {
        return Ok(None);
    };
    let keys = read::<PrivateKeyDer<'_>>(trust.key.as_deref())?;
    let key = keys.and_then(|mut keys| keys.pop());
    let key = key.ok_or("the client's certificate has no private key")?;
    Ok(Some((chain, key)))
}

/// What a file in the PEM format holds; nothing, if there is no such file.
fn read<T: PemObject>(path: Option<&Path>) -> Result<Option<Vec<T>>, String> {
    let Some(path) = path else { return Ok(None) };
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => zeroize::Zeroizing::new(text.map_err(|error| of(path, &error.to_string()))?),
    };
    let items: Result<Vec<T>, _> = T::pem_slice_iter(&text).collect();
    items.map(Some).map_err(|error| of(path, &error.to_string()))
}

fn of(path: &Path, reason: &str) -> String {
    format!("`{}`: {reason}", path.display())
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn told(error: impl ToString) -> String {
    error.to_string()
}

/// Believes an authority or, without one, everybody; asks for the name or does not.
#[derive(Debug)]
struct Verifier {
    authority: Option<Arc<WebPkiServerVerifier>>,
    by_name: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        // The name is looked at after everything else.
        match authority.verify_server_cert(certificate, chain, name, ocsp, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.by_name => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

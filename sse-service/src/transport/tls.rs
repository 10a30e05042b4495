//! TLS, with a certificate that can be renewed without a restart.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;

/// The protocols that are offered, the better one first: RFC 7301.
const PROTOCOLS: [&[u8]; 2] = [HTTP2, b"http/1.1"];

/// The name of HTTP/2 over TLS: RFC 9113, section 3.2.
pub const HTTP2: &[u8] = b"h2";

/// The files of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain in PEM, the service's own certificate first.
    pub chain: PathBuf,
    /// The private key in PEM.
    pub key: PathBuf,
}

/// A certificate that cannot be used. Says where, never what stood there.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read, or is no PEM of the right kind.
    #[error("{path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls::pki_types::pem::Error,
    },
    /// There is no certificate in the file.
    #[error("{0} holds no certificate")]
    Empty(PathBuf),
    /// Of a kind that cannot be used, or key and certificate do not belong together.
    #[error("certificate and key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The certificate that is shown. Cheap to clone; what is [read again](Self::read_again) in one is in all.
#[derive(Clone)]
pub struct Certificate {
    files: CertificateFiles,
    current: Arc<Current>,
}

struct Current {
    // Held for a look, never across an await; so a plain lock.
    key: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads it.
    pub fn read(files: CertificateFiles) -> Result<Self, CertificateError> {
        let key = RwLock::new(Arc::new(certified_key(&files)?));
        let current = Arc::new(Current { key });
        Ok(Self { files, current })
    }

    /// Reads it again. What cannot be used changes nothing; connections that are open keep the one they began with.
    pub fn read_again(&self) -> Result<(), CertificateError> {
        let key = Arc::new(certified_key(&self.files)?);
        *self
            .current
            .key
            .write()
            .unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }

    /// What shows it to clients.
    pub fn acceptor(&self) -> Result<TlsAcceptor, CertificateError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.current.clone());
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn certified_key(files: &CertificateFiles) -> Result<CertifiedKey, CertificateError> {
    // Also checks that they belong together.
    Ok(CertifiedKey::from_der(
        certificates(&files.chain)?,
        private_key(&files.key)?,
        &aws_lc_rs::default_provider(),
    )?)
}

/// The certificates in a file, of which there must be some.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(unreadable(path))?;
    if certificates.is_empty() {
        return Err(CertificateError::Empty(path.to_owned()));
    }
    Ok(certificates)
}

/// The private key in a file.
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    PrivateKeyDer::from_pem_file(path).map_err(unreadable(path))
}

fn unreadable(path: &Path) -> impl FnOnce(rustls::pki_types::pem::Error) -> CertificateError {
    let path = path.to_owned();
    move |source| CertificateError::Unreadable { path, source }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let key = self.key.read().unwrap_or_else(PoisonError::into_inner);
        Some(key.clone())
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current")
    }
}

//! TLS to Redis.

use std::{path::PathBuf, sync::Arc};

use fred::types::config::{TlsConfig, TlsConnector};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

use crate::transport::tls::{self, CertificateError, CertificateFiles};

/// The files that TLS needs. They are read once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// Who may have signed Redis' certificate, in PEM; those that the system trusts when not given.
    pub authorities: Option<PathBuf>,
    /// What is shown to a Redis that asks for a certificate.
    pub shown: Option<CertificateFiles>,
}

impl TlsFiles {
    /// Whether anything is set that is of use with TLS only.
    pub(super) fn are_given(&self) -> bool {
        *self != Self::default()
    }

    /// What connects with them.
    pub(super) fn config(&self) -> Result<TlsConfig, CertificateError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.roots()?);
        let config = match &self.shown {
            Some(files) => builder.with_client_auth_cert(
                tls::certificates(&files.chain)?,
                tls::private_key(&files.key)?,
            )?,
            None => builder.with_no_client_auth(),
        };
        Ok(TlsConnector::from(config).into())
    }

    fn roots(&self) -> Result<RootCertStore, CertificateError> {
        let mut roots = RootCertStore::empty();
        if let Some(path) = &self.authorities {
            for certificate in tls::certificates(path)? {
                roots.add(certificate)?;
            }
        } else {
            // Without any, no certificate is trusted, which is told when it is shown.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Ok(roots)
    }
}

//! Settings of TLS.

use std::path::PathBuf;

use clap::Args;

use crate::transport::tls::CertificateFiles;

/// Flags of `serve` for a service that clients reach without a proxy that speaks TLS for it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "TLS")]
pub struct TlsArgs {
    /// Certificate chain of the API's address, in PEM; read again on SIGHUP. Without it the API is served without TLS
    #[arg(
        long,
        env = "CONNECT_TLS_CERT",
        value_name = "PATH",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, in PEM; read again on SIGHUP
    #[arg(
        long,
        env = "CONNECT_TLS_KEY",
        value_name = "PATH",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,
}

impl TlsArgs {
    /// The files of the certificate, if TLS is wanted.
    pub fn files(&self) -> Option<CertificateFiles> {
        let (chain, key) = self.tls_cert.clone().zip(self.tls_key.clone())?;
        Some(CertificateFiles { chain, key })
    }
}

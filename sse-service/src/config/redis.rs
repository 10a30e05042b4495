//! Settings of Redis.

use std::path::PathBuf;

use clap::Args;

use crate::{
    redis::{Address, AddressError, TlsFiles},
    transport::tls::CertificateFiles,
};

/// Flags of `serve` for the Redis that all replicas share.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Redis")]
pub struct RedisArgs {
    /// Address of Redis: redis://[[user]:password@]host[:port][/database], rediss:// for TLS; redis-cluster://host:port[?node=host:port…];
    /// redis-sentinel://host:port[/database]?sentinelServiceName=name[&node=host:port…]
    #[arg(long, env = "CONNECT_REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<String>,
    /// In a cluster, publish with SPUBLISH and subscribe with SSUBSCRIBE: for workers that publish so
    #[arg(long, env = "CONNECT_REDIS_SHARDED")]
    pub redis_sharded: bool,
    /// Certificates, in PEM, one of which must have signed that of Redis; those of the system when not given
    #[arg(long, env = "CONNECT_REDIS_TLS_CA", value_name = "PATH")]
    pub redis_tls_ca: Option<PathBuf>,
    /// Certificate chain to show to Redis, in PEM
    #[arg(
        long,
        env = "CONNECT_REDIS_TLS_CERT",
        value_name = "PATH",
        requires = "redis_tls_key"
    )]
    pub redis_tls_cert: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(
        long,
        env = "CONNECT_REDIS_TLS_KEY",
        value_name = "PATH",
        requires = "redis_tls_cert"
    )]
    pub redis_tls_key: Option<PathBuf>,
}

impl RedisArgs {
    /// Where Redis is, if it is said.
    pub fn address(&self) -> Result<Option<Address>, AddressError> {
        let Some(url) = &self.redis_url else {
            return Ok(None);
        };
        let shown = self.redis_tls_cert.clone().zip(self.redis_tls_key.clone());
        let files = TlsFiles {
            authorities: self.redis_tls_ca.clone(),
            shown: shown.map(|(chain, key)| CertificateFiles { chain, key }),
        };
        Address::new(url, &files, self.redis_sharded).map(Some)
    }
}

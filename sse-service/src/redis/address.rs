//! Where Redis is.

use std::fmt;

use fred::prelude::{Config, Error, ServerConfig};

use super::TlsFiles;
use crate::transport::tls::CertificateError;

/// What addresses begin with, and whether that asks for TLS.
const SCHEMES: [(&str, bool); 6] = [
    ("redis", false),
    ("rediss", true),
    ("redis-cluster", false),
    ("rediss-cluster", true),
    ("redis-sentinel", false),
    ("rediss-sentinel", true),
];

/// Where Redis is, who asks, and how.
#[derive(Clone)]
pub struct Address {
    config: Config,
    is_sharded: bool,
}

/// An address that cannot be used. Says what is wrong, never what stands there: that may be a password.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// Not one of those that are known.
    #[error(
        "it must begin with redis://, redis-cluster:// or redis-sentinel://, or with rediss instead of redis for TLS"
    )]
    Scheme,
    /// Not of the form that its beginning promises.
    #[error("{0}")]
    Malformed(String),
    /// A database is named that there is none of.
    #[error("a cluster has no databases")]
    ClusterDatabase,
    /// Only clusters have shards.
    #[error("--redis-sharded is for redis-cluster://")]
    NotSharded,
    /// Certificates are given, and not used.
    #[error("certificates for Redis are given, but it does not begin with rediss")]
    NoTls,
    /// A certificate that is given is of no use.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl Address {
    /// Reads an address. `is_sharded` says that progress is published to shards.
    pub fn new(url: &str, tls: &TlsFiles, is_sharded: bool) -> Result<Self, AddressError> {
        let (scheme, rest) = url.split_once("://").ok_or(AddressError::Scheme)?;
        let known = SCHEMES.iter().find(|(known, _)| *known == scheme);
        let (_, with_tls) = known.ok_or(AddressError::Scheme)?;
        // fred's own TLS trusts what the system trusts and nothing else; so it is told of none.
        let plain = scheme.replace("rediss", "redis");
        let config = Config::from_url(&format!("{plain}://{rest}"));
        let mut config = config.map_err(|error| malformed(&error))?;
        let is_cluster = matches!(config.server, ServerConfig::Clustered { .. });
        if is_sharded && !is_cluster {
            return Err(AddressError::NotSharded);
        }
        if is_cluster && has_path(rest) {
            return Err(AddressError::ClusterDatabase);
        }
        if *with_tls {
            config.tls = Some(tls.config()?);
        } else if tls.are_given() {
            return Err(AddressError::NoTls);
        }
        // Redis need not be there yet.
        config.fail_fast = false;
        Ok(Self { config, is_sharded })
    }

    /// Whether progress is published to shards of a cluster.
    pub fn is_sharded(&self) -> bool {
        self.is_sharded
    }

    pub(super) fn config(&self) -> Config {
        self.config.clone()
    }
}

/// fred's details say what is wrong, not what stands there.
fn malformed(error: &Error) -> AddressError {
    AddressError::Malformed(error.details().to_owned())
}

fn has_path(rest: &str) -> bool {
    let before_query = rest.split('?').next().unwrap_or_default();
    before_query
        .split_once('/')
        .is_some_and(|(_, path)| !path.is_empty())
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Config, AddressError> {
        Address::new(url, &TlsFiles::default(), false).map(|address| address.config)
    }

    #[test]
    fn user_password_and_database_are_taken_from_the_address() {
        let config = read("redis://connect:p%40ss@redis.example:6380/3").unwrap();
        assert_eq!(config.username.as_deref(), Some("connect"));
        assert_eq!(config.password.as_deref(), Some("p@ss"));
        assert_eq!(config.database, Some(3));
        assert!(config.tls.is_none());
    }

    #[test]
    fn every_kind_can_have_tls() {
        for kind in ["", "-cluster", "-sentinel"] {
            let rest = "host:7000?sentinelServiceName=main&node=other:7001";
            assert!(
                read(&format!("redis{kind}://{rest}"))
                    .unwrap()
                    .tls
                    .is_none()
            );
            let config = read(&format!("rediss{kind}://{rest}")).unwrap();
            assert!(config.tls.is_some(), "{kind}");
            assert_eq!(config.server.is_clustered(), kind == "-cluster");
            assert_eq!(config.server.is_sentinel(), kind == "-sentinel");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_being_repeated() {
        let refused = [
            "",
            "hunter2",
            "http://u:hunter2@host",
            "redis+unix:///hunter2",
            "redis://u:hunter2@host:port",
            "redis://u:hunter2@host/x",
            "redis-cluster://u:hunter2@host:1/2",
            "redis-sentinel://u:hunter2@host:1",
        ];
        for url in refused {
            let error = read(url).unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn only_a_cluster_is_sharded() {
        let sharded = |url| Address::new(url, &TlsFiles::default(), true);
        assert!(sharded("redis-cluster://host:7000").unwrap().is_sharded());
        let error = sharded("redis://host").unwrap_err();
        assert!(matches!(error, AddressError::NotSharded));
    }

    #[test]
    fn certificates_without_tls_are_a_mistake() {
        let files = TlsFiles {
            authorities: Some("ca.pem".into()),
            shown: None,
        };
        let error = Address::new("redis://host", &files, false).unwrap_err();
        assert!(matches!(error, AddressError::NoTls));
        let error = Address::new("rediss://host", &files, false).unwrap_err();
        assert!(error.to_string().contains("ca.pem"), "{error}");
    }
}

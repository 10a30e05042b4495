//! Settings of who is let in, and of where clients are.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use ipnet::IpNet;

use crate::{
    auth::jwt::{
        JwtSettings, JwtVerifier,
        jwks::{Jwks, Source},
    },
    client_address::{AddressHeader, TrustedProxies},
};

/// As long as the longest life of a token that the service makes, in seconds.
const DAY: u64 = 24 * 3600;

/// Flags of `serve` about clients and proxies.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Access")]
pub struct AccessArgs {
    /// File of secrets of session tokens, one a line, before those of --session-secret; read again on SIGHUP
    #[arg(long, env = "CONNECT_SESSION_SECRETS_FILE", value_name = "PATH")]
    pub session_secrets_file: Option<PathBuf>,
    /// File of API keys, one a line, beside those of --api-key; read again on SIGHUP
    #[arg(long, env = "CONNECT_API_KEYS_FILE", value_name = "PATH")]
    pub api_keys_file: Option<PathBuf>,
    /// Seconds for which a revoked session is remembered: as long as the longest life of its tokens
    #[arg(long, env = "CONNECT_REVOCATION_SECONDS", default_value_t = DAY, value_parser = clap::value_parser!(u64).range(1..))]
    pub revocation_seconds: u64,
    /// Also take JSON Web Tokens that are signed with a session secret (HS256) as session tokens
    #[arg(long, env = "CONNECT_JWT_HS256")]
    pub jwt_hs256: bool,
    /// Also take JSON Web Tokens that are signed with a key of this set (RS256, ES256): a file or an address
    #[arg(long, env = "CONNECT_JWKS", value_name = "FILE|URL")]
    pub jwks: Option<Source>,
    /// Whom JSON Web Tokens must be made for (aud), separated by commas; anyone when not given
    #[arg(
        long = "jwt-audience",
        env = "CONNECT_JWT_AUDIENCES",
        value_delimiter = ','
    )]
    pub jwt_audiences: Vec<String>,
    /// Who must have made them (iss), separated by commas; anyone when not given
    #[arg(
        long = "jwt-issuer",
        env = "CONNECT_JWT_ISSUERS",
        value_delimiter = ','
    )]
    pub jwt_issuers: Vec<String>,
    /// Networks, separated by commas, of the proxies whose word is taken for a client's address, such as 10.0.0.0/8
    #[arg(
        long = "trusted-proxy",
        env = "CONNECT_TRUSTED_PROXIES",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// Header in which they write it
    #[arg(long, env = "CONNECT_ADDRESS_HEADER", value_enum, default_value_t)]
    pub address_header: AddressHeader,
}

/// A network, or an address as a network of one.
fn network(text: &str) -> Result<IpNet, String> {
    let one = || text.parse().map(|address: std::net::IpAddr| address.into());
    text.parse()
        .or_else(|_| one())
        .map_err(|_| "it must be a network such as 10.0.0.0/8, or an address".into())
}

impl AccessArgs {
    /// How long a revoked session is remembered.
    pub fn revocation_ttl(&self) -> Duration {
        Duration::from_secs(self.revocation_seconds)
    }

    /// What checks JSON Web Tokens, if any are taken.
    pub fn jwt(&self) -> Option<JwtVerifier> {
        let is_wanted = self.jwt_hs256 || self.jwks.is_some();
        is_wanted.then(|| {
            JwtVerifier::new(JwtSettings {
                with_secrets: self.jwt_hs256,
                keys: self.jwks.clone().map(Jwks::new),
                audiences: self.jwt_audiences.clone(),
                issuers: self.jwt_issuers.clone(),
            })
        })
    }

    /// The proxies that are trusted.
    pub fn proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.trusted_proxies.clone(), self.address_header)
    }
}

impl Default for AccessArgs {
    fn default() -> Self {
        Self {
            session_secrets_file: None,
            api_keys_file: None,
            revocation_seconds: DAY,
            jwt_hs256: false,
            jwks: None,
            jwt_audiences: Vec::new(),
            jwt_issuers: Vec::new(),
            trusted_proxies: Vec::new(),
            address_header: AddressHeader::default(),
        }
    }
}

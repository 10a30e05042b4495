//! Settings, by flags and environment. What is wrong is refused before anything starts.

mod access;
mod limits;
mod redis;
mod tls;

use std::net::SocketAddr;

use actix_web::http::Uri;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use access::AccessArgs;
pub use limits::LimitArgs;
pub use redis::RedisArgs;
pub use tls::TlsArgs;

use crate::{
    auth::Keyring,
    directory::upstream::BadUpstream,
    redis::{Address, AddressError},
    reload::{SecretFile, SecretsError},
    transport::tls::CertificateError,
};

/// Streams the progress of sync jobs to browsers.
#[derive(Debug, Parser)]
#[command(name = "sse-service", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How logs are written.
    #[arg(long, env = "CONNECT_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text, global = true)]
    pub log_format: LogFormat,
}

/// What the binary does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve streams, beside the Redis that the workers publish to
    Serve(Box<ServeArgs>),
    /// Show it: one process, no Redis, simulated workers, and a page with the widget
    Demo(DemoArgs),
}

/// For people or for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line of text an event.
    Text,
    /// A line of JSON an event.
    Json,
}

/// Where progress flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BrokerKind {
    /// In this process alone.
    Memory,
    /// Redis or Valkey.
    Redis,
}

/// Who owns which connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DirectoryKind {
    /// In this process alone.
    Memory,
    /// In Redis, shared by all replicas.
    Redis,
    /// The host's own API, asked in the caller's name.
    Upstream,
}

/// Flags of `serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address of the API
    #[arg(long, env = "CONNECT_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address of /healthz, /readyz and /metrics; that of the API when not given
    #[arg(long, env = "CONNECT_ADMIN_LISTEN")]
    pub admin_listen: Option<SocketAddr>,
    /// Where progress flows
    #[arg(long, env = "CONNECT_BROKER", value_enum, default_value_t = BrokerKind::Redis)]
    pub broker: BrokerKind,
    /// Who owns which connections and jobs
    #[arg(long, env = "CONNECT_DIRECTORY", value_enum, default_value_t = DirectoryKind::Redis)]
    pub directory: DirectoryKind,
    /// Address of the host's API, for --directory upstream: paths such as /connect/source-connections are appended
    #[arg(long, env = "CONNECT_UPSTREAM_URL")]
    pub upstream_url: Option<String>,
    /// Secrets of session tokens, separated by commas: the first signs, all verify
    #[arg(
        long = "session-secret",
        env = "CONNECT_SESSION_SECRETS",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub session_secrets: Vec<String>,
    /// Keys, separated by commas, with which the host's servers may register, publish and ask for session tokens
    #[arg(
        long = "api-key",
        env = "CONNECT_API_KEYS",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub api_keys: Vec<String>,
    /// Origins, separated by commas, of the pages that may use the API, such as <https://app.example.com>
    #[arg(
        long = "allow-origin",
        env = "CONNECT_ALLOW_ORIGINS",
        value_delimiter = ','
    )]
    pub allow_origins: Vec<String>,
    /// Also take session tokens from the query string, for clients that cannot set headers
    #[arg(long, env = "CONNECT_ALLOW_QUERY_TOKEN")]
    pub allow_query_token: bool,
    /// Seconds between two heartbeats of a stream
    #[arg(long, env = "CONNECT_HEARTBEAT_SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub heartbeat_seconds: u64,
    /// Seconds over which streams are closed when the service stops
    #[arg(long, env = "CONNECT_DRAIN_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub drain_seconds: u64,
    /// Worker threads; as many as processors when not given
    #[arg(long, env = "CONNECT_WORKERS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Where Redis is
    #[command(flatten)]
    pub redis: RedisArgs,
    /// Who is let in
    #[command(flatten)]
    pub access: AccessArgs,
    /// TLS
    #[command(flatten)]
    pub tls: TlsArgs,
    /// What clients may use up
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Flags of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Address of the page
    #[arg(long, env = "CONNECT_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder of the built widget
    #[arg(long, default_value = "npm-package/dist")]
    pub assets: std::path::PathBuf,
    /// What is synced: simulated sources when not given, or git:PATH, a repository on this machine
    #[arg(long, value_parser = git_source)]
    pub source: Option<std::path::PathBuf>,
}

fn git_source(text: &str) -> Result<std::path::PathBuf, &'static str> {
    match text.strip_prefix("git:") {
        Some(path) if !path.is_empty() => Ok(path.into()),
        _ => Err("a source is git: and the path of a repository"),
    }
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No secret, or a bad one.
    #[error("{0}: see --session-secret, CONNECT_SESSION_SECRETS and --session-secrets-file")]
    Secret(#[from] SecretsError),
    /// The file of API keys cannot be used.
    #[error("{0}: see --api-keys-file")]
    ApiKeys(SecretsError),
    /// Nobody could register, publish or open sessions, and there is no other way to.
    #[error(
        "the memory directory needs an API key to be filled: set --api-key or CONNECT_API_KEYS"
    )]
    NoApiKey,
    /// An empty key would let everybody in who sends an empty header.
    #[error("an API key must not be empty: see --api-key and CONNECT_API_KEYS")]
    EmptyApiKey,
    /// Redis is to be used, and nobody has said where it is.
    #[error(
        "Redis is needed for --broker redis and --directory redis: set --redis-url or CONNECT_REDIS_URL"
    )]
    NoRedisUrl,
    /// Redis cannot be reached so. The address is not repeated: it may hold a password.
    #[error("the address of Redis cannot be used: {0}; see --redis-url and CONNECT_REDIS_URL")]
    BadRedisAddress(#[from] AddressError),
    /// TLS cannot be spoken with what is there.
    #[error("{0}: see --tls-cert and --tls-key")]
    Certificate(#[from] CertificateError),
    /// The host's API is to be asked, and nobody has said where it is.
    #[error(
        "--directory upstream needs the host's API: set --upstream-url or CONNECT_UPSTREAM_URL"
    )]
    NoUpstreamUrl,
    /// The address is of no use.
    #[error(
        "the address of the host's API cannot be used: {0}; see --upstream-url and CONNECT_UPSTREAM_URL"
    )]
    BadUpstream(#[from] BadUpstream),
    /// Not scheme, host and port alone.
    #[error(
        "{0:?} is no origin: --allow-origin takes scheme, host and port, such as https://app.example.com"
    )]
    BadOrigin(String),
}

impl ServeArgs {
    /// Where the secrets of session tokens come from.
    pub fn session_secrets(&self) -> SecretFile {
        let file = self.access.session_secrets_file.clone();
        SecretFile::new(file, self.session_secrets.clone())
    }

    /// The secrets, checked.
    pub fn keyring(&self) -> Result<Keyring, ConfigError> {
        Ok(self.session_secrets().keyring()?)
    }

    /// Where the API keys come from, checked.
    pub fn api_keys(&self) -> Result<SecretFile, ConfigError> {
        if self.api_keys.iter().any(String::is_empty) {
            return Err(ConfigError::EmptyApiKey);
        }
        let file = self.access.api_keys_file.clone();
        if self.api_keys.is_empty() && file.is_none() && self.directory == DirectoryKind::Memory {
            return Err(ConfigError::NoApiKey);
        }
        Ok(SecretFile::new(file, self.api_keys.clone()))
    }

    /// Where Redis is, when it is needed.
    pub fn redis(&self) -> Result<Option<Address>, ConfigError> {
        let needed = self.broker == BrokerKind::Redis || self.directory == DirectoryKind::Redis;
        if !needed {
            return Ok(None);
        }
        let address = self.redis.address()?;
        address.map(Some).ok_or(ConfigError::NoRedisUrl)
    }

    /// The address of the host's API.
    pub fn upstream_url(&self) -> Result<&str, ConfigError> {
        self.upstream_url
            .as_deref()
            .ok_or(ConfigError::NoUpstreamUrl)
    }

    /// The origins, checked.
    ///
    /// An empty one is none: it is how a variable is written that has nothing to say.
    pub fn origins(&self) -> Result<Vec<String>, ConfigError> {
        let origins = self.allow_origins.iter().filter(|it| !it.is_empty());
        origins
            .map(|origin| {
                if is_origin(origin) {
                    Ok(origin.clone())
                } else {
                    Err(ConfigError::BadOrigin(origin.clone()))
                }
            })
            .collect()
    }
}

/// Whether this is how browsers write an origin in the `Origin` header: RFC 6454, section 6.2.
fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return false;
    };
    text == format!("{scheme}://{authority}") && !authority.as_str().contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::token::KeyringError;

    fn serve(flags: &[&str]) -> ServeArgs {
        let cli = Cli::try_parse_from(["sse-service", "serve"].iter().chain(flags)).unwrap();
        match cli.command {
            Command::Serve(args) => *args,
            Command::Demo(_) => unreachable!("asked for serve"),
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn there_is_no_default_secret() {
        assert!(matches!(
            serve(&[]).keyring(),
            Err(ConfigError::Secret(SecretsError::Secret(
                KeyringError::Empty
            )))
        ));
        assert!(
            serve(&["--session-secret", "first,second"])
                .keyring()
                .is_ok()
        );
    }

    #[test]
    fn redis_must_be_named_when_it_is_needed() {
        assert!(matches!(serve(&[]).redis(), Err(ConfigError::NoRedisUrl)));
        let memory = ["--broker", "memory", "--directory", "memory"];
        assert!(matches!(serve(&memory).redis(), Ok(None)));
    }

    #[test]
    fn the_hosts_api_must_be_named_when_it_is_needed() {
        assert!(matches!(
            serve(&["--directory", "upstream"]).upstream_url(),
            Err(ConfigError::NoUpstreamUrl)
        ));
        let given = ["--upstream-url", "http://127.0.0.1:8000"];
        assert!(serve(&given).upstream_url().is_ok());
    }

    #[test]
    fn only_origins_are_taken_for_origins() {
        for good in [
            "https://app.example.com",
            "http://localhost:5173",
            "https://[::1]:8443",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "*",
            "",
            "app.example.com",
            "https://",
            "https://a.example/",
            "https://a.example/x",
            "https://u@a.example",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn a_variable_that_names_no_origin_allows_none() {
        let args = serve(&["--allow-origin", ""]);
        assert_eq!(args.origins().unwrap(), [""; 0]);
    }

    #[test]
    fn an_empty_api_key_is_refused() {
        assert!(matches!(
            serve(&["--api-key", "a,"]).api_keys(),
            Err(ConfigError::EmptyApiKey)
        ));
    }
}

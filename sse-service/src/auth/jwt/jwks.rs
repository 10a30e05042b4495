//! The host's public keys: a JSON Web Key Set (RFC 7517), in a file or at an address.
//!
//! It is read when it is first needed, when a token names a key that is not in it, and when it is old, so that keys come and
//! go without a restart. Whoever sends tokens with invented names makes it be read no more often than [`PAUSE`] allows.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::{Client, Url, redirect::Policy};
use serde::Deserialize;
use tokio::sync::Mutex;
use tracing::{info, warn};

/// Between two readings, whether or not they succeed.
pub const PAUSE: Duration = Duration::from_secs(10);

/// A set that was read this long ago is read again: a key that was taken out of it is soon refused.
const OLD: Duration = Duration::from_mins(5);

/// How long the address may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest set that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// The most keys of a set that are used.
const MAX_KEYS: usize = 64;

/// RSA keys with fewer bytes are passed over: RFC 7518, section 3.3.
const MIN_RSA_BYTES: usize = 256;

/// Where a key set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// In a file.
    File(PathBuf),
    /// At an address.
    Url(Url),
}

/// An address from which keys cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("keys are taken from a file or an https:// address (http:// on this machine alone)")]
pub struct NoSource;

impl std::str::FromStr for Source {
    type Err = NoSource;

    /// An address if it looks like one, else a file.
    fn from_str(text: &str) -> Result<Self, NoSource> {
        if !text.contains("://") {
            return Ok(Self::File(text.into()));
        }
        let url: Url = text.parse().map_err(|_| NoSource)?;
        let is_near = ["127.0.0.1", "[::1]", "localhost"].contains(&url.host_str().unwrap_or(""));
        match url.scheme() {
            "https" => Ok(Self::Url(url)),
            // Keys that anyone on the way could replace are worth nothing.
            "http" if is_near => Ok(Self::Url(url)),
            _ => Err(NoSource),
        }
    }
}

/// A key set that keeps itself up to date.
pub struct Jwks {
    source: Source,
    client: Client,
    // Held for a look-up, never across an await; so a plain lock.
    set: RwLock<Set>,
    /// Held while the set is read: one reading serves all who wait for it.
    reading: Mutex<()>,
}

#[derive(Clone, Default)]
struct Set {
    keys: Arc<[Key]>,
    /// When it was last tried to read it.
    tried: Option<Instant>,
    /// When it was last read.
    read: Option<Instant>,
}

#[derive(Clone)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

/// Why a set could not be read. For the log; the address may hold no secret.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("the address does not answer as it should: {0}")]
    Http(#[from] reqwest::Error),
    #[error("it has more than {MAX_BYTES} bytes")]
    TooLarge,
    #[error("it is no key set: {0}")]
    Json(#[from] serde_json::Error),
    #[error(
        "there is no key in it that can be used: RSA for RS256 with 2048 bits at least, or P-256 for ES256"
    )]
    NoKey,
}

impl Jwks {
    /// A set that is not read yet.
    pub fn new(source: Source) -> Self {
        let client = Client::builder()
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .build();
        Self {
            source,
            // Fails only where the system has no certificates at all; then every address does.
            client: client.unwrap_or_default(),
            set: RwLock::default(),
            reading: Mutex::default(),
        }
    }

    /// The keys for an algorithm, of this name if the token names one.
    pub async fn find(&self, algorithm: Algorithm, id: Option<&str>) -> Vec<DecodingKey> {
        let set = self.set();
        let found = set.find(algorithm, id);
        let is_old = set.read.is_none_or(|read| read.elapsed() > OLD);
        if !found.is_empty() && !is_old {
            return found;
        }
        self.read_again().await;
        self.set().find(algorithm, id)
    }

    fn set(&self) -> Set {
        let set = self.set.read().unwrap_or_else(PoisonError::into_inner);
        set.clone()
    }

    async fn read_again(&self) {
        let is_too_soon = |set: &Set| set.tried.is_some_and(|tried| tried.elapsed() < PAUSE);
        if is_too_soon(&self.set()) {
            return;
        }
        let _reading = self.reading.lock().await;
        if is_too_soon(&self.set()) {
            return;
        }
        let result = self.read().await;
        let now = Instant::now();
        let mut set = self.set.write().unwrap_or_else(PoisonError::into_inner);
        set.tried = Some(now);
        match result {
            Ok(keys) => {
                info!(keys = keys.len(), "the key set was read");
                set.keys = keys;
                set.read = Some(now);
            }
            Err(error) => warn!(%error, "the key set could not be read"),
        }
    }

    async fn read(&self) -> Result<Arc<[Key]>, ReadError> {
        let json = match &self.source {
            Source::File(path) => tokio::fs::read(path).await?,
            Source::Url(url) => self.fetch(url.clone()).await?,
        };
        if json.len() > MAX_BYTES {
            return Err(ReadError::TooLarge);
        }
        parse(&json)
    }

    async fn fetch(&self, url: Url) -> Result<Vec<u8>, ReadError> {
        let mut response = self.client.get(url).send().await?.error_for_status()?;
        let mut json = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            json.extend_from_slice(&chunk);
            if json.len() > MAX_BYTES {
                return Err(ReadError::TooLarge);
            }
        }
        Ok(json)
    }
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jwks({:?})", self.source)
    }
}

impl Set {
    fn find(&self, algorithm: Algorithm, id: Option<&str>) -> Vec<DecodingKey> {
        self.keys
            .iter()
            .filter(|key| key.algorithm == algorithm)
            .filter(|key| id.is_none() || key.id.as_deref() == id)
            .map(|key| key.decoding.clone())
            .collect()
    }
}

/// One key as it is written.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Keys of other kinds are passed over: a set may serve others too. So are secrets, which do not belong where keys are public.
fn parse(json: &[u8]) -> Result<Arc<[Key]>, ReadError> {
    #[derive(Deserialize)]
    struct Written {
        keys: Vec<serde_json::Value>,
    }
    let written: Written = serde_json::from_slice(json)?;
    let keys: Arc<[Key]> = written
        .keys
        .into_iter()
        .filter_map(|key| usable(serde_json::from_value(key).ok()?))
        .take(MAX_KEYS)
        .collect();
    if keys.is_empty() {
        return Err(ReadError::NoKey);
    }
    Ok(keys)
}

fn usable(jwk: Jwk) -> Option<Key> {
    let (algorithm, name, decoding) = match (&*jwk.kty, jwk.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (jwk.n?, jwk.e?);
            let modulus = URL_SAFE_NO_PAD.decode(&n).ok()?;
            if modulus.iter().skip_while(|byte| **byte == 0).count() < MIN_RSA_BYTES {
                return None;
            }
            let decoding = DecodingKey::from_rsa_components(&n, &e).ok()?;
            (Algorithm::RS256, "RS256", decoding)
        }
        ("EC", Some("P-256")) => {
            let decoding = DecodingKey::from_ec_components(&jwk.x?, &jwk.y?).ok()?;
            (Algorithm::ES256, "ES256", decoding)
        }
        _ => return None,
    };
    let is_for_signatures = jwk.usage.is_none_or(|usage| usage == "sig");
    let is_for_this = jwk.alg.is_none_or(|alg| alg == name);
    (is_for_signatures && is_for_this).then_some(Key {
        id: jwk.kid,
        algorithm,
        decoding,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_from_a_file_or_safely_from_an_address() {
        for (text, expected) in [
            ("keys.json", true),
            ("/etc/keys.json", true),
            ("https://id.example.com/keys", true),
            ("http://127.0.0.1:8080/keys", true),
            ("http://id.example.com/keys", false),
            ("ftp://id.example.com/keys", false),
            ("file:///etc/keys", false),
            ("https://", false),
        ] {
            assert_eq!(text.parse::<Source>().is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_passed_over() {
        let large = URL_SAFE_NO_PAD.encode([0xff; 256]);
        let small = URL_SAFE_NO_PAD.encode([0xff; 128]);
        let key = |members: &str| format!("{{\"keys\":[{{{members}}}]}}");
        let rsa = |more: &str| key(&format!(r#""kty":"RSA","e":"AQAB",{more}"#));
        assert!(parse(rsa(&format!(r#""n":"{large}""#)).as_bytes()).is_ok());
        for (what, json) in [
            ("no JSON", "keys".into()),
            ("no set", "{}".into()),
            ("no key", key("")),
            ("a secret", key(r#""kty":"oct","k":"c2VjcmV0""#)),
            ("a small key", rsa(&format!(r#""n":"{small}""#))),
            ("half a key", rsa(r#""kid":"a""#)),
            (
                "for encryption",
                rsa(&format!(r#""n":"{large}","use":"enc""#)),
            ),
            (
                "for another algorithm",
                rsa(&format!(r#""n":"{large}","alg":"RS512""#)),
            ),
            (
                "for secrets",
                rsa(&format!(r#""n":"{large}","alg":"HS256""#)),
            ),
            (
                "another curve",
                key(r#""kty":"EC","crv":"P-384","x":"AA","y":"AA""#),
            ),
        ] {
            assert!(parse(json.as_bytes()).is_err(), "{what}");
        }
    }
}

//! Session tokens: `base64url(JSON) "." base64url(HMAC-SHA256(JSON, secret))`, without padding.
//!
//! The format of the seed, so tokens that its backend has signed are accepted. The signature is over the decoded JSON
//! bytes, whatever their order and spacing.

use std::sync::{Arc, PoisonError, RwLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::DecodingKey;
use protocol::SessionMode;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::AuthError;
use crate::clock;

/// How long a token lives that does not say `exp`, in seconds from its `ts`.
pub const DEFAULT_TTL_SECONDS: i64 = 600;

/// The longest token that is looked at, in bytes. One with a hundred integrations has about two thousand.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// A secret below this many bytes is warned of: RFC 2104, section 3, advises against keys shorter than the hash's output,
/// since they can be guessed from a single token.
pub const SHORT_SECRET_BYTES: usize = 32;

/// What a token says. Members in the order of the alphabet, as the seed writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The collection.
    pub cid: String,
    /// When the token stops to be accepted, in seconds since 1970; [`DEFAULT_TTL_SECONDS`] after `ts` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<Seconds>,
    /// The integrations that it is limited to; `null` or empty means all.
    #[serde(default)]
    pub int: Option<Vec<String>>,
    /// What it may be used for.
    #[serde(default)]
    pub mode: SessionMode,
    /// Makes no two tokens alike.
    #[serde(default)]
    pub nonce: String,
    /// The tenant.
    #[serde(default)]
    pub oid: Option<String>,
    /// The session.
    pub sid: String,
    /// When it was made, in seconds since 1970.
    pub ts: Seconds,
    /// The host's end user.
    #[serde(default)]
    pub uid: Option<String>,
}

impl Claims {
    /// When the token stops to be accepted, in seconds since 1970.
    pub fn expires_at(&self) -> i64 {
        match self.exp {
            Some(exp) => exp.0,
            None => self.ts.0.saturating_add(DEFAULT_TTL_SECONDS),
        }
    }
}

/// Seconds since 1970. Written as a whole number, read from any: `time.time()` of Python has a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "f64")]
pub struct Seconds(pub i64);

impl From<f64> for Seconds {
    fn from(seconds: f64) -> Self {
        // Saturates, and a moment that far away is as good as any other.
        #[allow(clippy::cast_possible_truncation)]
        Self(seconds as i64)
    }
}

/// The secrets: the first signs, all verify, so that a new one can be brought in before the old one goes.
///
/// Clones are the same keyring: what is [replaced](Self::replace) in one is replaced in all.
#[derive(Clone)]
pub struct Keyring {
    // Held for a look, never across an await; so a plain lock.
    keys: Arc<RwLock<Arc<[Key]>>>,
}

/// A secret in the forms in which it is used. It cannot be printed.
struct Key {
    /// With its pads already hashed in.
    hmac: Hmac<Sha256>,
    jwt: DecodingKey,
}

/// The configured secrets cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// Nothing to sign with.
    #[error("at least one session secret is needed")]
    Empty,
    /// Anyone could sign.
    #[error("a session secret must not be empty")]
    EmptySecret,
}

impl Keyring {
    /// Takes the secrets in their order.
    pub fn new<S: AsRef<[u8]>>(secrets: &[S]) -> Result<Self, KeyringError> {
        if secrets.is_empty() {
            return Err(KeyringError::Empty);
        }
        let key = |secret: &S| {
            let secret = secret.as_ref();
            if secret.is_empty() {
                return Err(KeyringError::EmptySecret);
            }
            Ok(Key {
                hmac: Hmac::new_from_slice(secret).expect("HMAC takes keys of every length"),
                jwt: DecodingKey::from_secret(secret),
            })
        };
        let keys: Arc<[Key]> = secrets.iter().map(key).collect::<Result<_, _>>()?;
        Ok(Self {
            keys: Arc::new(RwLock::new(keys)),
        })
    }

    /// Takes over the secrets of another one, in place of its own.
    pub fn replace(&self, other: &Self) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = other.keys();
    }

    /// The secrets as keys of JSON Web Tokens.
    pub fn decoding_keys(&self) -> Vec<DecodingKey> {
        self.keys().iter().map(|key| key.jwt.clone()).collect()
    }

    fn keys(&self) -> Arc<[Key]> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }

    /// Signs with the first secret.
    pub fn sign(&self, claims: &Claims) -> String {
        let json = serde_json::to_vec(claims).expect("claims encode");
        let signature = self.keys()[0]
            .hmac
            .clone()
            .chain_update(&json)
            .finalize()
            .into_bytes();
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(json),
            URL_SAFE_NO_PAD.encode(signature)
        )
    }

    /// Checks signature and expiry. Nothing of the token is parsed before its signature is known to be good.
    pub fn verify(&self, token: &str) -> Result<Claims, AuthError> {
        let claims = self.claims(token).ok_or(AuthError::BadToken)?;
        if claims.expires_at() <= clock::unix_now() {
            return Err(AuthError::ExpiredToken);
        }
        Ok(claims)
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (json, signature) = token.split_once('.')?;
        let json = URL_SAFE_NO_PAD.decode(json).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // `verify_slice` compares in constant time. That it takes longer with more secrets tells nothing of them.
        let signed = self.keys().iter().any(|key| {
            key.hmac
                .clone()
                .chain_update(&json)
                .verify_slice(&signature)
                .is_ok()
        });
        let claims: Claims = signed.then(|| serde_json::from_slice(&json).ok())??;
        (!claims.cid.is_empty()).then_some(claims)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({} secrets)", self.keys().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a secret of good length";
    const OTHER: &str = "another secret, as long";

    fn claims() -> Claims {
        Claims {
            cid: "acme-crm".into(),
            exp: None,
            int: None,
            mode: SessionMode::All,
            nonce: "n".into(),
            oid: None,
            sid: "s".into(),
            ts: Seconds(clock::unix_now()),
            uid: None,
        }
    }

    fn keyring(secrets: &[&str]) -> Keyring {
        Keyring::new(secrets).unwrap()
    }

    fn sign_json(json: &str) -> String {
        let signature = keyring(&[SECRET]).keys()[0]
            .hmac
            .clone()
            .chain_update(json)
            .finalize()
            .into_bytes();
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(json),
            URL_SAFE_NO_PAD.encode(signature)
        )
    }

    #[test]
    fn a_signed_token_is_accepted() {
        let keyring = keyring(&[SECRET]);
        let claims = claims();
        assert_eq!(keyring.verify(&keyring.sign(&claims)), Ok(claims));
    }

    #[test]
    fn a_token_that_the_seeds_backend_has_made_is_accepted() {
        // Python: hmac.new(b"0123456789abcdef0123456789abcdef", body, sha256), body = json.dumps(..., sort_keys=True)
        let token = concat!(
            "eyJjaWQiOiJhY21lIiwiaW50IjpbInNsYWNrIl0sIm1vZGUiOiJtYW5hZ2UiLCJub25jZSI6IkFBIiwib2lkIjoibyIsInNp",
            "ZCI6InMiLCJ0cyI6NDEwMjQ0NDgwMCwidWlkIjpudWxsfQ",
            ".CGeYVtbzSumKimWREjBGTaqY-7BY4runhuWuWqP0ohw"
        );
        let claims = keyring(&["0123456789abcdef0123456789abcdef"])
            .verify(token)
            .unwrap();
        assert_eq!(
            (claims.cid.as_str(), claims.mode),
            ("acme", SessionMode::Manage)
        );
        assert_eq!(claims.int.as_deref(), Some(&["slack".to_owned()][..]));
        assert_eq!(claims.expires_at(), 4_102_444_800 + 600);
    }

    #[test]
    fn every_secret_verifies_and_the_first_signs() {
        let before = keyring(&[SECRET]);
        let during = keyring(&[OTHER, SECRET]);
        let after = keyring(&[OTHER]);
        let (old, new) = (before.sign(&claims()), during.sign(&claims()));
        assert!(during.verify(&old).is_ok() && during.verify(&new).is_ok());
        assert_eq!(after.verify(&old), Err(AuthError::BadToken));
        assert!(after.verify(&new).is_ok());
    }

    #[test]
    fn replaced_secrets_are_replaced_in_every_clone() {
        let keyring = keyring(&[SECRET]);
        let clone = keyring.clone();
        let old = keyring.sign(&claims());
        keyring.replace(&Keyring::new(&[OTHER]).unwrap());
        assert_eq!(clone.verify(&old), Err(AuthError::BadToken));
        assert!(clone.verify(&keyring.sign(&claims())).is_ok());
    }

    #[test]
    fn every_cut_and_every_changed_character_is_refused() {
        let keyring = keyring(&[SECRET]);
        let token = keyring.sign(&claims());
        for at in 0..token.len() {
            assert_eq!(
                keyring.verify(&token[..at]),
                Err(AuthError::BadToken),
                "cut at {at}"
            );
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(
                keyring.verify(&changed),
                Err(AuthError::BadToken),
                "changed at {at}"
            );
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let keyring = keyring(&[SECRET]);
        let token = keyring.sign(&claims());
        let long = "a".repeat(1 << 20);
        for bad in [
            "",
            ".",
            "..",
            "a.b",
            "null",
            &format!("{token}.x"),
            &format!("{token}="),
            &long,
        ] {
            assert_eq!(keyring.verify(bad), Err(AuthError::BadToken));
        }
    }

    #[test]
    fn signed_claims_without_collection_or_with_nonsense_are_refused() {
        for json in [
            "{}",
            "[]",
            r#"{"cid":"","sid":"s","ts":9e9}"#,
            r#"{"sid":"s","ts":9e9}"#,
            r#"{"cid":"c","sid":"s"}"#,
            r#"{"cid":"c","sid":"s","ts":9e9,"mode":"owner"}"#,
            r#"{"cid":"c","sid":"s","ts":"now"}"#,
        ] {
            assert_eq!(
                keyring(&[SECRET]).verify(&sign_json(json)),
                Err(AuthError::BadToken),
                "{json}"
            );
        }
    }

    #[test]
    fn a_token_lives_for_ten_minutes_or_until_it_says() {
        let keyring = keyring(&[SECRET]);
        let now = clock::unix_now();
        let verify = |ts, exp: Option<i64>| {
            let (ts, exp) = (Seconds(ts), exp.map(Seconds));
            keyring.verify(&keyring.sign(&Claims {
                exp,
                ts,
                ..claims()
            }))
        };
        assert!(verify(now - 590, None).is_ok());
        assert_eq!(verify(now - 600, None), Err(AuthError::ExpiredToken));
        assert!(verify(now - 90_000, Some(now + 60)).is_ok());
        assert_eq!(verify(now, Some(now - 1)), Err(AuthError::ExpiredToken));
    }

    #[test]
    fn without_a_secret_there_is_no_keyring() {
        assert_eq!(Keyring::new::<&str>(&[]).unwrap_err(), KeyringError::Empty);
        assert_eq!(
            Keyring::new(&[SECRET, ""]).unwrap_err(),
            KeyringError::EmptySecret
        );
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", keyring(&[SECRET])), "Keyring(1 secrets)");
    }
}

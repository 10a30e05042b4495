//! JSON Web Tokens (RFC 7519) as session tokens, for hosts that have them already.
//!
//! The algorithm decides which keys are tried, and each kind of key serves one algorithm: a public key is never taken for a
//! secret, and `none` is no algorithm (RFC 8725, sections 3.1 and 3.2).

pub mod jwks;

use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation, decode, decode_header, errors::ErrorKind,
};
use protocol::SessionMode;
use serde::Deserialize;

use self::jwks::Jwks;
use super::{AuthError, Claims, Keyring, token::Seconds};
use crate::clock;

/// By how many seconds the clocks of the host and this service may differ where a token is not valid yet. It does not
/// lengthen the life of a token.
const CLOCK_SKEW_SECONDS: u64 = 60;

/// The longest id of a key that is looked for, in bytes.
const MAX_KEY_ID_BYTES: usize = 256;

/// Which tokens are accepted.
#[derive(Debug, Default)]
pub struct JwtSettings {
    /// Whether HS256 with the session secrets is.
    pub with_secrets: bool,
    /// The public keys for RS256 and ES256.
    pub keys: Option<Jwks>,
    /// One of these must be in `aud`; nothing need be there when empty.
    pub audiences: Vec<String>,
    /// `iss` must be one of these; anything may be there when empty.
    pub issuers: Vec<String>,
}

/// Checks JSON Web Tokens.
#[derive(Debug)]
pub struct JwtVerifier {
    settings: JwtSettings,
}

/// What a token says, by the names that hosts use.
#[derive(Deserialize)]
struct JwtClaims {
    sid: Option<String>,
    jti: Option<String>,
    oid: Option<String>,
    org: Option<String>,
    cid: String,
    int: Option<Vec<String>>,
    #[serde(default)]
    mode: SessionMode,
    sub: Option<String>,
    exp: Seconds,
    iat: Option<Seconds>,
}

impl JwtVerifier {
    /// With these settings.
    pub fn new(settings: JwtSettings) -> Self {
        Self { settings }
    }

    /// Whether a token has the form of one of these: three parts, where the other kind has two.
    pub fn is_jwt(token: &str) -> bool {
        token.matches('.').count() == 2
    }

    /// Checks signature, expiry, and for whom and by whom it was made. `secrets` are those of the other kind of token.
    pub async fn verify(&self, token: &str, secrets: &Keyring) -> Result<Claims, AuthError> {
        let header = decode_header(token).map_err(|_| AuthError::BadToken)?;
        let keys = self.keys(&header, secrets).await;
        let mut refusal = AuthError::BadToken;
        for key in keys {
            match decode::<JwtClaims>(token, &key, &self.validation(header.alg)) {
                Ok(data) => return claims(data.claims),
                // The signature was good, or it would not have come this far.
                Err(error) if *error.kind() == ErrorKind::ExpiredSignature => {
                    refusal = AuthError::ExpiredToken;
                }
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    /// The keys that may have signed it.
    async fn keys(&self, header: &Header, secrets: &Keyring) -> Vec<DecodingKey> {
        let id = header.kid.as_deref();
        // What must be understood and is not: RFC 7515, section 4.1.11.
        if header.crit.is_some() || id.is_some_and(|id| id.len() > MAX_KEY_ID_BYTES) {
            return Vec::new();
        }
        match (header.alg, &self.settings.keys) {
            (Algorithm::HS256, _) if self.settings.with_secrets => secrets.decoding_keys(),
            (Algorithm::RS256 | Algorithm::ES256, Some(keys)) => keys.find(header.alg, id).await,
            _ => Vec::new(),
        }
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp"]);
        validation.leeway = CLOCK_SKEW_SECONDS;
        // Undoes the leeway for the end of a token.
        validation.reject_tokens_expiring_in_less_than = CLOCK_SKEW_SECONDS;
        validation.validate_nbf = true;
        validation.validate_aud = !self.settings.audiences.is_empty();
        if validation.validate_aud {
            validation.set_audience(&self.settings.audiences);
            validation.required_spec_claims.insert("aud".into());
        }
        if !self.settings.issuers.is_empty() {
            validation.set_issuer(&self.settings.issuers);
            validation.required_spec_claims.insert("iss".into());
        }
        validation
    }
}

/// The same in the names of the other kind of token. Without a session it could not be revoked.
fn claims(claims: JwtClaims) -> Result<Claims, AuthError> {
    let given = |text: &String| !text.is_empty();
    let sid = claims.sid.filter(given).or(claims.jti.filter(given));
    let sid = sid.ok_or(AuthError::BadToken)?;
    if claims.cid.is_empty() {
        return Err(AuthError::BadToken);
    }
    // To the second, as for the other kind.
    if claims.exp.0 <= clock::unix_now() {
        return Err(AuthError::ExpiredToken);
    }
    Ok(Claims {
        cid: claims.cid,
        exp: Some(claims.exp),
        int: claims.int,
        mode: claims.mode,
        nonce: String::new(),
        oid: claims.oid.or(claims.org),
        sid,
        ts: claims.iat.unwrap_or(Seconds(0)),
        uid: claims.sub,
    })
}

//! What decides whether a session token is good.

use std::sync::Arc;

use super::{
    AuthError, Claims, Keyring, jwt::JwtVerifier, revocation::Revocations, token::MAX_TOKEN_BYTES,
};

/// Checks session tokens of either kind. Cheap to clone.
#[derive(Clone)]
pub struct Verifier {
    keyring: Keyring,
    jwt: Option<Arc<JwtVerifier>>,
    revocations: Revocations,
}

impl Verifier {
    /// Without `jwt` only tokens of our own kind are accepted.
    pub fn new(keyring: Keyring, jwt: Option<JwtVerifier>, revocations: Revocations) -> Self {
        Self {
            keyring,
            jwt: jwt.map(Arc::new),
            revocations,
        }
    }

    /// What a good token says.
    pub async fn verify(&self, token: &str) -> Result<Claims, AuthError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(AuthError::BadToken);
        }
        let claims = match &self.jwt {
            Some(jwt) if JwtVerifier::is_jwt(token) => jwt.verify(token, &self.keyring).await,
            _ => self.keyring.verify(token),
        }?;
        if self.revocations.contains(&claims.sid) {
            return Err(AuthError::RevokedToken);
        }
        Ok(claims)
    }
}

//! What the host's servers show: `X-API-Key`.

use std::{
    future::{Ready, ready},
    sync::{Arc, PoisonError, RwLock},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::AuthError;
use crate::error::ApiError;

/// The keys that are accepted. Only their hashes are kept, which also makes all comparisons equally long.
///
/// Clones are the same keys: what is [replaced](Self::replace) in one is replaced in all.
#[derive(Clone, Default)]
pub struct ApiKeys {
    // Held for a look, never across an await; so a plain lock.
    hashes: Arc<RwLock<Arc<[[u8; 32]]>>>,
}

impl ApiKeys {
    /// Takes the keys. Without any, nobody may use the endpoints for servers.
    pub fn new<S: AsRef<[u8]>>(keys: &[S]) -> Self {
        Self {
            hashes: Arc::new(RwLock::new(
                keys.iter().map(|key| Sha256::digest(key).into()).collect(),
            )),
        }
    }

    /// Takes over the keys of others, in place of its own.
    pub fn replace(&self, others: &Self) {
        *self.hashes.write().unwrap_or_else(PoisonError::into_inner) = others.hashes();
    }

    fn hashes(&self) -> Arc<[[u8; 32]]> {
        let hashes = self.hashes.read().unwrap_or_else(PoisonError::into_inner);
        hashes.clone()
    }

    fn accept(&self, key: &[u8]) -> Option<KeyId> {
        let hash: [u8; 32] = Sha256::digest(key).into();
        let found = self
            .hashes()
            .iter()
            .fold(subtle::Choice::from(0), |found, known| {
                found | known.ct_eq(&hash)
            });
        let id = hash.first_chunk().copied().map_or(0, u64::from_be_bytes);
        bool::from(found).then_some(KeyId(id))
    }
}

/// Tells accepted keys apart, and nothing else about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(u64);

impl KeyId {
    /// For tests.
    #[cfg(test)]
    pub(crate) const fn new(id: u64) -> Self {
        Self(id)
    }
}

/// The caller is one of the host's servers: the one with this key.
#[derive(Clone, Copy, Debug)]
pub struct ApiKey(pub KeyId);

impl FromRequest for ApiKey {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let keys = request.app_data::<web::Data<ApiKeys>>();
        let key = request.headers().get("X-API-Key");
        let accepted = keys
            .zip(key)
            .and_then(|(keys, key)| keys.accept(key.as_bytes()));
        ready(accepted.map(Self).ok_or(AuthError::BadApiKey.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_key_is_accepted() {
        let keys = ApiKeys::new(&["first", "second"]);
        assert!(keys.accept(b"first").is_some());
        assert_ne!(keys.accept(b"second"), keys.accept(b"first"));
        for key in ["", "firs", "first ", "third", "firstsecond"] {
            assert_eq!(keys.accept(key.as_bytes()), None, "{key}");
        }
        assert_eq!(ApiKeys::default().accept(b""), None);
    }
}
